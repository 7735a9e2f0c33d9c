"""First half of the kernel: everything that the cart and the customer's history say, summed an item at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled
from recommender.ranker.inputs import Past, Scratch, Shop
from recommender.ranker.similar import add_similar_baskets
from recommender.ranker.slots import (
    CONFIDENCE_MAX,
    CONFIDENCE_SUM,
    CONTEXT,
    COSINE_MAX,
    COSINE_SUM,
    COUNT,
    EASE_MAX,
    EASE_SUM,
    FAST,
    FIRST_DAYS,
    LAST_DAYS,
    LIFT_MAX,
    MET,
    SINCE,
    SLOW,
    TASTE,
    WEIGHTED_MAX,
    WEIGHTED_SUM,
    take_slot,
)

KNOWN, ORDERS, REPEAT, DAYS, GAP, LINES = 0, 1, 2, 3, 4, 5
CUSTOMER_FACTS = 6
"""Places of the facts about the customer."""

CONFIDENCE_PRIOR = np.float32(2)
FADING_ORDERS, FADING_DAYS = np.float32(4), np.float32(60)
LATEST_ORDERS = 200
SECONDS_A_DAY = 86_400.0


@compiled
def gather(
    shop: Shop,
    past: Past,
    customer: int,
    now: int,
    cart: NDArray[np.int32],
    scratch: Scratch,
    facts: NDArray[np.float32],
) -> int:
    """Fill the scratch for a cart; returns the slots in use, of which the first ``len(cart)`` are the cart's own items.

    Parameters
    ----------
    customer : row of the customer, -1 for a stranger.  now : seconds; the customer's orders from then on do not count,
        and tastes, which were made of all orders, count only where there is none.
    cart : int32, different items.  facts : float32 (CUSTOMER_FACTS,), filled with facts about the customer.
    """
    used = 0
    slot_of, rows = scratch.slot_of, scratch.rows
    for item in cart:
        used = take_slot(slot_of, rows, item, used)
    used = _add_neighbours(shop, cart, scratch, used)
    used = add_similar_baskets(shop, cart, scratch, used)
    facts[:] = 0
    if customer >= 0:
        used = _add_history(past, customer, now, len(cart), scratch, used, facts)
        if facts[KNOWN] > 0 and facts[ORDERS] == past.order_offsets[customer + 1] - past.order_offsets[customer]:
            used = _add_tastes(past, customer, scratch, used)
    for item in shop.recent:
        used = take_slot(slot_of, rows, item, used)
    return used


@compiled
def _orders_end(past: Past, customer: int, now: int) -> int:
    """One past the customer's last order before `now`."""
    last = past.order_offsets[customer + 1]
    while last > past.order_offsets[customer] and past.times[last - 1] >= now:
        last -= 1
    return last


@compiled
def _add_neighbours(shop: Shop, cart: NDArray[np.int32], scratch: Scratch, used: int) -> int:
    offsets, others, counts = shop.pair_offsets, shop.pair_items, shop.pair_counts
    cosines, weighted, ease, orders = shop.pair_cosines, shop.pair_weighted, shop.pair_ease, shop.item_orders
    slot_of, rows, pair = scratch.slot_of, scratch.rows, scratch.pair
    for item in cart:
        own = np.float32(orders[item])
        share = own / np.float32(shop.baskets)
        for entry in range(offsets[item], offsets[item + 1]):
            other = others[entry]
            slot = slot_of[other] - 1
            if slot < 0:
                rows[used] = other
                slot = used
                used += 1
                slot_of[other] = used
            both, cosine = np.float32(counts[entry]), cosines[entry]
            confidence = both / (own + CONFIDENCE_PRIOR)
            lift = (both + np.float32(1)) / (share * np.float32(orders[other]) + np.float32(1))
            pair[slot, COSINE_SUM] += cosine
            pair[slot, COSINE_MAX] = max(pair[slot, COSINE_MAX], cosine)
            pair[slot, CONFIDENCE_SUM] += confidence
            pair[slot, CONFIDENCE_MAX] = max(pair[slot, CONFIDENCE_MAX], confidence)
            pair[slot, WEIGHTED_SUM] += weighted[entry]
            pair[slot, WEIGHTED_MAX] = max(pair[slot, WEIGHTED_MAX], weighted[entry])
            pair[slot, EASE_SUM] += ease[entry]
            pair[slot, EASE_MAX] = max(pair[slot, EASE_MAX], ease[entry])
            pair[slot, LIFT_MAX] = max(pair[slot, LIFT_MAX], lift)
            pair[slot, MET] += 1
    return used


@compiled
def _add_history(
    past: Past, customer: int, now: int, in_cart: int, scratch: Scratch, used: int, facts: NDArray[np.float32]
) -> int:
    times, starts, items = past.times, past.line_offsets, past.items
    last = _orders_end(past, customer, now)
    first = past.order_offsets[customer]
    orders = last - first
    if orders == 0:
        return used
    first = max(first, last - LATEST_ORDERS)
    repeated = 0
    for order in range(first, last):
        since = np.float32(last - 1 - order)
        days = np.float32((now - times[order]) / SECONDS_A_DAY)
        used, again = _add_order(items[starts[order] : starts[order + 1]], since, days, in_cart, scratch, used)
        repeated += again
    lines = starts[last] - starts[first]
    facts[KNOWN] = 1
    facts[ORDERS] = orders
    facts[REPEAT] = np.float32(repeated) / np.float32(max(lines, 1))
    facts[DAYS] = (now - times[last - 1]) / SECONDS_A_DAY
    facts[GAP] = (times[last - 1] - times[first]) / SECONDS_A_DAY / max(last - 1 - first, 1)
    facts[LINES] = lines
    return used


@compiled
def _add_order(
    items: NDArray[np.int32], since: np.float32, days: np.float32, in_cart: int, scratch: Scratch, used: int
) -> tuple[int, int]:
    """The slots in use, and the lines that the customer had bought before."""
    slot_of, rows, own = scratch.slot_of, scratch.rows, scratch.own
    shared, repeated = 0, 0
    for item in items:
        shared += 0 < slot_of[item] <= in_cart
        used = take_slot(slot_of, rows, item, used)
    fast, slow = np.exp(-since / FADING_ORDERS), np.exp(-days / FADING_DAYS)
    context = np.float32(shared) / np.sqrt(np.float32(len(items)))
    for item in items:
        slot = slot_of[item] - 1
        if own[slot, COUNT] > 0:
            repeated += 1
        else:
            own[slot, FIRST_DAYS] = days
        own[slot, COUNT] += 1
        own[slot, FAST] += fast
        own[slot, SLOW] += slow
        own[slot, LAST_DAYS] = days
        own[slot, CONTEXT] += context
        own[slot, SINCE] = since
    return used, repeated


@compiled
def _add_tastes(past: Past, customer: int, scratch: Scratch, used: int) -> int:
    items, scores = past.taste_items, past.taste_scores
    slot_of, rows, pair = scratch.slot_of, scratch.rows, scratch.pair
    for entry in range(past.taste_offsets[customer], past.taste_offsets[customer + 1]):
        used = take_slot(slot_of, rows, items[entry], used)
        pair[slot_of[items[entry]] - 1, TASTE] = scores[entry]
    return used
