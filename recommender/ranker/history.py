"""The customer's own orders, summed item by item."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled
from recommender.ranker.inputs import Past, Scratch
from recommender.ranker.processor import LINE, fetch
from recommender.ranker.slots import CONTEXT, COUNT, FAST, FIRST_DAYS, LAST_DAYS, SINCE, SLOW, taken_slot

KNOWN, ORDERS, REPEAT, DAYS, GAP, LINES = 0, 1, 2, 3, 4, 5
CUSTOMER_FACTS = 6
"""Places of the facts about the customer."""

FADING_ORDERS, FADING_DAYS = np.float32(4), np.float32(60)
LATEST_ORDERS = 200
SECONDS_A_DAY = 86_400.0


@compiled
def add_history(
    past: Past, customer: int, now: int, in_cart: int, scratch: Scratch, used: int, facts: NDArray[np.float32]
) -> tuple[int, int]:
    """Fill `Scratch.own` from the customer's orders before `now`; returns the slots in use, and the items bought.

    Parameters
    ----------
    in_cart : slots of the cart's items, the first ones.  facts : float32 (CUSTOMER_FACTS,), filled; it comes zeroed.
    """
    times, starts = past.times, past.line_offsets
    last = orders_end(past, customer, now)
    first = past.order_offsets[customer]
    orders = last - first
    if orders == 0:
        return used, 0
    first = max(first, last - LATEST_ORDERS)
    used, owned, repeated = _add_orders(past, first, last, now, in_cart, scratch, used)
    lines = starts[last] - starts[first]
    facts[KNOWN] = 1
    facts[ORDERS] = orders
    facts[REPEAT] = np.float32(repeated) / np.float32(max(lines, 1))
    facts[DAYS] = (now - times[last - 1]) / SECONDS_A_DAY
    facts[GAP] = (times[last - 1] - times[first]) / SECONDS_A_DAY / max(last - 1 - first, 1)
    facts[LINES] = lines
    return used, owned


@compiled
def fetch_history(past: Past, customer: int) -> None:
    """Let memory bring the customer's orders, which will be asked for last."""
    first, last = past.order_offsets[customer], past.order_offsets[customer + 1]
    for order in range(first, last, LINE // 2):
        fetch(past.times, order)
    for line in range(past.line_offsets[first], past.line_offsets[last], LINE):
        fetch(past.items, line)


@compiled
def orders_end(past: Past, customer: int, now: int) -> int:
    """One past the customer's last order before `now`."""
    last = past.order_offsets[customer + 1]
    while last > past.order_offsets[customer] and past.times[last - 1] >= now:
        last -= 1
    return last


@compiled
def _add_orders(
    past: Past, first: int, last: int, now: int, in_cart: int, scratch: Scratch, used: int
) -> tuple[int, int, int]:
    """Orders `first` to `last`; the slots in use, the items bought, and the lines that had been bought before."""
    items, times, starts = past.items, past.times, past.line_offsets
    slot_of, rows, own_of, own_slots, own = (
        scratch.slot_of,
        scratch.rows,
        scratch.own_of,
        scratch.own_slots,
        scratch.own,
    )
    owned, repeated = 0, 0
    for order in range(first, last):
        start, end = starts[order], starts[order + 1]
        since, days = np.float32(last - 1 - order), np.float32((now - times[order]) / SECONDS_A_DAY)
        fast, slow = np.exp(-since / FADING_ORDERS), np.exp(-days / FADING_DAYS)
        shared = 0
        for line in range(start, end):
            shared += 0 < slot_of[items[line]] <= in_cart
        context = np.float32(shared) / np.sqrt(np.float32(end - start))
        for line in range(start, end):
            slot, used = taken_slot(slot_of, rows, items[line], used)
            place, owned_now = taken_slot(own_of, own_slots, slot, owned)
            is_new = owned_now > owned
            owned = owned_now
            repeated += not is_new
            own[place, COUNT] += 1
            own[place, FAST] += fast
            own[place, SLOW] += slow
            own[place, CONTEXT] += context
            own[place, FIRST_DAYS] = days if is_new else own[place, FIRST_DAYS]
            own[place, LAST_DAYS] = days
            own[place, SINCE] = since
    return used, owned, repeated
