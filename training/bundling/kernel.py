"""Sets of items put together and looked for in baskets, as machine code."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled


class Lists(NamedTuple):
    """Baskets with each item, int64 (items + 1,) and int32 (lines,), rising within an item."""

    offsets: NDArray[np.int64]
    baskets: NDArray[np.int32]


class Kinds(NamedTuple):
    """Category and group of each item, int32 (items,), -1 for none, and what replaces it, as csr."""

    category: NDArray[np.int32]
    group: NDArray[np.int32]
    replaced_offsets: NDArray[np.int64]
    replaced: NDArray[np.int32]


@compiled
def count_sets(lists: Lists, sets: NDArray[np.int32], first: int, last: int, counts: NDArray[np.int64]) -> None:
    """Count the baskets with all items of each of ``sets[first:last]``, int32 (sets, width), padded with -1."""
    for place in range(first, last):
        width = 0
        while width < sets.shape[1] and sets[place, width] >= 0:
            width += 1
        shortest = sets[place, 0]
        for column in range(1, width):
            if _length(lists, sets[place, column]) < _length(lists, shortest):
                shortest = sets[place, column]
        common = _held(lists, shortest)
        for column in range(width):
            if sets[place, column] != shortest:
                common = _shared(common, _held(lists, sets[place, column]))
        counts[place] = len(common)


@compiled
def choose_boxes(
    claimed: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]],
    kinds: Kinds,
    lists: Lists,
    bounds: tuple[int, int, int],
    first: int,
    last: int,
) -> NDArray[np.int32]:
    """int32 (last - first, 4): the box under each item, itself first, padded with -1; only -1 where it is alone.

    Parameters
    ----------
    claimed : claimed neighbours of each item with their scores, as csr, best first.
    bounds : items of a box, baskets that must have held a third and a fourth part with the others, and tries, at most.
    """
    offsets, items, scores = claimed
    most, least, tries = bounds
    boxes = np.full((last - first, 4), -1, np.int32)
    towards, barred = np.full(len(offsets), -1.0), np.zeros(len(offsets), np.bool_)
    for anchor in range(first, last):
        mine = items[offsets[anchor] : offsets[anchor + 1]]
        if len(mine) < 2:
            continue
        open_rows, sums = _open(mine, scores[offsets[anchor] : offsets[anchor + 1]], kinds, anchor)
        chosen = boxes[anchor - first]
        chosen[0] = anchor
        number, left, common = 1, len(open_rows), _held(lists, anchor)
        for _ in range(tries):
            if left == 0 or number == most:
                break
            best = _best(open_rows[:left], sums[:left])
            row = open_rows[best]
            open_rows[best], sums[best] = open_rows[left - 1], sums[left - 1]
            left -= 1
            both = _shared(common, _held(lists, row))
            if number > 1 and len(both) < least:
                continue
            chosen[number] = row
            number += 1
            common = both
            _mark(kinds, row, barred, True)
            for entry in range(offsets[row], offsets[row + 1]):
                towards[items[entry]] = scores[entry]
            kept = 0
            for place in range(left):
                other = open_rows[place]
                known = towards[other] >= 0 and not barred[other] and not _in_group(kinds, other, row)
                if known and _differs(kinds.category, other, chosen[:number]):
                    open_rows[kept], sums[kept] = other, sums[place] + towards[other]
                    kept += 1
            left = kept
            _mark(kinds, row, barred, False)
            for entry in range(offsets[row], offsets[row + 1]):
                towards[items[entry]] = -1.0
    return boxes


@compiled
def _open(
    mine: NDArray[np.int32], scores: NDArray[np.float32], kinds: Kinds, anchor: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """The neighbours of another category than the anchor's, or else the best neighbour alone, and their scores."""
    rows, sums = np.empty(len(mine), np.int32), np.empty(len(mine), np.float64)
    found = 0
    for place in range(len(mine)):
        category = kinds.category[mine[place]]
        if category < 0 or category != kinds.category[anchor]:
            rows[found], sums[found] = mine[place], scores[place]
            found += 1
    if found == 0:
        best = _best(mine, scores)
        rows[0], sums[0] = mine[best], scores[best]
        found = 1
    return rows[:found], sums[:found]


@compiled
def _best(rows: NDArray[np.int32], scores: NDArray[np.floating]) -> int:
    """Place of the highest score, of equal ones that of the lowest row."""
    best = 0
    for place in range(1, len(rows)):
        if scores[place] > scores[best] or (scores[place] == scores[best] and rows[place] < rows[best]):
            best = place
    return best


@compiled
def _mark(kinds: Kinds, row: int, barred: NDArray[np.bool_], value: bool) -> None:
    for entry in range(kinds.replaced_offsets[row], kinds.replaced_offsets[row + 1]):
        barred[kinds.replaced[entry]] = value


@compiled
def _in_group(kinds: Kinds, row: int, other: int) -> bool:
    return kinds.group[row] >= 0 and kinds.group[row] == kinds.group[other]


@compiled
def _differs(category: NDArray[np.int32], row: int, chosen: NDArray[np.int32]) -> bool:
    differs = True
    for other in chosen:
        differs &= category[row] < 0 or category[other] != category[row]
    return differs


@compiled
def _length(lists: Lists, row: int) -> int:
    return lists.offsets[row + 1] - lists.offsets[row]


@compiled
def _held(lists: Lists, row: int) -> NDArray[np.int32]:
    return lists.baskets[lists.offsets[row] : lists.offsets[row + 1]]


@compiled
def _shared(first: NDArray[np.int32], second: NDArray[np.int32]) -> NDArray[np.int32]:
    """What two rising arrays share: each value of the shorter is looked for in what is left of the longer."""
    if len(first) > len(second):
        first, second = second, first
    both = np.empty(len(first), np.int32)
    found, start = 0, 0
    for value in first:
        step = 1
        while start + step < len(second) and second[start + step] < value:
            step *= 2
        low, high = start + step // 2, min(start + step + 1, len(second))
        while low < high:
            middle = (low + high) // 2
            if second[middle] < value:
                low = middle + 1
            else:
                high = middle
        start = low
        if start == len(second):
            break
        if second[start] == value:
            both[found] = value
            found += 1
    return both[:found]
