"""First half of the kernel: everything that the cart and the customer's history say, summed an item at a time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled
from recommender.ranker.history import KNOWN, ORDERS, add_history, fetch_history
from recommender.ranker.inputs import Past, Scratch, Shop
from recommender.ranker.processor import LINE, fetch
from recommender.ranker.similar import add_similar_baskets
from recommender.ranker.slots import COSINES, EASE, TASTE, WEIGHTED, taken_slot


class Gathered(NamedTuple):
    """How far the slots and the places of a scratch are filled.

    Attributes
    ----------
    paired, alike, used : one past the last slot of what met the cart, of what like baskets held besides, of all.
    owned : places of `Scratch.own` in use.
    """

    paired: int
    alike: int
    used: int
    owned: int


@compiled
def gather(
    shop: Shop,
    past: Past,
    customer: int,
    now: int,
    cart: NDArray[np.int32],
    scratch: Scratch,
    facts: NDArray[np.float32],
) -> Gathered:
    """Fill the scratch for a cart; of its slots the first ``len(cart)`` are the cart's own items.

    Parameters
    ----------
    customer : row of the customer, -1 for a stranger.  now : seconds; the customer's orders from then on do not count,
        and tastes, which were made of all orders, count only where there is none.
    cart : int32, different items.  facts : float32 (CUSTOMER_FACTS,), filled with facts about the customer.
    """
    used = 0
    slot_of, rows = scratch.slot_of, scratch.rows
    if customer >= 0:
        fetch_history(past, customer)
    for item in cart:
        _, used = taken_slot(slot_of, rows, item, used)
    paired = _add_neighbours(shop, cart, scratch, used)
    alike = add_similar_baskets(shop, cart, scratch, paired)
    used, owned = alike, 0
    facts[:] = 0
    if customer >= 0:
        used, owned = add_history(past, customer, now, len(cart), scratch, used, facts)
        if facts[KNOWN] > 0 and facts[ORDERS] == past.order_offsets[customer + 1] - past.order_offsets[customer]:
            used = _add_tastes(past, customer, scratch, used)
    for item in shop.recent:
        _, used = taken_slot(slot_of, rows, item, used)
    return Gathered(paired, alike, used, owned)


@compiled
def _add_neighbours(shop: Shop, cart: NDArray[np.int32], scratch: Scratch, used: int) -> int:
    """What the blend needs of every item that met the cart; `recommender.ranker.met` tells the rest of the best."""
    offsets, others = shop.pair_offsets, shop.pair_items
    cosines, weighted, ease = shop.pair_cosines, shop.pair_weighted, shop.pair_ease
    slot_of, rows, sums = scratch.slot_of, scratch.rows, scratch.sums
    cosine_sums, weighted_sums, ease_sums = sums[COSINES], sums[WEIGHTED], sums[EASE]
    for turn in range(len(cart)):
        item = cart[turn]
        if turn + 1 < len(cart):
            _fetch_neighbours(shop, cart[turn + 1])
        for entry in range(offsets[item], offsets[item + 1]):
            slot, used = taken_slot(slot_of, rows, others[entry], used)
            cosine_sums[slot] += cosines[entry]
            weighted_sums[slot] += weighted[entry]
            ease_sums[slot] += ease[entry]
    return used


@compiled
def _fetch_neighbours(shop: Shop, item: int) -> None:
    """Let memory bring what the next item of the cart met, while this one's neighbours are summed."""
    for entry in range(shop.pair_offsets[item], shop.pair_offsets[item + 1], LINE):
        fetch(shop.pair_items, entry)
        fetch(shop.pair_cosines, entry)
        fetch(shop.pair_weighted, entry)
        fetch(shop.pair_ease, entry)
        fetch(shop.pair_counts, entry)


@compiled
def _add_tastes(past: Past, customer: int, scratch: Scratch, used: int) -> int:
    items, scores = past.taste_items, past.taste_scores
    slot_of, rows, tastes = scratch.slot_of, scratch.rows, scratch.sums[TASTE]
    for entry in range(past.taste_offsets[customer], past.taste_offsets[customer + 1]):
        slot, used = taken_slot(slot_of, rows, items[entry], used)
        tastes[slot] = scores[entry]
    return used
