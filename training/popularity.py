"""What sells most, in the shop and in each branch of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.catalog import Catalog
from recommender.model import Bestsellers
from training.baskets import Baskets
from training.config import Config
from training.trending import trending

KEPT = 200
KEPT_IN_CATEGORY = 50


def bestsellers(
    baskets: Baskets,
    item_orders: NDArray[np.int32],
    recent: NDArray[np.int32],
    catalog: Catalog,
    config: Config,
) -> Bestsellers:
    """All lists of bestsellers, ties by item row.

    Parameters
    ----------
    item_orders : int32 (items,), counted baskets with each item.
    recent : int32, bestsellers of the last tenth of baskets, best first.
    config : its window of trends, and what makes a claim.
    """
    sold = np.flatnonzero(item_orders > 0).astype(np.int32)
    category_offsets, category_items = _by_category(item_orders, sold, catalog)
    best = _best(sold, item_orders, KEPT)
    return Bestsellers(best, recent, category_offsets, category_items, *trending(baskets, config))


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
