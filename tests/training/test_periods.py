"""Periods of time: how many, and where their borders lie."""

from __future__ import annotations

from dataclasses import replace
from math import isqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_shops import baskets_of

from training.periods import period_borders, periods_of


@pytest.mark.parametrize(
    ("orders", "periods"), [(0, 1), (1, 1), (35, 1), (36, 2), (900, 10), (129_600, 120), (10**6, 120)]
)
def test_a_third_of_the_root_of_all_orders(orders: int, periods: int) -> None:
    borders = period_borders(np.arange(orders), 120)

    assert len(borders) - 1 == (periods if orders else 0)
    assert orders == 0 or set(np.diff(borders).tolist()) <= {orders // periods, orders // periods + 1}


@given(st.lists(st.integers(0, 60), min_size=1, max_size=600).map(sorted), st.integers(1, 20))
def test_a_time_lies_in_one_period(times: list[int], most: int) -> None:
    borders = period_borders(np.array(times), most).tolist()

    assert borders[0] == 0
    assert borders[-1] == len(times)
    assert borders == sorted(set(borders))
    assert len(borders) - 1 <= min(most, max(isqrt(len(times)) // 3, 1))
    assert all(times[border - 1] < times[border] for border in borders[1:-1])


def test_periods_are_those_of_countable_baskets_with_times() -> None:
    baskets = baskets_of([[0]] * 50)
    giants = replace(baskets, countable=np.arange(50) >= 10)

    assert periods_of(giants, 120).tolist() == [0, 20, 40]  # type: ignore[union-attr]  # it has times
    assert periods_of(giants, 1).tolist() == [0, 40]  # type: ignore[union-attr]  # it has times
    assert periods_of(giants.with_file_order_as_time(), 120) is None
