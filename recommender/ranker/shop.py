"""A model and its customers as the kernel reads them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.catalog import Catalog
from recommender.customers import Customers
from recommender.model import Model
from recommender.ranker.inputs import Past, Shop


def shop_of(model: Model) -> Shop:
    """The model's arrays for the kernel; nothing large is copied."""
    count = model.manifest.config["count"]
    exponent = float(count["exponent"])
    orders = model.item_orders.astype(np.float64)
    pairs, companions = model.pairs, model.companions
    return Shop(
        baskets=float(max(model.baskets, 1)),
        shrinkage=float(count["shrinkage"]),
        item_orders=_frozen(model.item_orders),
        from_power=_frozen((orders**exponent).astype(np.float32)),
        to_power=_frozen((orders ** (1 - exponent)).astype(np.float32)),
        item_signals=_frozen(model.item_signals),
        category=_frozen(model.catalog.item_category),
        branch=_frozen(branches(model.catalog)),
        pair_offsets=_frozen(pairs.offsets),
        pair_items=_frozen(pairs.items),
        pair_counts=_frozen(pairs.counts),
        pair_weighted=_frozen(pairs.weighted),
        pair_ease=_frozen(pairs.ease),
        recent=_frozen(model.bestsellers.recent),
        companion_offsets=_frozen(companions.offsets),
        companion_items=_frozen(companions.items),
        companion_scores=_frozen(companions.scores),
    )


def past_of(customers: Customers | None) -> Past:
    """Histories for the kernel, order by order."""
    if customers is None:
        nothing = np.zeros(1, np.int64)
        rows = np.empty(0, np.int32)
        return Past(
            *map(_frozen, (nothing, np.empty(0, np.int64), nothing, rows, nothing, rows, np.empty(0, np.float32)))
        )
    starts = np.flatnonzero(customers.opens_order)
    return Past(
        order_offsets=_frozen(np.searchsorted(starts, customers.offsets).astype(np.int64)),
        times=_frozen(customers.times[starts]),
        line_offsets=_frozen(np.append(starts, len(customers.items)).astype(np.int64)),
        items=_frozen(customers.items),
        taste_offsets=_frozen(customers.taste_offsets),
        taste_items=_frozen(customers.taste_items),
        taste_scores=_frozen(customers.taste_scores),
    )


def branches(catalog: Catalog) -> NDArray[np.int32]:
    """int32 (items,): the second level of each item's category (the first where it has but one), -1 for none."""
    parents = catalog.category_parent
    branch = np.arange(len(parents), dtype=np.int32)
    while len(parents):
        above = np.where(parents[branch] >= 0, parents[branch], branch)
        deep = (parents[branch] >= 0) & (parents[above] >= 0)
        if not deep.any():
            break
        branch = np.where(deep, above, branch).astype(np.int32)
    if not len(branch):
        return np.full(len(catalog), -1, np.int32)
    return np.where(catalog.item_category >= 0, branch[catalog.item_category], -1).astype(np.int32)


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    """A read-only view, so that mapped and fresh arrays are of one type to the compiler."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
