"""In what company an item is bought: two items of one company serve one need, or go together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.ranker.compiled import compiled
from training.counting import PairCounts
from training.in_parts import in_parts

_OTHERS = 3000
_LEAST_MEETINGS = 30


class Contexts:
    """The company of some items: the shares of their meetings with each of the 3,000 most sold items.

    Parameters
    ----------
    rows : int64, items in question, ascending.
    """

    def __init__(self, counts: PairCounts, rows: NDArray[np.int64]) -> None:
        orders = counts.lines.item_orders
        head = np.sort(np.lexsort((np.arange(len(orders)), -orders))[:_OTHERS])
        met = sparse.csr_matrix((len(rows), len(head)))
        for block in counts.blocks() if len(rows) else ():
            met = met + block[rows][:, head]
        meetings = np.asarray(met.sum(axis=1)).ravel()
        shares = sparse.csr_matrix(met.multiply(1 / np.maximum(meetings, 1.0)[:, None]))
        self._roots = shares.sqrt().astype(np.float32)
        self._roots.sort_indices()
        self._others, self._meetings = len(head), meetings
        self._place = np.full(len(orders), -1)
        self._place[rows] = np.arange(len(rows))

    def likeness(self, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.float64]:
        """float64 (pairs,), 0 to 1: ``sum of sqrt(share * share')`` over the others (Bhattacharyya 1943).

        NaN where one of the two met others fewer than thirty times: then its company is not known.
        """
        left, right = self._place[first], self._place[second]
        alike = np.zeros(len(first), np.float32)
        roots = self._roots

        def loop(start: int, stop: int) -> None:
            part = slice(start, stop)
            _sum_products(roots.indptr, roots.indices, roots.data, self._others, left[part], right[part], alike[part])

        for _ in in_parts(np.diff(roots.indptr)[right], loop):
            pass
        unknown = np.minimum(self._meetings[left], self._meetings[right]) < _LEAST_MEETINGS
        return np.where(unknown, np.nan, alike.astype(np.float64))


@compiled
def _sum_products(
    starts: NDArray[np.integer],
    others: NDArray[np.integer],
    roots: NDArray[np.float32],
    width: int,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    sums: NDArray[np.float32],
) -> None:
    """Sum the products of two rows of a csr matrix, in the order of its columns, for each pair of them.

    Quick where pairs of one left row follow each other.
    """
    held = np.zeros(width, np.float32)
    for pair in range(len(left)):
        row, other = left[pair], right[pair]
        if pair == 0 or row != left[pair - 1]:
            held[:] = 0
            for entry in range(starts[row], starts[row + 1]):
                held[others[entry]] = roots[entry]
        total = np.float32(0)
        for entry in range(starts[other], starts[other + 1]):
            total += held[others[entry]] * roots[entry]
        sums[pair] = total
