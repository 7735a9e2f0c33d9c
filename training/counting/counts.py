"""Pair counts: how many baskets held both items, for every pair that met."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from training.counting.kernel import count_rows
from training.counting.lines import BasketLines
from training.in_parts import in_parts

MOST_PAIRS = 32_000_000


class PairCounts:
    """Pairs of different lines of one basket, for every pair that met, block after block of rows.

    One block is held at a time: memory does not grow with the shop.

    Parameters
    ----------
    lines : the baskets.
    most : pairs that a block has room for at most, but for a row that needs more by itself.
    """

    def __init__(self, lines: BasketLines, most: int = MOST_PAIRS) -> None:
        self.lines = lines
        self._work = lines.meetings()
        self._room = np.minimum(self._work, len(self._work))
        self._borders = _borders(self._room, most)

    def blocks(self) -> Iterator[sparse.csr_matrix]:
        """int32 (items, items) each, columns ascending, no stored zeros; other rows than its own empty.

        The diagonal is empty where no basket has an item twice.
        """
        for first, last in pairwise(self._borders):
            yield self._counted(first, last)

    def _counted(self, first: int, last: int) -> sparse.csr_matrix:
        walk, room = self.lines.walk, self._room

        def loop(start: int, stop: int) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
            rows = slice(first + start, first + stop)
            return count_rows(walk, rows.start, rows.stop, int(room[rows].sum()))

        parts = [part for part, _ in in_parts(self._work[first:last], loop)]
        items = len(room)
        offsets = np.zeros(items + 1, np.int64)
        lengths = np.concatenate([np.zeros(0, np.int64), *(part[0] for part in parts)])
        np.cumsum(lengths, out=offsets[first + 1 : last + 1])
        offsets[last + 1 :] = offsets[last]
        others = np.concatenate([np.empty(0, np.int32), *(part[1] for part in parts)])
        counts = np.concatenate([np.empty(0, np.int32), *(part[2] for part in parts)])
        return sparse.csr_matrix((counts, others, offsets), shape=(items, items))


def count_pairs(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """All pair counts at once.

    Parameters
    ----------
    matrix : (baskets, items) of ones with sorted columns, any numeric dtype; stored values are taken as ones.

    Returns
    -------
    int32 (items, items), symmetric, columns ascending, no diagonal and no stored zeros.

    >>> x = sparse.csr_matrix([[1, 1, 0], [1, 1, 1]])
    >>> count_pairs(x).toarray().tolist()
    [[0, 2, 1], [2, 0, 1], [1, 1, 0]]
    """
    return next(PairCounts(BasketLines.of(matrix), np.iinfo(np.int64).max).blocks())


def _borders(room: NDArray[np.int64], most: int) -> list[int]:
    """Rows between blocks of at most `most` pairs."""
    total = np.cumsum(room)
    borders = [0]
    while borders[-1] < len(room):
        before = int(total[borders[-1] - 1]) if borders[-1] else 0
        borders.append(max(int(np.searchsorted(total, before + most, side="right")), borders[-1] + 1))
    return borders if len(room) else [0, 0]
