"""Counting pairs and longer itemsets, as machine code.

Baskets are lines of ranks, rarest item first. Itemsets are grown from their rarest item: the baskets that hold an
itemset are known by places, each the place of the itemset's last item, so what may extend it is the rest of these
baskets, counted in one walk (occurrence deliver of LCM, Uno, Kiyomi & Arimura 2004). Before an itemset is grown, its
baskets are copied without the items that are too rare beside it, as a conditional FP-tree is, but flat.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled

Counts = NDArray[np.int32]
Columns = NDArray[np.int32]  # (3, n), the rows named where they are unpacked

_FIRST_ROOM = 1024


class Lines(NamedTuple):
    """Baskets by place and by item.

    Attributes
    ----------
    starts : int64 (ranks + 1,), the places of rank r are ``table[1, starts[r]:starts[r + 1]]``.
    table : int32 (3, lines): baskets one after the other, ranks rising within a basket; the places of each rank in
        these, rank by rank; where the basket of each of these places ends.
    giants : uint8 (giants, ranks), 1 where a giant basket holds an item; these baskets have no lines.
    """

    starts: NDArray[np.int64]
    table: Columns
    giants: NDArray[np.uint8]


class PairLists(NamedTuple):
    """Frequent pairs by their rarer item.

    Attributes
    ----------
    starts : int64 (ranks + 1,), the pairs of rank r are ``[starts[r], starts[r + 1])``.
    others : int32 (pairs,), the higher rank, rising within r.
    counts : int32 (pairs,), baskets with both.
    """

    starts: NDArray[np.int64]
    others: Counts
    counts: Counts


@compiled
def arrange(
    offsets: NDArray[np.int64],
    columns: Counts,
    rank: Counts,
    ordinary: NDArray[np.bool_],
    starts: NDArray[np.int64],
    table: Columns,
) -> None:
    """Fill `table` of `Lines` without sorting: by item first, then by basket.

    Parameters
    ----------
    offsets, columns : baskets as csr.  rank : int32 (items,), -1 for an item that is left out.
    ordinary : bool (baskets,), False for a basket that gets no lines.
    starts : int64 (ranks + 1,), lines of the ranks before, in ordinary baskets.
    """
    ranks, places, ends = table[0], table[1], table[2]
    baskets = len(offsets) - 1
    fill = starts.copy()
    cursor, end = np.empty(baskets, np.int32), np.empty(baskets, np.int32)
    lines = 0
    for basket in range(baskets):
        cursor[basket] = lines
        if ordinary[basket]:
            for line in range(offsets[basket], offsets[basket + 1]):
                item = rank[columns[line]]
                if item >= 0:
                    places[fill[item]] = basket
                    fill[item] += 1
                    lines += 1
        end[basket] = lines
    for item in range(len(starts) - 1):
        for line in range(starts[item], starts[item + 1]):
            basket = places[line]
            ranks[cursor[basket]] = item
            places[line] = cursor[basket]
            ends[line] = end[basket]
            cursor[basket] += 1


@compiled
def _with_room(values: Columns, used: int, more: int) -> Columns:
    """The same columns, or longer ones with the first `used` values, so that `more` have room."""
    if used + more <= values.shape[1]:
        return values
    roomier = np.empty((3, (used + more) * 3 // 2), np.int32)
    for row in range(3):
        for place in range(used):
            roomier[row, place] = values[row, place]
    return roomier


@compiled
def _met(table: Columns, first: int, last: int, counts: Counts, seen: Counts) -> int:
    """Count what follows the places ``[first, last)``; `seen` lists the different items, their number is returned."""
    ranks, places, ends = table[0], table[1], table[2]
    found = 0
    for occurrence in range(first, last):
        for line in range(places[occurrence] + 1, ends[occurrence]):
            item = ranks[line]
            if counts[item] == 0:
                seen[found] = item
                found += 1
            counts[item] += 1
    return found


@compiled
def _met_in_giants(
    giants: NDArray[np.uint8], first: int, min_count: int, counts: Counts, seen: Counts, found: int
) -> int:
    """Add the giant baskets to the counts of `_met`.

    An item that is in no other basket with `first` is frequent beside it only where as many giants as `min_count` hold
    `first`: else what was seen is all that needs a look.
    """
    holding = 0
    for giant in range(len(giants)):
        holding += giants[giant, first]
    if holding >= min_count:
        for item in range(first + 1, giants.shape[1]):
            if counts[item] == 0:
                seen[found] = item
                found += 1
    for giant in range(len(giants)):
        if giants[giant, first]:
            for place in range(found):
                counts[seen[place]] += giants[giant, seen[place]]
    return found


@compiled
def _kept(
    found: int,
    min_count: int,
    counts: Counts,
    seen: Counts,
    names: Counts,
    low: int,
    parent: int,
    rows: Columns,
    used: int,
) -> int:
    """Write the frequent ones of what `_met` found to `rows`, move them to the front of `seen`, forget the counts.

    The item that was seen as s is called ``names[low + s]``.
    """
    kept = 0
    for place in range(found):
        item = seen[place]
        if counts[item] >= min_count:
            rows[0, used + kept] = parent
            rows[1, used + kept] = names[low + item]
            rows[2, used + kept] = counts[item]
            seen[kept] = item
            kept += 1
        counts[item] = 0
    return kept


@compiled
def count_pairs(lines: Lines, first: int, last: int, min_count: int) -> Columns:
    """Frequent pairs whose rarer item is one of the ranks ``[first, last)``.

    Returns
    -------
    int32 (3, pairs): the rarer rank, rising; the other, in no order; baskets with both.
    """
    starts, table, giants = lines
    ranks = len(starts) - 1
    counts, seen, names = np.zeros(ranks, np.int32), np.empty(ranks, np.int32), np.arange(0, ranks, 1, np.int32)
    pairs = np.empty((3, _FIRST_ROOM), np.int32)
    used = 0
    for item in range(first, last):
        found = _met(table, starts[item], starts[item + 1], counts, seen)
        if len(giants):
            found = _met_in_giants(giants, item, min_count, counts, seen, found)
        pairs = _with_room(pairs, used, found)
        used += _kept(found, min_count, counts, seen, names, 0, item, pairs, used)
    return pairs[:, :used].copy()


@compiled
def _placed(room: Columns, begin: int, top: int, fill: Counts, low: int) -> int:
    """Note the places of the copied basket ``[begin, top)``; one of a single line is dropped. The new top."""
    ranks, places, ends = room[0], room[1], room[2]
    if top == begin + 1:
        return begin
    for line in range(begin, top - 1):
        place = fill[low + ranks[line]]
        places[place] = line
        ends[place] = top
        fill[low + ranks[line]] += 1
    return top


@compiled
def _copied(
    table: Columns, first: int, last: int, code: Counts, room: Columns, top: int, fill: Counts, low: int
) -> int:
    """Copy what follows the places ``[first, last)`` of `table` to `room` from `top` on; the new top.

    Items are renamed by `code`, and left out where it is below 0. ``fill[low + c]`` says where the places of code c
    begin, and then where they end; the last line of a basket has no place, since nothing follows it.
    """
    ranks, places, ends, copies = table[0], table[1], table[2], room[0]
    for occurrence in range(first, last):
        begin = top
        for line in range(places[occurrence] + 1, ends[occurrence]):
            item = code[ranks[line]]
            if item >= 0:
                copies[top] = item
                top += 1
        top = _placed(room, begin, top, fill, low)
    return top


@compiled
def _copied_giants(
    giants: NDArray[np.uint8], first: int, others: Counts, room: Columns, top: int, fill: Counts
) -> None:
    """The same for the giant baskets with `first`; item ``others[c]`` is renamed c."""
    for giant in range(len(giants)):
        if giants[giant, first]:
            begin = top
            for item in range(len(others)):
                if giants[giant, others[item]]:
                    room[0, top] = item
                    top += 1
            top = _placed(room, begin, top, fill, 0)


@compiled
def _begin(lines: Lines, pairs: PairLists, item: int, code: Counts, room: Columns, extensions: Columns) -> None:
    """Copy the baskets with `item` to an empty room, and note its pairs as what to grow.

    `extensions` are int32 (3, n): a rank, where its places in `room` begin, where they end.
    """
    start, stop = pairs.starts[item], pairs.starts[item + 1]
    others, top = pairs.others[start:stop], 0
    for place in range(len(others)):
        code[others[place]] = place
        extensions[0, place], extensions[1, place], extensions[2, place] = others[place], top, top
        top += pairs.counts[start + place]
    top = _copied(lines.table, lines.starts[item], lines.starts[item + 1], code, room, 0, extensions[2], 0)
    _copied_giants(lines.giants, item, others, room, top, extensions[2])
    for place in range(len(others)):
        code[others[place]] = -1


@compiled
def _deepen(
    grown: Columns,
    used: int,
    kept: int,
    seen: Counts,
    own: int,
    code: Counts,
    room: Columns,
    top: int,
    extensions: Columns,
    first: int,
) -> int:
    """Copy the baskets of the extension `own` to `room` from `top` on, and note what was grown from it to grow on.

    Parameters
    ----------
    used, kept : the new itemsets are ``grown[:, used:used + kept]``.  seen : their codes in the baskets of `own`.
    first : where their `extensions` begin.

    Returns
    -------
    int, the new top.
    """
    begin = top
    for place in range(kept):
        code[seen[place]] = place
        extensions[0, first + place] = grown[1, used + place]
        extensions[1, first + place], extensions[2, first + place] = begin, begin
        begin += grown[2, used + place]
    _copied(room, extensions[1, own], extensions[2, own], code, room, top, extensions[2], first)
    for place in range(kept):
        code[seen[place]] = -1
    return begin


@compiled
def _walk(
    levels: NDArray[np.int64],
    min_count: int,
    max_len: int,
    most: int,
    patience: int,
    scratch: Columns,
    room: Columns,
    extensions: Columns,
    grown: Columns,
    used: int,
) -> tuple[Columns, Columns, Columns, int, int]:
    """Grow the extensions of the first level, depth first.

    `levels` are int64 (lengths, 5): the first extension, the next one to grow, the end of the extensions, the number of
    the first, the top of the room.
    """
    code, counts, seen = scratch[0], scratch[1], scratch[2]
    level = 0
    while level >= 0 and used <= most and patience >= 0:
        low, own, high = levels[level, 0], levels[level, 1], levels[level, 2]
        number, top = levels[level, 3], levels[level, 4]
        if own == high:
            level -= 1
            continue
        levels[level, 1] += 1
        begin, end = extensions[1, own], extensions[2, own]
        if end - begin < min_count:
            continue
        patience -= end - begin
        found = _met(room, begin, end, counts, seen)
        grown = _with_room(grown, used, found)
        parent = number + own - low if level else ~(number + own)
        kept = _kept(found, min_count, counts, seen, extensions[0], low, parent, grown, used)
        if kept >= 2 and level + 4 <= max_len:
            more = 0
            for place in range(used, used + kept):
                more += grown[2, place]
            room, extensions = _with_room(room, top, more), _with_room(extensions, high, kept)
            level += 1
            levels[level, 0], levels[level, 1], levels[level, 2], levels[level, 3] = high, high, high + kept, used
            levels[level, 4] = _deepen(grown, used, kept, seen, own, code, room, top, extensions, high)
        used += kept
    return room, extensions, grown, used, patience


@compiled
def grow(
    lines: Lines, pairs: PairLists, first: int, last: int, min_count: int, max_len: int, most: int, patience: int
) -> tuple[Columns, bool]:
    """Frequent itemsets of three items and more whose rarest item is one of the ranks ``[first, last)``.

    Parameters
    ----------
    pairs : all frequent pairs.
    max_len : items of the longest, 3 or more; give no more than the longest basket has.
    most : the walk ends where there are more.
    patience : it ends, too, when it has come by so many baskets.

    Returns
    -------
    grown : int32 (3, itemsets), the itemset without its last item, which is one of these or, where the last is the
        third, ``~pair``; the rank of the last item; the baskets with all.
    whole : False where the walk ended early.
    """
    ranks = len(lines.starts) - 1
    scratch = np.zeros((3, ranks), np.int32)
    for rank in range(ranks):
        scratch[0, rank] = -1
    room, extensions = np.empty((3, _FIRST_ROOM), np.int32), np.empty((3, _FIRST_ROOM), np.int32)
    grown = np.empty((3, _FIRST_ROOM), np.int32)
    levels = np.zeros((max_len, 5), np.int64)
    used = 0
    for item in range(first, last):
        start, stop = pairs.starts[item], pairs.starts[item + 1]
        if stop - start >= 2 and used <= most and patience >= 0:
            together = 0
            for pair in range(start, stop):
                together += pairs.counts[pair]
            room, extensions = _with_room(room, 0, together), _with_room(extensions, 0, stop - start)
            _begin(lines, pairs, item, scratch[0], room, extensions)
            levels[0, 0], levels[0, 1], levels[0, 2], levels[0, 3], levels[0, 4] = 0, 0, stop - start, start, together
            room, extensions, grown, used, patience = _walk(
                levels, min_count, max_len, most, patience, scratch, room, extensions, grown, used
            )
    return grown[:, :used].copy(), used <= most and patience >= 0
