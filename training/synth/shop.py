"""The shop that new orders are made after: its orders, by customer and by item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.errors import DataError, UsageError
from training.baskets import NO_TIME, Baskets
from training.encode import encode_as_is
from training.read import open_orders
from training.views import place_of


@dataclass(frozen=True)
class Shop:
    """Orders of one customer after the other, each in the order of time; without customers, each order is its own.

    Attributes
    ----------
    item_ids : every item by row.
    offsets : int64 (orders + 1,), lines of order o are ``[offsets[o], offsets[o + 1])``, an item once.
    items : int32 (lines,).  quantities : float32 (lines,).  prices : float64 (lines,), NaN unknown.
    times : int64 (orders,), seconds since 1970, or nothing where the shop does not tell times.
    customers : int64 (customers + 1,), orders of customer c are ``[customers[c], customers[c + 1])``.
    has_customers : False where each order is its own.
    """

    item_ids: Sequence[str]
    offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    quantities: NDArray[np.float32]
    prices: NDArray[np.float64]
    times: NDArray[np.int64]
    customers: NDArray[np.int64]
    has_customers: bool

    def __len__(self) -> int:
        """Number of orders."""
        return len(self.offsets) - 1

    @property
    def sizes(self) -> NDArray[np.int64]:
        """int64 (orders,): items of each."""
        return np.diff(self.offsets)

    @cached_property
    def order_of(self) -> NDArray[np.int32]:
        """int32 (lines,): the order of every line."""
        return np.repeat(np.arange(len(self), dtype=np.int32), self.sizes)

    @cached_property
    def by_item(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """int64 (items + 1,) and int32 (lines,): the lines of every item."""
        offsets = np.zeros(len(self.item_ids) + 1, np.int64)
        np.cumsum(np.bincount(self.items, minlength=len(self.item_ids)), out=offsets[1:])
        return offsets, np.argsort(self.items, kind="stable").astype(np.int32)


def read_shop(source: Any, columns: dict[str, str], most_items: int | None = None) -> Shop:
    """The shop of an orders file as it is.

    Orders without a customer are left out where most have one, and customers are where most orders have none.

    Parameters
    ----------
    most_items : keep only so many, those in the most orders.

    Raises
    ------
    DataError
        Where the file cannot be read, or no line has an order id and an item id.
    """
    raw = open_orders(source, columns)
    baskets = encode_as_is(raw)
    if not len(baskets):
        raise DataError(f"{place_of(source)}: none of {raw.lines:,} lines has an order id and an item id")
    return shop_of(baskets, most_items)


def shop_of(baskets: Baskets, most_items: int | None = None) -> Shop:
    """The shop of these orders; see `read_shop`."""
    kept_items = _most_bought(baskets, most_items)
    known = baskets.customers >= 0
    has_customers = bool(2 * known.sum() > len(baskets))
    kept_lines = kept_items[baskets.items] & np.repeat(known | (not has_customers), baskets.sizes)
    sizes = _sums(kept_lines, baskets.offsets)
    order = np.argsort(baskets.customers if has_customers else np.arange(len(baskets)), kind="stable")
    order = order[sizes[order] > 0]
    lines = _lines_of(order, baskets.offsets)
    lines = lines[kept_lines[lines]]
    offsets = np.zeros(len(order) + 1, np.int64)
    np.cumsum(sizes[order], out=offsets[1:])
    rows = np.cumsum(kept_items, dtype=np.int32) - 1
    owner = baskets.customers[order] if has_customers else np.arange(len(order))
    starts = np.flatnonzero(np.concatenate(([True], owner[1:] != owner[:-1], [True])))
    timed = len(order) > 0 and bool((baskets.times != NO_TIME).all())
    return Shop(
        item_ids=[item_id for item_id, kept in zip(baskets.item_ids, kept_items, strict=True) if kept],
        offsets=offsets,
        items=rows[baskets.items[lines]],
        quantities=baskets.quantities[lines],
        prices=baskets.prices[lines],
        times=baskets.times[order] if timed else np.zeros(0, np.int64),
        customers=starts.astype(np.int64),
        has_customers=has_customers,
    )


def _most_bought(baskets: Baskets, most: int | None) -> NDArray[np.bool_]:
    items = len(baskets.item_ids)
    if most is not None and most < 1:
        raise UsageError(f"{most} items: give 1 or more (--items)")
    kept = np.ones(items, np.bool_)
    if most is not None and most < items:
        counts = np.bincount(baskets.items, minlength=items)
        kept[np.argsort(-counts, kind="stable")[most:]] = False
    return kept


def _sums(values: NDArray[np.bool_], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    total = np.concatenate(([0], np.cumsum(values, dtype=np.int64)))
    return total[offsets[1:]] - total[offsets[:-1]]


def _lines_of(orders: NDArray[np.intp], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """All lines of some orders, in their order."""
    sizes = (offsets[1:] - offsets[:-1])[orders]
    starts = np.cumsum(sizes) - sizes
    return np.arange(int(sizes.sum())) + np.repeat(offsets[orders] - starts, sizes)
