"""What sells most, in the shop and in each branch of it, and what sells more than it used to."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.catalog import Catalog
from recommender.model import Bestsellers
from training.baskets import Baskets
from training.common_baskets import by_item, different_customers
from training.counting.customers import up_to_most
from training.pairs import item_orders as item_orders_of

KEPT = 200
KEPT_IN_CATEGORY = 50
_DAY = 86_400


def bestsellers(
    baskets: Baskets,
    item_orders: NDArray[np.int32],
    recent: NDArray[np.int32],
    catalog: Catalog,
    trending_days: int,
) -> Bestsellers:
    """All lists of bestsellers, ties by item row.

    Parameters
    ----------
    item_orders : int32 (items,), counted baskets with each item.
    recent : int32, bestsellers of the last tenth of baskets, best first.
    trending_days : length of the window of trends.
    """
    sold = np.flatnonzero(item_orders > 0).astype(np.int32)
    category_offsets, category_items = _by_category(item_orders, sold, catalog)
    return Bestsellers(
        _best(sold, item_orders, KEPT), recent, category_offsets, category_items, *_trending(baskets, trending_days)
    )


class _Trending(NamedTuple):
    """The arrays of `Bestsellers` that tell of trends."""

    items: NDArray[np.int32]
    recent: NDArray[np.int32]
    expected: NDArray[np.float32]
    customers: NDArray[np.uint8]


def _best(rows: NDArray[np.int32], orders: NDArray[np.int32], keep: int) -> NDArray[np.int32]:
    return rows[np.lexsort((rows, -orders[rows]))][:keep]


def _by_category(
    orders: NDArray[np.int32], sold: NDArray[np.int32], catalog: Catalog
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    categories = catalog.item_category[sold]
    branches: list[NDArray[np.int32]] = []
    items: list[NDArray[np.int32]] = []
    while (categories >= 0).any():
        branches.append(categories[categories >= 0])
        items.append(sold[categories >= 0])
        categories = np.where(categories >= 0, catalog.category_parent[categories], -1)
    branch = np.concatenate([np.empty(0, np.int32), *branches])
    item = np.concatenate([np.empty(0, np.int32), *items])
    order = np.lexsort((item, -orders[item], branch))
    branch, item = branch[order], item[order]
    starts = np.searchsorted(branch, np.arange(len(catalog.categories) + 1))
    place = np.arange(len(branch)) - starts[branch]
    kept = place < KEPT_IN_CATEGORY
    offsets = np.searchsorted(branch[kept], np.arange(len(catalog.categories) + 1)).astype(np.int64)
    return offsets, item[kept]


def _trending(baskets: Baskets, days: int) -> _Trending:
    """Items whose baskets in the last `days` stand above what their earlier share of baskets would have given.

    An item's excess is ``(recent - expected) / sqrt(expected + 1)``, a Poisson deviation with one basket of doubt.
    """
    nothing = _Trending(*(np.empty(0, kind) for kind in (np.int32, np.int32, np.float32, np.uint8)))
    if not baskets.has_times:
        return nothing
    border = int(np.searchsorted(baskets.times, baskets.times[-1] - days * _DAY, side="right"))
    before, late = baskets.part(0, border), baskets.part(border, len(baskets))
    if not before.countable.any() or not late.countable.any():
        return nothing
    matrix = late.matrix()
    recent = item_orders_of(matrix)
    share = (item_orders_of(before.matrix()) + 1) / (int(before.countable.sum()) + 1)
    expected = share * int(late.countable.sum())
    excess = (recent - expected) / np.sqrt(expected + 1)
    rows = np.flatnonzero(excess > 1).astype(np.int32)
    rows = rows[np.lexsort((rows, -excess[rows]))][:KEPT]
    customers = different_customers(by_item(matrix), rows[:, None], late.customers[late.countable])
    return _Trending(rows, recent[rows], expected[rows].astype(np.float32), up_to_most(customers))
