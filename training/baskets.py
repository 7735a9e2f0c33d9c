"""Baskets: orders after reading and checking, encoded as arrays in the order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

NO_TIME = np.iinfo(np.int64).min
_YEAR = 365 * 86_400


@dataclass(frozen=True)
class Baskets:
    """Orders in time order (ties and orders without a time: as they came), each an item once.

    Attributes
    ----------
    item_ids : every item by row, all different.
    customer_ids : every customer by row, sorted by UTF-8 bytes; empty where the shop does not know them.
    offsets : int64 (orders + 1,), lines of order o are ``[offsets[o], offsets[o + 1])``, in the order of adding where
        the file says it (`line`), else by item id.
    items : int32 (lines,), item row.
    quantities : float32 (lines,), pieces bought and kept, above 0.
    prices : float64 (lines,), paid for a piece, shop's currency, NaN unknown.
    costs : float64 (lines,), cost of a piece, NaN unknown.
    times : int64 (orders,), seconds since 1970 in UTC, `NO_TIME` where unknown.
    customers : int32 (orders,), customer row, -1 unknown.
    countable : bool (orders,), False for giant orders: they stay in histories, but no count is made from them.
    returned : float64 (items,), pieces that came back.  sold : float64 (items,), pieces that went out.
    has_line_order : True where the order of adding is known.
    left_out : ids that the file names and no order keeps: what is no product, or was never sold in a readable line.
    timed : False where the times are only the order of the file; nothing is claimed of such times.
    """

    item_ids: Sequence[str]
    customer_ids: Sequence[str]
    offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    quantities: NDArray[np.float32]
    prices: NDArray[np.float64]
    costs: NDArray[np.float64]
    times: NDArray[np.int64]
    customers: NDArray[np.int32]
    countable: NDArray[np.bool_]
    returned: NDArray[np.float64]
    sold: NDArray[np.float64]
    has_line_order: bool = False
    left_out: frozenset[str] = frozenset()
    timed: bool = True

    def __len__(self) -> int:
        """Number of orders."""
        return len(self.offsets) - 1

    @property
    def sizes(self) -> NDArray[np.int64]:
        """int64 (orders,): different items in each order."""
        return np.diff(self.offsets)

    @property
    def has_times(self) -> bool:
        return bool(len(self)) and bool(np.all(self.times != NO_TIME))

    @property
    def has_customers(self) -> bool:
        return bool(np.any(self.customers >= 0))

    def with_file_order_as_time(self) -> Baskets:
        """The same orders as if the file held one year, evenly spread: for shops that do not tell times."""
        spread = np.arange(len(self)) * (_YEAR / max(len(self), 1))
        return replace(self, times=spread.astype(np.int64), timed=False)

    def without_money(self) -> Baskets:
        """The same orders without prices and costs, whose arrays are empty then."""
        return replace(self, prices=np.empty(0), costs=np.empty(0))

    def part(self, start: int, stop: int) -> Baskets:
        """Orders ``[start, stop)`` over the same item and customer rows."""
        first, last = self.offsets[start], self.offsets[stop]
        lines = slice(int(first), int(last))
        return replace(
            self,
            offsets=self.offsets[start : stop + 1] - first,
            items=self.items[lines],
            quantities=self.quantities[lines],
            prices=self.prices[lines],
            costs=self.costs[lines],
            times=self.times[start:stop],
            customers=self.customers[start:stop],
            countable=self.countable[start:stop],
        )

    def over(self, item_ids: Sequence[str]) -> Baskets:
        """The same orders over more items; `item_ids` are all different and hold every item of the orders.

        Raises ``KeyError`` for an item that it lacks.
        """
        row_of = {item_id: row for row, item_id in enumerate(item_ids)}
        rows = np.array([row_of[item_id] for item_id in self.item_ids], np.int32)
        returned, sold = np.zeros(len(item_ids)), np.zeros(len(item_ids))
        returned[rows], sold[rows] = self.returned, self.sold
        items = rows[self.items] if len(rows) else self.items
        return replace(self, item_ids=item_ids, items=items, returned=returned, sold=sold)

    def matrix(self) -> sparse.csr_matrix:
        """float32 (countable orders, items) of ones: who was in which basket; giant orders are left out."""
        lines = np.repeat(self.countable, self.sizes)
        items = self.items[lines]
        offsets = np.zeros(int(self.countable.sum()) + 1, np.int64)
        np.cumsum(self.sizes[self.countable], out=offsets[1:])
        shape = (len(offsets) - 1, len(self.item_ids))
        matrix = sparse.csr_matrix((np.ones(len(items), np.float32), items, offsets), shape=shape)
        matrix.sort_indices()
        return matrix
