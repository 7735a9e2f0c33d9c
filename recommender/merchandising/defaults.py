"""Exclusions that every shop wants: what may be sold, and what a customer bought lately and will not need again."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from recommender.catalog import Catalog
from recommender.customers import Customers
from recommender.merchandising.policy import Defaults
from recommender.model import Model
from recommender.newcomers import FEW_ORDERS
from recommender.ranker.signals import ITEM_SIGNALS

_REPEAT = ITEM_SIGNALS.index("repeat")
_SECONDS_A_DAY = 86_400


def may_be_sold(catalog: Catalog, defaults: Defaults) -> NDArray[np.bool_]:
    """bool (items,): for sale, in stock as far as the stock is known, and not given away, as far as that is asked."""
    allowed = np.ones(len(catalog), np.bool_)
    for _, left_out in unsellable(catalog, defaults):
        allowed &= ~left_out
    return allowed


def unsellable(catalog: Catalog, defaults: Defaults) -> list[tuple[str, NDArray[np.bool_]]]:
    """Why items may not be sold, with bool (items,) of those that it keeps away."""
    asked = (
        (defaults.inactive, "not active", catalog.active == 0),
        (defaults.out_of_stock, "out of stock", catalog.stock <= 0),
        (defaults.out_of_stock, f"fewer than {defaults.min_stock:g} in stock", catalog.stock < defaults.min_stock),
        (defaults.price_zero, "price 0", catalog.price == 0),
    )
    return [(why, left_out) for on, why, left_out in asked if on]


class BoughtRecently:
    """What customers bought lately of items that are seldom bought again; of fewer than five orders nobody can tell."""

    def __init__(self, model: Model, customers: Customers | None, defaults: Defaults) -> None:
        told = customers is not None and model.manifest.window.get("last") is not None
        self._customers = customers if told and defaults.bought_recently else None
        self._seconds = int(defaults.recent_days * _SECONDS_A_DAY)
        if self._customers is not None:
            seldom = (model.item_signals[:, _REPEAT] < defaults.rebought_share) & (model.item_orders >= FEW_ORDERS)
            lines = np.flatnonzero(seldom[self._customers.items])
            offsets = np.searchsorted(lines, self._customers.offsets)
            columns = (offsets, self._customers.times[lines], self._customers.items[lines])
            self._offsets, self._times, self._items = (np.ascontiguousarray(column).data for column in columns)

    def of(self, customer: int, now: int) -> set[int]:
        """Item rows of one customer, -1 for a stranger, before `now`, seconds since 1970."""
        if self._customers is None or customer < 0:
            return set()
        start, end = self._offsets[customer], self._offsets[customer + 1]
        first = bisect_left(self._times, now - self._seconds, start, end)
        last = bisect_left(self._times, now, first, end)
        return set(self._items[first:last])
