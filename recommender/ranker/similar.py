"""Baskets like the cart: which share of them holds an item."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled
from recommender.ranker.inputs import Scratch, Shop
from recommender.ranker.select import kth_largest
from recommender.ranker.slots import SIMILAR, take_slot

VISITS_OF_ONE_ITEM = 800
MOST_SIMILAR_ITEMS = 4096
LEAST_SHARE = np.float32(1.5)
_LEAST = np.float32(1e-9)


@compiled
def add_similar_baskets(shop: Shop, cart: NDArray[np.int32], scratch: Scratch, used: int) -> int:
    """Fill the sums `SIMILAR`; returns the slots in use.

    Likeness is the rarity of the shared items over the root of the basket's rarity; a basket weighs its likeness
    squared. An item that hardly more than one of those baskets holds becomes no candidate by it.
    """
    visited = _visit(shop, cart, scratch)
    norms, of_basket = shop.basket_norms, scratch.basket
    likeness = np.empty(len(visited), np.float32)
    for place in range(len(visited)):
        basket = visited[place]
        likeness[place] = of_basket[basket] * norms[basket]
        of_basket[basket] = 0
    chosen = _most_alike(likeness, shop.similar_baskets)
    items = _sum_shares(shop, visited[chosen], likeness[chosen], scratch)
    least = LEAST_SHARE / np.float32(min(len(visited), shop.similar_baskets) + 1)
    most = used + MOST_SIMILAR_ITEMS
    slot_of, rows, similar, shares = scratch.slot_of, scratch.rows, scratch.sums[SIMILAR], scratch.item
    for item in items:
        if slot_of[item] > 0 or (shares[item] >= least and used < most):
            used = take_slot(slot_of, rows, item, used)
            similar[slot_of[item] - 1] = shares[item]
        shares[item] = 0
    return used


@compiled
def _visit(shop: Shop, cart: NDArray[np.int32], scratch: Scratch) -> NDArray[np.int32]:
    """Sum the rarity of shared items over the latest baskets of each of the cart's items."""
    offsets, baskets, of_basket = shop.item_basket_offsets, shop.item_baskets, scratch.basket
    each = min(VISITS_OF_ONE_ITEM, shop.basket_visits // max(len(cart), 1) + 1)
    visited = np.empty(each * len(cart), np.int32)
    found = 0
    for item in cart:
        rarity = max(shop.rarity[item], _LEAST)
        end = offsets[item + 1]
        for entry in range(max(offsets[item], end - each), end):
            basket = baskets[entry]
            if of_basket[basket] == 0:
                visited[found] = basket
                found += 1
            of_basket[basket] += rarity
    return visited[:found]


@compiled
def _most_alike(likeness: NDArray[np.float32], most: int) -> NDArray[np.int64]:
    """Places of the largest likenesses; all that equal the last of them are taken too."""
    found = len(likeness)
    bar = kth_largest(likeness, most) if found > most else np.float32(0)
    return np.flatnonzero(likeness >= bar)


@compiled
def _sum_shares(
    shop: Shop, baskets: NDArray[np.int32], likeness: NDArray[np.float32], scratch: Scratch
) -> NDArray[np.int32]:
    """Sum the weights of the baskets into `Scratch.item`; returns the items that they hold."""
    offsets, held, shares = shop.basket_offsets, shop.basket_items, scratch.item
    total, lines = _LEAST, 0
    for place in range(len(baskets)):
        total += likeness[place] * likeness[place]
        lines += offsets[baskets[place] + 1] - offsets[baskets[place]]
    items = np.empty(lines, np.int32)
    found = 0
    for place in range(len(baskets)):
        weight = likeness[place] * likeness[place] / total
        for line in range(offsets[baskets[place]], offsets[baskets[place] + 1]):
            item = held[line]
            if shares[item] == 0:
                items[found] = item
                found += 1
            shares[item] += weight
    return items[:found]
