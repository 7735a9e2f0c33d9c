"""A model and its customers as the kernel reads them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.catalog import Catalog
from recommender.customers import Customers
from recommender.model import Model
from recommender.ranker.compiled import compiled
from recommender.ranker.encoder import Encoder, no_encoder
from recommender.ranker.inputs import Past, Shop, frozen

_LEAST_RARITY = 1e-6


def shop_of(model: Model) -> Shop:
    """The model's arrays for the kernel; nothing large is copied."""
    orders = model.item_orders.astype(np.float64)
    pairs, companions, baskets = model.pairs, model.companions, model.counted_baskets
    rarity = frozen(np.log(max(model.baskets, 1) / np.maximum(orders, 1)).astype(np.float32))
    basket_offsets, basket_items = frozen(baskets.offsets), frozen(baskets.items)
    return Shop(
        baskets=float(max(model.baskets, 1)),
        item_orders=frozen(model.item_orders),
        item_signals=frozen(model.item_signals),
        category=frozen(model.catalog.item_category),
        branch=frozen(branches(model.catalog)),
        pair_offsets=frozen(pairs.offsets),
        pair_items=frozen(pairs.items),
        pair_counts=frozen(pairs.counts),
        pair_cosines=frozen(pairs.scores),
        pair_weighted=frozen(pairs.weighted),
        pair_ease=frozen(pairs.ease),
        recent=frozen(model.bestsellers.recent),
        companion_offsets=frozen(companions.offsets),
        companion_items=frozen(companions.items),
        companion_scores=frozen(companions.scores),
        basket_offsets=basket_offsets,
        basket_items=basket_items,
        item_basket_offsets=frozen(baskets.item_offsets),
        item_baskets=frozen(baskets.of_items),
        basket_norms=frozen(_norms(rarity, basket_offsets, basket_items)),
        rarity=rarity,
        similar_baskets=int(model.ranker.breadth[1]),
        basket_visits=int(model.ranker.breadth[2]),
        encoder=Encoder(*map(frozen, model.encoder or no_encoder(len(model.item_orders)))),
    )


def past_of(customers: Customers | None) -> Past:
    """Histories for the kernel, order by order."""
    if customers is None:
        nothing = np.zeros(1, np.int64)
        rows = np.empty(0, np.int32)
        return Past(
            *map(frozen, (nothing, np.empty(0, np.int64), nothing, rows, nothing, rows, np.empty(0, np.float32)))
        )
    starts = np.flatnonzero(customers.opens_order)
    return Past(
        order_offsets=frozen(np.searchsorted(starts, customers.offsets).astype(np.int64)),
        times=frozen(customers.times[starts]),
        line_offsets=frozen(np.append(starts, len(customers.items)).astype(np.int64)),
        items=frozen(customers.items),
        taste_offsets=frozen(customers.taste_offsets),
        taste_items=frozen(customers.taste_items),
        taste_scores=frozen(customers.taste_scores),
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


@compiled
def _norms(rarity: NDArray[np.float32], offsets: NDArray[np.int64], items: NDArray[np.int32]) -> NDArray[np.float32]:
    norms = np.empty(len(offsets) - 1, np.float32)
    for basket in range(len(norms)):
        total = 0.0
        for line in range(offsets[basket], offsets[basket + 1]):
            total += rarity[np.uintp(items[np.uintp(line)])]
        norms[basket] = 1 / np.sqrt(max(total, _LEAST_RARITY))
    return norms
