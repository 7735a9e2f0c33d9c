"""Baskets with both items of the pairs that are asked for, and of no others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from training.counting.kernel import count_asked, count_towards
from training.counting.lines import BasketLines
from training.in_parts import in_parts


def counts_of_pairs(lines: BasketLines, first: NDArray[np.integer], second: NDArray[np.integer]) -> NDArray[np.int32]:
    """int32 (pairs,): baskets that held both items of each pair, ``first < second``, in any order.

    >>> lines = BasketLines.of(sparse.csr_matrix([[1, 1, 0], [1, 1, 1]]))
    >>> counts_of_pairs(lines, np.array([1, 0]), np.array([2, 1])).tolist()
    [1, 2]
    """
    order = np.argsort(first, kind="stable")
    items = len(lines.item_offsets) - 1
    starts = np.searchsorted(first[order], np.arange(items + 1)).astype(np.int64)
    others = second[order].astype(np.int32)
    met = np.zeros(len(order), np.int32)
    work = np.where(np.diff(starts) > 0, lines.meetings(), 0)

    def loop(start: int, stop: int) -> None:
        count_asked(lines.walk, starts, others, start, stop, met)

    for _ in in_parts(work, loop):
        pass
    counts = np.empty(len(order), np.int32)
    counts[order] = met
    return counts


def counts_towards(lines: BasketLines, rows: NDArray[np.integer], columns: NDArray[np.integer]) -> sparse.csr_matrix:
    """int32 (rows, columns): baskets that held both, 0 for an item and itself; columns ascending, no stored zeros.

    Parameters
    ----------
    rows, columns : different items each; columns ascending.

    >>> lines = BasketLines.of(sparse.csr_matrix([[1, 1, 0], [1, 1, 1]]))
    >>> counts_towards(lines, np.array([1]), np.array([0, 1, 2])).toarray().tolist()
    [[2, 0, 1]]
    """
    place = np.full(len(lines.item_offsets) - 1, -1, np.int32)
    place[columns] = np.arange(len(columns))
    kept = place[lines.items] >= 0
    total = np.concatenate([[0], np.cumsum(kept, dtype=np.int64)])
    offsets, places = total[lines.offsets], place[lines.items[kept]]
    work = lines.meetings()[rows]
    asked, own = rows.astype(np.int64), place[rows]

    def loop(start: int, stop: int) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
        room = int(np.minimum(work[start:stop], len(columns)).sum())
        part = slice(start, stop)
        return count_towards(
            offsets, places, lines.item_offsets, lines.of_items, asked[part], own[part], len(columns), room
        )

    nothing = np.zeros(1, np.int64), np.empty(0, np.int32), np.empty(0, np.int32)
    parts = [nothing, *(part for part, _ in in_parts(work, loop))]
    lengths, others, counts = (np.concatenate([part[side] for part in parts]) for side in range(3))
    return sparse.csr_matrix((counts, others, np.cumsum(lengths)), shape=(len(rows), len(columns)))
