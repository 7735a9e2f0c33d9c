"""In what company an item is bought: two items of one company serve one need, or go together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from training.counting import BasketLines
from training.counting.asked import counts_towards
from training.row_products import row_products

_OTHERS = 3000
_LEAST_MEETINGS = 30


class Contexts:
    """The company of some items: the shares of their meetings with each of the 3,000 most sold items.

    Parameters
    ----------
    rows : int64, items in question, ascending.
    """

    def __init__(self, lines: BasketLines, rows: NDArray[np.int64]) -> None:
        orders = lines.item_orders
        head = np.sort(np.lexsort((np.arange(len(orders)), -orders))[:_OTHERS])
        met = counts_towards(lines, rows, head).astype(np.float64)
        meetings = np.asarray(met.sum(axis=1)).ravel()
        shares = sparse.csr_matrix(met.multiply(1 / np.maximum(meetings, 1.0)[:, None]))
        self._roots = shares.sqrt().astype(np.float32)
        self._roots.sort_indices()
        self._meetings = meetings
        self._place = np.full(len(orders), -1)
        self._place[rows] = np.arange(len(rows))

    def likeness(self, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.float64]:
        """float64 (pairs,), 0 to 1: ``sum of sqrt(share * share')`` over the others (Bhattacharyya 1943).

        NaN where one of the two met others fewer than thirty times: then its company is not known.
        """
        left, right = self._place[first], self._place[second]
        alike = row_products(self._roots, left, right)
        unknown = np.minimum(self._meetings[left], self._meetings[right]) < _LEAST_MEETINGS
        return np.where(unknown, np.nan, alike.astype(np.float64))
