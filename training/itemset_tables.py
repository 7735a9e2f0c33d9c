"""From itemsets as they are grown, each by its last item, to sorted tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.int32]
Counts = NDArray[np.int32]

_KEY_BITS = 63


def joined(parts: Sequence[Table]) -> Table:
    """The parts of `training.mining.kernel.grow`, one after the other, their numbers counted through.

    >>> first, second = np.array([[~5], [2], [9]]), np.array([[~6, 0], [3, 4], [9, 9]])
    >>> joined([first, second]).tolist()
    [[-6, -7, 1], [2, 3, 4], [9, 9, 9]]
    """
    grown = np.concatenate([np.zeros((3, 0), np.int32), *parts], axis=1)
    before = 0
    for part in parts:
        own = grown[0, before : before + part.shape[1]]
        own[own >= 0] += before
        before += part.shape[1]
    return grown


def by_length(pairs: Table, grown: Table) -> Iterator[tuple[Table, Counts]]:
    """Tables of three items, of four, …: int32 (found, length) in no order, and int32 (found,) of counts.

    Parameters
    ----------
    pairs : int32 (pairs, 2).
    grown : int32 (3, itemsets): the itemset without its last item, ``~pair`` or the number of an earlier one; the last
        item; the count.

    >>> grown = np.array([[~0, 0], [7, 8], [5, 4]], np.int32)
    >>> [(rows.tolist(), counts.tolist()) for rows, counts in by_length(np.array([[1, 2]], np.int32), grown)]
    [([[1, 2, 7]], [5]), ([[1, 2, 7, 8]], [4])]
    """
    parents, items, counts = grown
    chosen = np.flatnonzero(parents < 0)
    rest = np.flatnonzero(parents >= 0)
    shorter, places = pairs, ~parents[chosen]
    number = np.full(len(parents), -1, np.int32)  # of an itemset among those of its length
    while len(chosen):
        shorter = np.column_stack((shorter[places], items[chosen]))
        yield shorter, counts[chosen]
        number[chosen] = np.arange(len(chosen), dtype=np.int32)
        extended = number[parents[rest]]
        number[chosen] = -1
        chosen, places, rest = rest[extended >= 0], extended[extended >= 0], rest[extended < 0]


def in_order(table: Table, items: int) -> tuple[Table, NDArray[np.intp]]:
    """The same rows, ascending within and among them, and where each was.

    Parameters
    ----------
    table : int32 (rows, length).  items : above every number in it.

    >>> rows, places = in_order(np.array([[3, 1], [2, 0]], np.int32), items=4)
    >>> rows.tolist(), places.tolist()
    ([[0, 2], [1, 3]], [1, 0])
    """
    table = np.sort(table, axis=1)
    bits = max(1, int(items).bit_length())
    width = max(1, _KEY_BITS // bits)
    keys = []
    for start in range(0, table.shape[1], width):
        key = np.zeros(len(table), np.int64)
        for column in table.T[start : start + width]:
            key = (key << bits) | column
        keys.append(key)
    order = np.argsort(keys[0]) if len(keys) == 1 else np.lexsort(keys[::-1])
    return table[order], order
