"""Fifths, names and who is to be won back, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from training.customers.segments import SEGMENTS, segment_of, to_win_back


@pytest.mark.parametrize(
    ("recency", "frequency", "monetary", "orders", "name"),
    [
        (5, 4, 4, 9, "champions"),
        (4, 5, 3, 9, "loyal"),
        (3, 4, 5, 9, "loyal"),
        (4, 2, 5, 1, "new"),
        (3, 2, 5, 1, "promising"),
        (5, 3, 5, 2, "promising"),
        (2, 4, 1, 9, "at-risk"),
        (1, 1, 4, 1, "at-risk"),
        (2, 3, 3, 2, "lost"),
        (5, 5, 0, 9, "champions"),
        (1, 3, 0, 2, "lost"),
    ],
)
def test_names(recency: int, frequency: int, monetary: int, orders: int, name: str) -> None:
    found = segment_of(np.array([recency]), np.array([frequency]), np.array([monetary]), np.array([float(orders)]))

    assert SEGMENTS[found[0]] == name


def test_no_name_without_times() -> None:
    assert segment_of(np.array([0]), np.array([5]), np.array([5]), np.array([9.0])).tolist() == [-1]


def test_who_was_worth_much_and_is_gone_is_won_back() -> None:
    nan = float("nan")
    people = [
        (0.49, 1.0, 2, 4, 10.0, True),
        (0.50, 3.0, 1, 5, 10.0, False),
        (0.99, 3.1, 1, 5, 10.0, True),
        (nan, 3.1, 1, 5, 10.0, True),
        (0.10, 9.0, 3, 5, 10.0, False),
        (0.10, 9.0, 1, 3, 10.0, False),
        (0.10, 9.0, 1, 5, -1.0, False),
        (0.10, 9.0, 1, 5, nan, False),
    ]
    alive, overdue, recency, monetary, profit, wanted = (np.array(column) for column in zip(*people, strict=True))

    assert to_win_back(alive, overdue, recency, monetary, profit).tolist() == wanted.tolist()
