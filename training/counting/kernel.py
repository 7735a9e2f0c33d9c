"""Walks through the baskets of each item, as machine code: what is met there is counted or summed.

Items of a row are summed in the order of its baskets, so a sum is the same however the rows are shared out.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled

_ONE, _TOP_SIX, _SEQUENCE = np.uint64(1), np.uint64(58), np.uint64(0x03F79D71B4CB0A89)
_PLACES = np.empty(64, np.int64)
_PLACES[[(int(_SEQUENCE) << place & (1 << 64) - 1) >> 58 for place in range(64)]] = np.arange(64)


class Walk(NamedTuple):
    """See `training.counting.lines.BasketLines`."""

    offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    item_offsets: NDArray[np.int64]
    of_items: NDArray[np.int32]


@compiled
def _taken(bits: NDArray[np.uint64], first: int, last: int, seen: NDArray[np.int32]) -> int:
    """Write the numbers of the bits that are set to `seen`, rising, and clear them; returns how many they are.

    None is set outside of the words ``[first, last]``.

    The place of the lowest bit is told by a de Bruijn sequence (Leiserson, Prokop & Randall 1998).
    """
    found = 0
    for word in range(first, last + 1):
        left = bits[word]
        while left:
            lowest = left & (~left + _ONE)
            seen[found] = word * 64 + _PLACES[(lowest * _SEQUENCE) >> _TOP_SIX]
            found += 1
            left ^= lowest
        bits[word] = 0
    return found


@compiled
def count_rows(
    walk: Walk, first: int, last: int, room: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Pairs of different lines of one basket, for the rows ``[first, last)`` and everything that they met.

    Where a basket has each item once, these are the baskets that held both.

    Parameters
    ----------
    room : pairs of these rows, at most.

    Returns
    -------
    lengths : int64 (last - first,).  others, counts : int32 (pairs,), others rising within a row.
    """
    offsets, items, item_offsets, of_items = walk
    total, seen = np.zeros(len(item_offsets) - 1, np.int32), np.empty(len(item_offsets), np.int32)
    bits = np.zeros(len(item_offsets) // 64 + 1, np.uint64)
    lengths = np.zeros(last - first, np.int64)
    others, counts = np.empty(room, np.int32), np.empty(room, np.int32)
    used = 0
    for row in range(first, last):
        lowest, highest = len(bits), -1
        for entry in range(item_offsets[row], item_offsets[row + 1]):
            basket = of_items[entry]
            if offsets[basket + 1] - offsets[basket] > 1:  # items rise within a basket
                lowest = min(lowest, items[offsets[basket]] >> 6)
                highest = max(highest, items[offsets[basket + 1] - 1] >> 6)
            for line in range(offsets[basket], offsets[basket + 1]):
                item = items[line]
                if total[item] == 0:
                    bits[item >> 6] |= _ONE << np.uint64(item & 63)
                total[item] += 1
        total[row] -= item_offsets[row + 1] - item_offsets[row]
        if total[row] == 0:
            bits[row >> 6] &= ~(_ONE << np.uint64(row & 63))
        found = _taken(bits, lowest, highest, seen)
        for place in range(found):
            item = seen[place]
            others[used + place] = item
            counts[used + place] = total[item]
            total[item] = 0
        lengths[row - first] = found
        used += found
    return lengths, others[:used].copy(), counts[:used].copy()


@compiled
def count_unlikely(
    walk: Walk,
    expected: NDArray[np.float64],
    chance: float,
    least: int,
    first: int,
    last: int,
    room: int,
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Pairs with a later item that `least` baskets held or more, and more than expected; as `count_rows` gives them.

    Parameters
    ----------
    expected : float64 (items,): with ``expected[i] * expected[j] * chance`` baskets a pair is expected; a negative one
        says that no pair with the item counts.
    """
    offsets, items, item_offsets, of_items = walk
    total, seen = np.zeros(len(item_offsets) - 1, np.int32), np.empty(len(item_offsets), np.int32)
    bits = np.zeros(len(item_offsets) // 64 + 1, np.uint64)
    lengths = np.zeros(last - first, np.int64)
    others, counts = np.empty(room, np.int32), np.empty(room, np.int32)
    used = 0
    for row in range(first, last):
        if expected[row] < 0 or item_offsets[row + 1] - item_offsets[row] < least:
            continue
        highest = -1
        for entry in range(item_offsets[row], item_offsets[row + 1]):
            basket = of_items[entry]
            last_line = offsets[basket + 1] - 1
            highest = max(highest, items[last_line] >> 6)
            for line in range(last_line, offsets[basket] - 1, -1):
                item = items[line]
                if item <= row:
                    break
                if total[item] == 0:
                    bits[item >> 6] |= _ONE << np.uint64(item & 63)
                total[item] += 1
        before = used
        for place in range(_taken(bits, row >> 6, highest, seen)):
            item = seen[place]
            both = total[item]
            total[item] = 0
            if both >= least and expected[item] >= 0 and both > expected[row] * expected[item] * chance:
                others[used], counts[used] = item, both
                used += 1
        lengths[row - first] = used - before
    return lengths, others[:used].copy(), counts[:used].copy()


@compiled
def count_asked(
    walk: Walk,
    starts: NDArray[np.int64],
    others: NDArray[np.int32],
    first: int,
    last: int,
    counts: NDArray[np.int32],
) -> None:
    """Count the baskets with both items of the given pairs of rows ``[first, last)``, each with a later item.

    Parameters
    ----------
    starts : int64 (items + 1,) and others : int32 (pairs,), as csr, no pair twice.  counts : int32 (pairs,), filled.
    """
    offsets, items, item_offsets, of_items = walk
    slot, met = np.zeros(len(item_offsets) - 1, np.int32), np.zeros(len(item_offsets), np.int32)
    for row in range(first, last):
        asked = others[starts[row] : starts[row + 1]]
        if not len(asked):
            continue
        slot[asked] = np.arange(1, len(asked) + 1)
        for entry in range(item_offsets[row], item_offsets[row + 1]):
            basket = of_items[entry]
            for line in range(offsets[basket + 1] - 1, offsets[basket] - 1, -1):
                if items[line] <= row:
                    break
                met[slot[items[line]]] += 1
        counts[starts[row] : starts[row + 1]] = met[1 : len(asked) + 1]
        slot[asked] = 0
        met[: len(asked) + 1] = 0


@compiled
def count_towards(
    offsets: NDArray[np.int64],
    places: NDArray[np.int32],
    item_offsets: NDArray[np.int64],
    of_items: NDArray[np.int32],
    rows: NDArray[np.int64],
    own: NDArray[np.int32],
    width: int,
    room: int,
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Baskets that held both a row and each of `width` items, as `count_rows` gives them.

    Parameters
    ----------
    offsets, places : lines of those items alone, by their places among them.
    own : int32 (rows,), a row's own place, -1 where it has none.
    """
    total = np.zeros(width, np.int32)
    lengths = np.zeros(len(rows), np.int64)
    others, counts = np.empty(room, np.int32), np.empty(room, np.int32)
    used = 0
    for number in range(len(rows)):
        row, before = rows[number], used
        for entry in range(item_offsets[row], item_offsets[row + 1]):
            basket = of_items[entry]
            for line in range(offsets[basket], offsets[basket + 1]):
                total[places[line]] += 1
        if own[number] >= 0:
            total[own[number]] = 0
        for place in range(width):
            if total[place]:
                others[used], counts[used] = place, total[place]
                used += 1
        total[:] = 0
        lengths[number] = used - before
    return lengths, others[:used].copy(), counts[:used].copy()


@compiled
def weigh_rows(
    walk: Walk,
    weights: NDArray[np.float32],
    starts: NDArray[np.int64],
    others: NDArray[np.int32],
    first: int,
    last: int,
    both: NDArray[np.float32],
) -> None:
    """Sum the weights of the baskets with both items into `both`, for the stored pairs of the rows ``[first, last)``.

    Parameters
    ----------
    weights : float32 (baskets,).  starts : int64 (items + 1,) and others : int32 (pairs,), as csr.
    """
    offsets, items, item_offsets, of_items = walk
    total = np.zeros(len(item_offsets) - 1, np.float32)
    for row in range(first, last):
        if starts[row] == starts[row + 1]:
            continue
        for entry in range(item_offsets[row], item_offsets[row + 1]):
            basket = of_items[entry]
            weight = weights[basket]
            for line in range(offsets[basket], offsets[basket + 1]):
                total[items[line]] += weight
        total[row] = 0
        for pair in range(starts[row], starts[row + 1]):
            both[pair] = total[others[pair]]
            total[others[pair]] = 0


@compiled
def fill_gram(walk: Walk, weights: NDArray[np.float32], first: int, last: int, gram: NDArray[np.float32]) -> None:
    """Sum the weights of the baskets with both items into ``gram[first:last]``, float32 (items, items)."""
    offsets, items, item_offsets, of_items = walk
    for row in range(first, last):
        for entry in range(item_offsets[row], item_offsets[row + 1]):
            basket = of_items[entry]
            weight = weights[basket]
            for line in range(offsets[basket], offsets[basket + 1]):
                gram[row, items[line]] += weight


@compiled
def count_given(
    walk: Walk,
    starts: NDArray[np.int64],
    others: NDArray[np.int32],
    first: int,
    last: int,
    who: NDArray[np.int32],
    most: int,
    counts: NDArray[np.integer],
) -> None:
    """Count different values of `who` among the baskets with both items, for the given pairs of rows ``[first, last)``.

    Parameters
    ----------
    walk : its baskets of an item as by `by_customer`.
    starts : int64 (items + 1,) and others : int32 (pairs,), as csr.  who : int32 (baskets,), 0 or more.
    counts : (pairs,), filled with `most` at most.
    """
    offsets, items, item_offsets, of_items = walk
    total = np.zeros(len(item_offsets) - 1, np.int32)
    latest = np.full(len(item_offsets) - 1, -1, np.int32)
    for row in range(first, last):
        if starts[row] == starts[row + 1]:
            continue
        for entry in range(item_offsets[row], item_offsets[row + 1]):
            basket = of_items[entry]
            for line in range(offsets[basket], offsets[basket + 1]):
                item = items[line]
                if latest[item] != who[basket]:
                    latest[item] = who[basket]
                    total[item] += 1
        for pair in range(starts[row], starts[row + 1]):
            counts[pair] = min(total[others[pair]], most)
        for entry in range(item_offsets[row], item_offsets[row + 1]):
            basket = of_items[entry]
            for line in range(offsets[basket], offsets[basket + 1]):
                total[items[line]] = 0
                latest[items[line]] = -1


@compiled
def by_customer(walk: Walk, order: NDArray[np.int32]) -> NDArray[np.int32]:
    """int32 (lines,): the baskets of each item in the given order of all baskets, int32 (baskets,)."""
    offsets, items, item_offsets, of_items = walk
    following, sorted_of_items = item_offsets[:-1].copy(), np.empty_like(of_items)
    for basket in order:
        for line in range(offsets[basket], offsets[basket + 1]):
            item = items[line]
            sorted_of_items[following[item]] = basket
            following[item] += 1
    return sorted_of_items


@compiled
def count_buyers(walk: Walk, who: NDArray[np.int32], most: int) -> NDArray[np.uint8]:
    """uint8 (items,): different values of `who` among the baskets of each item, `most` at most; as `count_given`."""
    _, _, item_offsets, of_items = walk
    counts = np.zeros(len(item_offsets) - 1, np.uint8)
    for item in range(len(counts)):
        found, latest = 0, -1
        for entry in range(item_offsets[item], item_offsets[item + 1]):
            if who[of_items[entry]] != latest:
                latest = who[of_items[entry]]
                found += 1
        counts[item] = min(found, most)
    return counts
