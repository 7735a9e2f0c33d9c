"""The value that so many reach, and an order: numpy's own partition takes the compiler half a minute, this a blink."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled

_PLACES = 32
_ALL_BUT_THE_SIGN = 2**31 - 1
_LANES, _ABREAST = 8, 4


@compiled
def kth_largest(values: NDArray[np.float32], k: int) -> np.float32:
    """The `k`-th largest of float32 (values,), none of them NaN.

    The `k`-th largest of the largest values of groups is no larger: so all but the few that reach it can be left aside.

    >>> float(kth_largest(np.array([3, 1, 2, 3], np.float32), 2)), float(kth_largest(np.array([5], np.float32), 1))
    (3.0, 5.0)
    """
    lanes = min(_LANES, 2 * len(values) // (3 * k))
    if lanes < 2:
        return _kth_largest(values.copy(), k)
    groups = len(values) // lanes
    tops = values[:groups].copy()
    for lane in range(1, lanes):
        others = values[lane * groups : (lane + 1) * groups]
        for group in range(groups):
            tops[group] = max(tops[group], others[group])
    bar = _kth_largest(tops, k)
    high, found = np.empty(len(values), np.float32), np.uintp(0)
    for value in values:
        high[found] = value
        found += np.uintp(value >= bar)
    return _kth_largest(high[:found], k)


@compiled
def _kth_largest(work: NDArray[np.float32], k: int) -> np.float32:
    """By quickselect (Hoare 1961), in the array itself.

    Values are exchanged whatever the comparison says (Lomuto's partition without a branch), as the processor cannot
    foresee what it says.
    """
    wanted, low, high = k - 1, 0, len(work)
    while True:
        pivot = _middle(work[low], work[(low + high) // 2], work[high - 1])
        above = low
        for place in range(low, high):
            value = work[place]
            work[place] = work[np.uintp(above)]
            work[np.uintp(above)] = value
            above += value > pivot
        if wanted < above:
            high = above
            continue
        level = above
        for place in range(above, high):
            value = work[place]
            work[place] = work[np.uintp(level)]
            work[np.uintp(level)] = value
            level += value == pivot
        if wanted < level:
            return pivot
        low = level


@compiled
def _middle(one: np.float32, other: np.float32, third: np.float32) -> np.float32:
    return max(min(one, other), min(max(one, other), third))


@compiled
def falling(scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """Places of float32 (scores,), none of them NaN, the highest score first, equal ones in their order.

    >>> falling(np.array([1, -2, 3, 1], np.float32)).tolist()
    [2, 0, 3, 1]
    """
    bits = (np.float32(0) - scores).view(np.int32)
    keys = np.empty(len(scores), np.int64)
    for place in range(len(scores)):
        risen = np.int64(bits[place])
        keys[place] = ((risen if risen >= 0 else -1 - (risen & _ALL_BUT_THE_SIGN)) << _PLACES) | place
    return rising(keys)


@compiled
def rising(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Places of a few hundred different numbers, int64 (keys,), the lowest first.

    For each is counted how many are below it: the processor does that for several at a time, and takes half as long
    as to sort them.

    >>> rising(np.array([30, 10, 20])).tolist()
    [1, 2, 0]
    """
    order = np.empty(len(keys), np.int64)
    abreast = len(keys) // _ABREAST * _ABREAST
    for place in range(0, abreast, _ABREAST):
        one, two, three, four = keys[place], keys[place + 1], keys[place + 2], keys[place + 3]
        below_one, below_two, below_three, below_four = 0, 0, 0, 0
        for other in range(len(keys)):
            key = keys[other]
            below_one += key < one
            below_two += key < two
            below_three += key < three
            below_four += key < four
        order[np.uintp(below_one)], order[np.uintp(below_two)] = place, place + 1
        order[np.uintp(below_three)], order[np.uintp(below_four)] = place + 2, place + 3
    for place in range(abreast, len(keys)):
        below = 0
        for other in range(len(keys)):
            below += keys[other] < keys[place]
        order[np.uintp(below)] = place
    return order
