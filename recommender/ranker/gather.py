"""First half of the kernel: everything that the cart and the customer's history say, summed an item at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled
from recommender.ranker.inputs import Past, Scratch, Shop
from recommender.ranker.similar import MOST_SIMILAR_ITEMS, add_similar_baskets
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
def room_needed(shop: Shop, past: Past, customer: int, now: int, cart: NDArray[np.int32]) -> int:
    """Slots that a cart can take at most: its items, their neighbours, the customer's lines and tastes, bestsellers.

    Parameters
    ----------
    customer, now : as `gather` takes them; the orders that count change with the time of the cart.
    """
    slots: int = len(cart) + len(shop.recent) + MOST_SIMILAR_ITEMS
    for item in cart:
        slots += int(shop.pair_offsets[item + 1] - shop.pair_offsets[item])
    if customer >= 0:
        last = _orders_end(past, customer, now)
        first = max(past.order_offsets[customer], last - LATEST_ORDERS)
        slots += int(past.line_offsets[last] - past.line_offsets[first])
        slots += int(past.taste_offsets[customer + 1] - past.taste_offsets[customer])
    return min(slots, len(shop.item_orders))


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
    for item in cart:
        used = take_slot(scratch, item, used)
    for item in cart:
        used = _add_neighbours(shop, item, scratch, used)
    used = add_similar_baskets(shop, cart, scratch, used)
    facts[:] = 0
    if customer >= 0:
        used = _add_history(past, customer, now, len(cart), scratch, used, facts)
        if facts[KNOWN] > 0 and facts[ORDERS] == past.order_offsets[customer + 1] - past.order_offsets[customer]:
            used = _add_tastes(past, customer, scratch, used)
    for item in shop.recent:
        used = take_slot(scratch, item, used)
    return used


@compiled
def _orders_end(past: Past, customer: int, now: int) -> int:
    """One past the customer's last order before `now`."""
    last = past.order_offsets[customer + 1]
    while last > past.order_offsets[customer] and past.times[last - 1] >= now:
        last -= 1
    return last


@compiled
def _add_neighbours(shop: Shop, item: int, scratch: Scratch, used: int) -> int:
    own = np.float32(shop.item_orders[item])
    if own <= 0:
        return used
    for entry in range(shop.pair_offsets[item], shop.pair_offsets[item + 1]):
        other = shop.pair_items[entry]
        used = take_slot(scratch, other, used)
        sums = scratch.pair[scratch.slot_of[other] - 1]
        both = np.float32(shop.pair_counts[entry])
        cosine = both / (shop.from_power[item] * shop.to_power[other] + np.float32(shop.shrinkage))
        confidence = both / (own + CONFIDENCE_PRIOR)
        expected = own * np.float32(shop.item_orders[other]) / np.float32(shop.baskets)
        lift = (both + np.float32(1)) / (expected + np.float32(1))
        sums[COSINE_SUM] += cosine
        sums[COSINE_MAX] = max(sums[COSINE_MAX], cosine)
        sums[CONFIDENCE_SUM] += confidence
        sums[CONFIDENCE_MAX] = max(sums[CONFIDENCE_MAX], confidence)
        sums[WEIGHTED_SUM] += shop.pair_weighted[entry]
        sums[WEIGHTED_MAX] = max(sums[WEIGHTED_MAX], shop.pair_weighted[entry])
        sums[EASE_SUM] += shop.pair_ease[entry]
        sums[EASE_MAX] = max(sums[EASE_MAX], shop.pair_ease[entry])
        sums[LIFT_MAX] = max(sums[LIFT_MAX], lift)
        sums[MET] += 1
    return used


@compiled
def _add_history(
    past: Past, customer: int, now: int, in_cart: int, scratch: Scratch, used: int, facts: NDArray[np.float32]
) -> int:
    last = _orders_end(past, customer, now)
    first = past.order_offsets[customer]
    orders = last - first
    if orders == 0:
        return used
    first = max(first, last - LATEST_ORDERS)
    lines, repeated = 0, 0
    for order in range(first, last):
        start, end = past.line_offsets[order], past.line_offsets[order + 1]
        shared = 0
        for line in range(start, end):
            shared += 0 < scratch.slot_of[past.items[line]] <= in_cart
        since = np.float32(last - 1 - order)
        days = np.float32((now - past.times[order]) / SECONDS_A_DAY)
        fast, slow = np.exp(-since / FADING_ORDERS), np.exp(-days / FADING_DAYS)
        context = np.float32(shared) / np.sqrt(np.float32(end - start))
        for line in range(start, end):
            item = past.items[line]
            used = take_slot(scratch, item, used)
            sums = scratch.own[scratch.slot_of[item] - 1]
            if sums[COUNT] > 0:
                repeated += 1
            else:
                sums[FIRST_DAYS] = days
            sums[COUNT] += 1
            sums[FAST] += fast
            sums[SLOW] += slow
            sums[LAST_DAYS] = days
            sums[CONTEXT] += context
            sums[SINCE] = since
        lines += end - start
    facts[KNOWN] = 1
    facts[ORDERS] = orders
    facts[REPEAT] = np.float32(repeated) / np.float32(max(lines, 1))
    facts[DAYS] = (now - past.times[last - 1]) / SECONDS_A_DAY
    facts[GAP] = (past.times[last - 1] - past.times[first]) / SECONDS_A_DAY / max(last - 1 - first, 1)
    facts[LINES] = lines
    return used


@compiled
def _add_tastes(past: Past, customer: int, scratch: Scratch, used: int) -> int:
    for entry in range(past.taste_offsets[customer], past.taste_offsets[customer + 1]):
        item = past.taste_items[entry]
        used = take_slot(scratch, item, used)
        scratch.pair[scratch.slot_of[item] - 1, TASTE] = past.taste_scores[entry]
    return used
