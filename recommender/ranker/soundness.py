"""Walks over the large arrays of a model that ask whether they agree; each reads them once and copies nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled


@compiled
def rises(values: NDArray[Any], offsets: NDArray[np.int64]) -> bool:
    """Whether a value is larger than the one before it in its row.

    >>> rises(np.array([3, 2, 4], np.float32), np.array([0, 2, 3]))
    False
    """
    for row in range(len(offsets) - 1):
        for place in range(offsets[row] + 1, offsets[row + 1]):
            if values[np.uintp(place)] > values[np.uintp(place - 1)]:
                return True
    return False


@compiled
def unsorted(text: NDArray[np.uint8], offsets: NDArray[np.int64]) -> bool:
    """Whether the bytes of a row, uint8 (bytes,), do not come after those of the row before it.

    >>> unsorted(np.frombuffer(b"aabb", np.uint8), np.array([0, 1, 3, 4]))
    False
    >>> unsorted(np.frombuffer(b"aba", np.uint8), np.array([0, 2, 3]))
    True
    """
    for row in range(1, len(offsets) - 1):
        before, start = offsets[row - 1], offsets[row]
        shorter = min(start - before, offsets[row + 1] - start)
        place = 0
        while place < shorter and text[np.uintp(before + place)] == text[np.uintp(start + place)]:
            place += 1
        if place < shorter:
            if text[np.uintp(before + place)] > text[np.uintp(start + place)]:
                return True
        elif shorter == offsets[row + 1] - start:
            return True
    return False


@compiled
def stalls(values: NDArray[Any], offsets: NDArray[np.int64]) -> bool:
    """Whether a value is not larger than the one before it in its row.

    >>> stalls(np.array([3, 4, 4], np.int32), np.array([0, 2, 3]))
    False
    """
    for row in range(len(offsets) - 1):
        for place in range(offsets[row] + 1, offsets[row + 1]):
            if values[np.uintp(place)] <= values[np.uintp(place - 1)]:
                return True
    return False


@compiled
def holds_itself(items: NDArray[np.int32], offsets: NDArray[np.int64]) -> bool:
    """Whether the row of an item holds the item, int32 (entries,).

    >>> holds_itself(np.array([1, 1], np.int32), np.array([0, 1, 2]))
    True
    """
    for row in range(len(offsets) - 1):
        for place in range(offsets[row], offsets[row + 1]):
            if items[np.uintp(place)] == row:
                return True
    return False


@compiled
def meets_too_often(
    orders: NDArray[np.int32], counts: NDArray[np.int32], items: NDArray[np.int32], offsets: NDArray[np.int64]
) -> bool:
    """Whether an item met another in more baskets, int32 (entries,), than one of them was in, int32 (items,).

    >>> orders, offsets = np.array([3, 2], np.int32), np.array([0, 1, 2])
    >>> meets_too_often(orders, np.array([2, 2], np.int32), np.array([1, 0], np.int32), offsets)
    False
    """
    for row in range(len(offsets) - 1):
        for place in range(offsets[row], offsets[row + 1]):
            count = counts[np.uintp(place)]
            if count > orders[row] or count > orders[np.uintp(items[np.uintp(place)])]:
                return True
    return False


@compiled
def tallied(rows: NDArray[np.int32], number: int) -> NDArray[np.int64]:
    """int64 (number,): how often each row occurs; numpy would widen all of them first.

    >>> tallied(np.array([1, 1, 0], np.int32), 3).tolist()
    [1, 2, 0]
    """
    counts = np.zeros(number, np.int64)
    for place in range(len(rows)):
        counts[np.uintp(rows[place])] += 1
    return counts
