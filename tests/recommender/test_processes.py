"""Parts over processes: in their order, each once, and nothing is left behind whatever happens."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.errors import DataError, StoreError
from recommender.processes import in_order, usable_cores


def nobody_is_left() -> bool:
    return not multiprocessing.active_children()


@given(st.lists(st.integers(0, 3), max_size=30), st.integers(1, 4))
@settings(max_examples=15, deadline=None)
def test_results_come_in_the_order_of_the_parts(pauses: list[int], workers: int):
    def slow(numbered: tuple[int, int]) -> int:
        time.sleep(numbered[1] / 1000)
        return numbered[0]

    assert list(in_order(slow, enumerate(pauses), workers)) == list(range(len(pauses)))
    assert nobody_is_left()


def test_several_processes_work():
    pids = set(in_order(lambda _: os.getpid() if not time.sleep(0.01) else 0, range(20), 3))
    assert len(pids) == 3
    assert os.getpid() not in pids


@pytest.mark.parametrize(("parts", "workers"), [(0, 3), (1, 3), (9, 1)])
def test_no_process_is_started_for_what_one_can_do(parts: int, workers: int):
    assert set(in_order(lambda _: os.getpid(), range(parts), workers)) <= {os.getpid()}


def test_large_parts_and_large_results_do_not_block_each_other():
    parts = [bytes([number]) * 3_000_000 for number in range(8)]
    assert list(in_order(lambda part: part * 2, parts, 2)) == [part * 2 for part in parts]


def test_parts_are_not_read_far_ahead():
    read: list[int] = []

    def parts() -> Iterator[int]:
        for number in range(200):
            read.append(number)
            yield number

    results = in_order(lambda number: time.sleep(0.2 if number == 0 else 0) or number, parts(), 2)
    assert next(results) == 0
    assert len(read) < 20
    results.close()
    assert nobody_is_left()


def test_the_first_part_that_fails_is_told():
    def fails(number: int) -> int:
        if number in {5, 6}:
            time.sleep(0.1 if number == 5 else 0)
            raise DataError(f"line {number}")
        return number

    found: list[int] = []
    with pytest.raises(DataError, match="line 5"):
        found.extend(in_order(fails, range(50), 2))
    assert found == [0, 1, 2, 3, 4]
    assert nobody_is_left()


def test_a_process_that_dies_is_an_error_and_not_a_wait_for_ever():
    def dies(number: int) -> int:
        if number == 7:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    with pytest.raises(StoreError, match=r"a process of 3 died \(exit code -9\)"):
        list(in_order(dies, range(50), 3))
    assert nobody_is_left()


def test_cores():
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)
