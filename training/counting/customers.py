"""How many customers are behind the baskets with an item, or with a pair of items.

A basket without a customer counts as a customer of its own; so does every basket of a shop that knows no customers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.model import MOST_CUSTOMERS
from training.counting.kernel import Walk, by_customer, count_buyers, count_given
from training.counting.lines import BasketLines
from training.in_parts import in_parts


class Buyers:
    """Who bought which items, to count different customers with.

    Parameters
    ----------
    order_customers : int32 (baskets,), customer row of each basket, -1 unknown; None where the shop knows none.

    Raises
    ------
    ValueError
        If `order_customers` has not one entry a basket.
    """

    def __init__(self, lines: BasketLines, order_customers: NDArray[np.int32] | None) -> None:
        self.order_customers = order_customers
        self._item_orders, self._meetings = lines.item_orders, lines.meetings()
        if order_customers is None:
            return
        if len(order_customers) != len(lines.sizes):
            raise ValueError(f"order_customers: {len(order_customers):,} entries for {len(lines.sizes):,} baskets")
        unknown = order_customers < 0
        own = int(order_customers.max(initial=-1)) + np.cumsum(unknown)
        self._who = np.where(unknown, own, order_customers).astype(np.int32)
        order = np.argsort(self._who, kind="stable").astype(np.int32)
        of_items = by_customer(lines.walk, order)
        self._walk = Walk(lines.offsets, lines.items, lines.item_offsets, of_items)

    def of_items(self) -> NDArray[np.uint8]:
        """uint8 (items,): different customers of each item, `MOST_CUSTOMERS` of more."""
        if self.order_customers is None:
            return up_to_most(self._item_orders)
        return count_buyers(self._walk, self._who, MOST_CUSTOMERS)

    def beside(
        self, starts: NDArray[np.int64], others: NDArray[np.int32], counts: NDArray[np.integer]
    ) -> NDArray[np.uint8]:
        """uint8 (pairs,): different customers that bought both items in one basket, `MOST_CUSTOMERS` of more.

        Parameters
        ----------
        starts : int64 (items + 1,) and others : int32 (pairs,), different pairs as csr.
        counts : (pairs,), baskets with both.
        """
        if self.order_customers is None:
            return up_to_most(counts)
        customers = np.empty(len(others), np.uint8)
        self._fill(starts, others, customers, MOST_CUSTOMERS)
        return customers

    def of_pairs(self, rows: NDArray[np.int32], columns: NDArray[np.int32]) -> NDArray[np.int32]:
        """int32 (pairs,): the same of different pairs sorted by row, however many; of a shop that knows customers.

        >>> from scipy import sparse
        >>> lines = BasketLines.of(sparse.csr_matrix([[1, 1], [1, 1], [1, 1]]))
        >>> Buyers(lines, np.array([4, 4, -1])).of_pairs(np.array([0]), np.array([1])).tolist()
        [2]
        """
        starts = np.searchsorted(rows, np.arange(len(self._meetings) + 1)).astype(np.int64)
        customers = np.empty(len(rows), np.int32)
        self._fill(starts, columns, customers, np.iinfo(np.int32).max)
        return customers

    def _fill(
        self, starts: NDArray[np.int64], others: NDArray[np.int32], customers: NDArray[np.integer], most: int
    ) -> None:
        others = np.ascontiguousarray(others, np.int32)
        work = np.where(np.diff(starts) > 0, self._meetings, 0)

        def loop(first: int, last: int) -> None:
            count_given(self._walk, starts, others, first, last, self._who, most, customers)

        for _ in in_parts(work, loop):
            pass


def up_to_most(customers: NDArray[np.integer]) -> NDArray[np.uint8]:
    """The numbers as a model keeps them.

    >>> up_to_most(np.array([7, 255, 1000])).tolist()
    [7, 255, 255]
    """
    return np.minimum(customers, MOST_CUSTOMERS).astype(np.uint8)
