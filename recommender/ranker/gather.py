"""First half of the kernel: everything that the cart and the customer's history say, summed an item at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled
from recommender.ranker.inputs import Past, Scratch, Shop
from recommender.ranker.similar import add_similar_baskets
from recommender.ranker.slots import (
    CONTEXT,
    COSINES,
    COUNT,
    EASE,
    FAST,
    FIRST_DAYS,
    LAST_DAYS,
    SINCE,
    SLOW,
    TASTE,
    WEIGHTED,
    take_slot,
)

KNOWN, ORDERS, REPEAT, DAYS, GAP, LINES = 0, 1, 2, 3, 4, 5
CUSTOMER_FACTS = 6
"""Places of the facts about the customer."""

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
    """What the blend needs of every item that met the cart; `recommender.ranker.met` tells the rest of the best."""
    offsets, others = shop.pair_offsets, shop.pair_items
    cosines, weighted, ease = shop.pair_cosines, shop.pair_weighted, shop.pair_ease
    slot_of, rows, sums = scratch.slot_of, scratch.rows, scratch.sums
    cosine_sums, weighted_sums, ease_sums = sums[COSINES], sums[WEIGHTED], sums[EASE]
    for item in cart:
        for entry in range(offsets[item], offsets[item + 1]):
            other = others[entry]
            slot = slot_of[other] - 1
            if slot < 0:
                rows[used] = other
                slot = used
                used += 1
                slot_of[other] = used
            cosine_sums[slot] += cosines[entry]
            weighted_sums[slot] += weighted[entry]
            ease_sums[slot] += ease[entry]
    return used


@compiled
def _add_history(
    past: Past, customer: int, now: int, in_cart: int, scratch: Scratch, used: int, facts: NDArray[np.float32]
) -> int:
    times, starts = past.times, past.line_offsets
    last = _orders_end(past, customer, now)
    first = past.order_offsets[customer]
    orders = last - first
    if orders == 0:
        return used
    first = max(first, last - LATEST_ORDERS)
    used, repeated = _add_orders(past, first, last, now, in_cart, scratch, used)
    lines = starts[last] - starts[first]
    facts[KNOWN] = 1
    facts[ORDERS] = orders
    facts[REPEAT] = np.float32(repeated) / np.float32(max(lines, 1))
    facts[DAYS] = (now - times[last - 1]) / SECONDS_A_DAY
    facts[GAP] = (times[last - 1] - times[first]) / SECONDS_A_DAY / max(last - 1 - first, 1)
    facts[LINES] = lines
    return used


@compiled
def _add_orders(
    past: Past, first: int, last: int, now: int, in_cart: int, scratch: Scratch, used: int
) -> tuple[int, int]:
    """Orders `first` to `last`; the slots in use, and the lines that the customer had bought before."""
    items, times, starts = past.items, past.times, past.line_offsets
    slot_of, rows, sums = scratch.slot_of, scratch.rows, scratch.sums
    counts, fasts, slows, contexts = sums[COUNT], sums[FAST], sums[SLOW], sums[CONTEXT]
    firsts, lasts, sinces = sums[FIRST_DAYS], sums[LAST_DAYS], sums[SINCE]
    repeated = 0
    for order in range(first, last):
        start, end = starts[order], starts[order + 1]
        since, days = np.float32(last - 1 - order), np.float32((now - times[order]) / SECONDS_A_DAY)
        fast, slow = np.exp(-since / FADING_ORDERS), np.exp(-days / FADING_DAYS)
        shared = 0
        for line in range(start, end):
            item = items[line]
            slot = slot_of[item]
            shared += 0 < slot <= in_cart
            if slot == 0:
                rows[used] = item
                used += 1
                slot_of[item] = used
        context = np.float32(shared) / np.sqrt(np.float32(end - start))
        for line in range(start, end):
            slot = slot_of[items[line]] - 1
            if counts[slot] > 0:
                repeated += 1
            else:
                firsts[slot] = days
            counts[slot] += 1
            fasts[slot] += fast
            slows[slot] += slow
            contexts[slot] += context
            lasts[slot] = days
            sinces[slot] = since
    return used, repeated


@compiled
def _add_tastes(past: Past, customer: int, scratch: Scratch, used: int) -> int:
    items, scores = past.taste_items, past.taste_scores
    slot_of, rows, tastes = scratch.slot_of, scratch.rows, scratch.sums[TASTE]
    for entry in range(past.taste_offsets[customer], past.taste_offsets[customer + 1]):
        used = take_slot(slot_of, rows, items[entry], used)
        tastes[slot_of[items[entry]] - 1] = scores[entry]
    return used
