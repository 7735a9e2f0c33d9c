"""Baskets like the cart: which share of them holds an item."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled
from recommender.ranker.inputs import Scratch, Shop
from recommender.ranker.processor import fetch
from recommender.ranker.select import kth_largest
from recommender.ranker.slots import SIMILAR, taken_slot

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
    likeness = _likeness(shop.basket_norms, visited, scratch.basket)
    most_similar = shop.similar_baskets
    bar = kth_largest(likeness, most_similar) if len(visited) > most_similar else np.float32(0)
    items = _sum_shares(shop, visited, likeness, bar, scratch.item)
    least = LEAST_SHARE / np.float32(min(len(visited), most_similar) + 1)
    most = used + MOST_SIMILAR_ITEMS
    slot_of, rows, similar, shares = scratch.slot_of, scratch.rows, scratch.sums[SIMILAR], scratch.item
    for item in items:
        if slot_of[item] > 0 or (shares[item] >= least and used < most):
            slot, used = taken_slot(slot_of, rows, item, used)
            similar[slot] = shares[item]
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
            basket = np.uintp(baskets[entry])
            visited[found] = basket
            found += of_basket[basket] == 0
            of_basket[basket] += rarity
    return visited[:found]


@compiled
def _likeness(
    norms: NDArray[np.float32], visited: NDArray[np.int32], of_basket: NDArray[np.float32]
) -> NDArray[np.float32]:
    """float32 (visited,); the sums of the baskets are zero again."""
    likeness = np.empty(len(visited), np.float32)
    for place in range(len(visited)):
        basket = np.uintp(visited[place])
        likeness[place] = of_basket[basket] * norms[basket]
        of_basket[basket] = 0
    return likeness


@compiled
def _sum_shares(
    shop: Shop,
    visited: NDArray[np.int32],
    likeness: NDArray[np.float32],
    bar: np.float32,
    shares: NDArray[np.float32],
) -> NDArray[np.int32]:
    """Sum the weights of the baskets that reach the bar into `shares`; returns the items that they hold."""
    offsets, held = shop.basket_offsets, shop.basket_items
    kept, reaching = np.empty(len(visited) + 1, np.int32), np.uintp(0)
    for place in range(len(visited)):
        kept[reaching] = place
        reaching += np.uintp(likeness[place] >= bar)
    kept = kept[:reaching]
    total, lines = _LEAST, 0
    for place in kept:
        basket = np.uintp(visited[place])
        total += likeness[place] * likeness[place]
        lines += offsets[basket + np.uintp(1)] - offsets[basket]
        fetch(held, offsets[basket])
    items, found = np.empty(lines + 1, np.int32), np.uintp(0)
    for place in kept:
        weight, basket = likeness[place] * likeness[place] / total, np.uintp(visited[place])
        for line in range(offsets[basket], offsets[basket + np.uintp(1)]):
            item = np.uintp(held[line])
            items[found] = item
            found += np.uintp(shares[item] == 0)
            shares[item] += weight
    return items[:found]
