"""Training where memory is short: a refusal in a line with the estimate, before the work and not a kill after."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from recommender.errors import UsageError
from training import pipeline, room
from training.config import Config
from training.kernels import made_up_orders
from training.progress import Progress

GOESWITH = str(Path(sys.executable).with_name("goeswith"))
MIB = 1 << 20


@pytest.mark.parametrize("megabytes", [1100, 1250, 1500])
def test_under_a_limit_of_address_space(tmp_path: Path, megabytes: int) -> None:
    pq.write_table(made_up_orders(), tmp_path / "orders.parquet")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes * MIB, megabytes * MIB))

    command = [GOESWITH, "train", tmp_path / "orders.parquet", "--store", tmp_path / "store"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240, preexec_fn=limit)

    assert done.returncode in {2, 3}, done.stderr
    assert re.search(
        r"GiB more(?: to be read)?, and [\d.]+ GiB are free|more memory or disk|the memory ran out", done.stderr
    )
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "store").glob("versions/*"))


@pytest.mark.parametrize("command", ["check", "mine", "train"])
@pytest.mark.parametrize("megabytes", [150, 400, 800])
def test_a_limit_in_which_the_libraries_cannot_be_loaded(tmp_path: Path, command: str, megabytes: int) -> None:
    """They would crash, or wait for ever, halfway through."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes * MIB, megabytes * MIB))

    words = [GOESWITH, command, tmp_path / "orders.csv"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60, preexec_fn=limit)

    assert done.returncode == 2, done.stderr
    assert done.stderr == (
        "error: the libraries of training need 820 MiB of addresses to be loaded, and the limit is"
        f" {megabytes} MiB: raise it (ulimit -v)\n"
    )


def test_the_doctor_under_a_limit_of_address_space(tmp_path: Path) -> None:
    """A library that cannot have its threads would end the process halfway."""
    pq.write_table(made_up_orders(), tmp_path / "orders.parquet")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (1200 * MIB, 1200 * MIB))

    command = [GOESWITH, "check", tmp_path / "orders.parquet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240, preexec_fn=limit)

    assert done.returncode == 2, done.stderr
    assert re.search(r"orders need .*GiB more to be read, and [\d.]+ GiB are free", done.stderr)


@pytest.fixture
def small_group() -> Iterator[Path]:
    """A control group of little memory below this process's own, where the machine allows it."""
    lines = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    inside = {kinds: path.strip("/") for _, kinds, path in lines}
    mount = Path("/sys/fs/cgroup")
    old, new = mount / "memory" / inside.get("memory", ""), mount / inside.get("", "")
    below, limit = (old, "memory.limit_in_bytes") if "memory" in inside else (new, "memory.max")
    group = below / f"goeswith-{os.getpid()}"
    try:
        group.mkdir()
    except OSError as error:
        pytest.skip(f"a control group cannot be made here: {error.strerror}")
    try:
        (group / limit).write_text(str(400 * MIB))
        yield group
    except OSError as error:
        pytest.skip(f"a control group gets no limit here: {error.strerror}")
    finally:
        group.rmdir()


def test_under_a_limit_of_a_control_group(tmp_path: Path, small_group: Path) -> None:
    """The limit is seen beforehand: nobody is killed."""
    pq.write_table(made_up_orders(), tmp_path / "orders.parquet")

    def join() -> None:
        (small_group / "cgroup.procs").write_text("0")

    command = [GOESWITH, "train", tmp_path / "orders.parquet", "--store", tmp_path / "store"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240, preexec_fn=join)

    assert done.returncode == 2, done.stderr
    assert re.search(r"orders need 0\.6 GiB more to be read, and 0\.[0-3] GiB are free", done.stderr)
    assert not list((tmp_path / "store").glob("versions/*"))


def test_the_refusal_tells_the_estimate_what_is_free_and_what_would_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "free_memory", lambda: 717 * MIB)
    with pytest.raises(UsageError) as refused:
        room.refuse_unless_room(1_000_000, 50_000, Config())
    told = str(refused.value)
    assert re.search(r"on 1,000,000 lines of 50,000 items needs about 1\.\d GiB more, and 0\.7 GiB are free", told)
    assert "--set ranker.carts=4000" in told
    assert refused.value.exit_code == 2


def test_the_estimate_is_asked_before_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "free_memory", lambda: room.LEAST + MIB)
    monkeypatch.setattr(room, "needed_memory", lambda *_: room.LEAST + 2 * MIB)
    monkeypatch.setattr(pipeline, "rehearse", lambda *_: pytest.fail("the work began"))
    with pytest.raises(UsageError, match=r"training on [34],\d{3} lines of 40 items needs about 0\.6 GiB more"):
        pipeline.run(made_up_orders(), None, Config(), Progress(quiet=True))


def test_nothing_is_read_where_there_is_room_for_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(room, "free_memory", lambda: room.LEAST - 1)
    with pytest.raises(UsageError, match=r"orders need 0\.6 GiB more to be read, and 0\.6 GiB are free"):
        pipeline.run(tmp_path / "not-there.csv", None, Config(), Progress(quiet=True))


def test_addresses_that_threads_would_need_are_asked_for_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where they ran out halfway, a library would end the process."""
    monkeypatch.setattr(room, "free_memory", lambda: room.LEAST)
    monkeypatch.setattr(room, "free_addresses", lambda: 717 * MIB)
    with pytest.raises(
        UsageError, match=r"addresses for 1\.0 GiB more to be read, and 0\.7 GiB are free: raise the limit"
    ):
        pipeline.run(tmp_path / "not-there.csv", None, Config(), Progress(quiet=True))


def test_the_remedies_are_remedies() -> None:
    """Each lowers the estimate, and an estimate grows with what it is made of."""
    usual = room.needed_memory(1_000_000, 50_000, Config())
    fewer = Config.model_validate({"ranker": {"carts": 4000}})
    smaller = Config.model_validate({"count": {"ease_items": 1000}})
    assert room.needed_memory(1_000_000, 50_000, fewer) < usual
    assert room.needed_memory(1_000_000, 50_000, smaller) < usual
    assert room.needed_memory(500_000, 50_000, Config()) < usual < room.needed_memory(2_000_000, 50_000, Config())
    assert room.needed_memory(1_000_000, 2_000, Config()) < usual


def test_memory_that_runs_out_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(pipeline, "rehearse", full)
    with pytest.raises(UsageError, match="the memory ran out; nothing was published"):
        pipeline.run(made_up_orders(), None, Config(), Progress(quiet=True))
