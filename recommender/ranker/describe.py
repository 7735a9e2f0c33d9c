"""Second half of the kernel: the best candidates of the blend, a row of signals each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.blend import Blend
from recommender.ranker.compiled import compiled
from recommender.ranker.gather import CUSTOMER_FACTS, DAYS, GAP, KNOWN, LINES, ORDERS, REPEAT, gather
from recommender.ranker.inputs import Past, Scratch, Shop
from recommender.ranker.select import kth_largest
from recommender.ranker.signals import COLUMN, ITEM_SIGNALS
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
    SIMILAR,
    SINCE,
    SLOW,
    TASTE,
    WEIGHTED_MAX,
    WEIGHTED_SUM,
)

_LOG_PRICE = ITEM_SIGNALS.index("log_price")
_TERMS = 13
_NEVER = np.float32(999)
_LEAST = np.float32(1e-9)
_HALF_A_DAY = np.float32(0.5)
_IN_CART, _COMPANION_SUM, _COMPANION_MAX, _OWN_LINES = 0, 1, 2, 3
_BRANCH_ITEMS = 40

_PAIRS, _RELATIVE, _ITEM = COLUMN["cosine_sum"], COLUMN["cosine_relative"], COLUMN["log_share"]
_PRICE_GAP, _OWN, _CATEGORY_OWN = COLUMN["price_gap"], COLUMN["own_count"], COLUMN["own_category_share"]
_SIMILAR, _TASTE, _CATEGORY = COLUMN["similar_baskets"], COLUMN["taste"], COLUMN["category_in_cart"]
_CART, _BLEND = COLUMN["log_cart_size"], COLUMN["blend"]


@compiled
def describe(
    shop: Shop,
    past: Past,
    blend: Blend,
    customer: int,
    now: int,
    cart: NDArray[np.int32],
    scratch: Scratch,
    rows: NDArray[np.int32],
    signals: NDArray[np.float32],
) -> int:
    """The best candidates of a cart by the blend, as many as `rows` has room for; returns how many there are.

    Parameters
    ----------
    rows : int32 (most,), filled with item rows, ascending.  signals : float32 (most, signals), filled row by row.
    """
    facts = np.zeros(CUSTOMER_FACTS, np.float32)
    used = gather(shop, past, customer, now, cart, scratch, facts)
    in_cart = len(cart)
    tops = _tops(scratch.pair, scratch.own, in_cart, used)
    scores = _scores(scratch, in_cart, used, tops, blend)
    slots = _best(scores, scratch.rows, in_cart, used, len(rows))
    _sum_categories(shop, cart, scratch, used)
    for place in range(len(slots)):
        rows[place] = scratch.rows[slots[place]]
        signals[place, _BLEND] = scores[slots[place]]
    _fill_pairs(scratch.pair, slots, tops, in_cart, signals)
    _fill_items(shop, rows, len(slots), cart, signals)
    _fill_own(scratch.own, slots, facts, tops, signals)
    _fill_categories(shop, scratch.category, rows, len(slots), cart, facts, signals)
    _fill_cart(facts, in_cart, len(slots), signals)
    _wipe(shop, cart, scratch, used)
    return len(slots)


@compiled
def _tops(pair: NDArray[np.float32], own: NDArray[np.float32], in_cart: int, used: int) -> NDArray[np.float32]:
    """float32 (6,): the largest value of any candidate in each signal that is told relative to it."""
    tops = np.full(6, _LEAST, np.float32)
    for slot in range(in_cart, used):
        tops[0] = max(tops[0], pair[slot, COSINE_SUM])
        tops[1] = max(tops[1], pair[slot, WEIGHTED_SUM])
        tops[2] = max(tops[2], pair[slot, EASE_SUM])
        tops[3] = max(tops[3], own[slot, FAST] + own[slot, SLOW] + own[slot, CONTEXT])
        tops[4] = max(tops[4], pair[slot, TASTE])
        tops[5] = max(tops[5], pair[slot, SIMILAR])
    return tops


@compiled
def _scores(scratch: Scratch, in_cart: int, used: int, tops: NDArray[np.float32], blend: Blend) -> NDArray[np.float32]:
    """float32 (used,): the blend of every slot."""
    pair, own, rows = scratch.pair, scratch.own, scratch.rows
    scales, weights, of_items = blend.scales, blend.weights, blend.of_items
    scores, terms = np.empty(used, np.float32), np.empty(_TERMS, np.float32)
    for slot in range(in_cart, used):
        terms[0] = pair[slot, COSINE_SUM]
        terms[1] = terms[0] / tops[0]
        terms[2] = pair[slot, WEIGHTED_SUM]
        terms[3] = terms[2] / tops[1]
        terms[4] = pair[slot, EASE_SUM]
        terms[5] = terms[4] / tops[2]
        terms[6] = own[slot, COUNT]
        terms[7] = own[slot, SLOW]
        terms[8] = own[slot, CONTEXT]
        terms[9] = (own[slot, FAST] + terms[7] + terms[8]) / tops[3]
        terms[10] = pair[slot, TASTE] / tops[4]
        terms[11] = pair[slot, SIMILAR]
        terms[12] = terms[11] / tops[5]
        score = of_items[rows[slot]]
        for term in range(_TERMS):
            score += weights[term] * (terms[term] / (abs(terms[term]) + scales[term]))
        scores[slot] = score
    return scores


@compiled
def _best(scores: NDArray[np.float32], items: NDArray[np.int32], first: int, used: int, most: int) -> NDArray[np.int64]:
    """Slots of the `most` best candidates, in the order of their items; equal scores go by item."""
    if used - first <= most:
        slots = np.arange(first, used)
    else:
        bar = kth_largest(scores[first:used], most)
        above = 0
        for slot in range(first, used):
            above += scores[slot] > bar
        equal = np.empty(used - first, np.int64)
        equals = 0
        slots = np.empty(most, np.int64)
        place = 0
        for slot in range(first, used):
            if scores[slot] > bar:
                slots[place] = slot
                place += 1
            elif scores[slot] == bar:
                equal[equals] = slot
                equals += 1
        equal = equal[:equals]
        slots[place:] = equal[np.argsort(items[equal])][: most - above]
    return slots[np.argsort(items[slots])]


@compiled
def _mean_log_price(items: NDArray[np.float32], cart: NDArray[np.int32]) -> np.float32:
    total, priced = np.float32(0), 0
    for item in cart:
        price = items[item, _LOG_PRICE]
        if not np.isnan(price):
            total += price
            priced += 1
    return total / np.float32(priced) if priced else np.float32(np.nan)


@compiled
def _fill_pairs(
    pair: NDArray[np.float32],
    slots: NDArray[np.int64],
    tops: NDArray[np.float32],
    in_cart: int,
    signals: NDArray[np.float32],
) -> None:
    size = np.float32(max(in_cart, 1))
    for place in range(len(slots)):
        slot = slots[place]
        signals[place, _PAIRS] = pair[slot, COSINE_SUM]
        signals[place, _PAIRS + 1] = pair[slot, COSINE_MAX]
        signals[place, _PAIRS + 2] = pair[slot, CONFIDENCE_SUM] / size
        signals[place, _PAIRS + 3] = pair[slot, CONFIDENCE_MAX]
        signals[place, _PAIRS + 4] = pair[slot, WEIGHTED_SUM]
        signals[place, _PAIRS + 5] = pair[slot, WEIGHTED_MAX]
        signals[place, _PAIRS + 6] = pair[slot, EASE_SUM]
        signals[place, _PAIRS + 7] = pair[slot, EASE_MAX]
        lift = pair[slot, LIFT_MAX]
        signals[place, _PAIRS + 8] = np.log(lift) if lift > 0 else np.float32(-1)
        signals[place, _PAIRS + 9] = pair[slot, MET] / size
        signals[place, _RELATIVE] = pair[slot, COSINE_SUM] / tops[0]
        signals[place, _RELATIVE + 1] = pair[slot, WEIGHTED_SUM] / tops[1]
        signals[place, _RELATIVE + 2] = pair[slot, EASE_SUM] / tops[2]
        signals[place, _SIMILAR] = pair[slot, SIMILAR]
        signals[place, _SIMILAR + 1] = pair[slot, SIMILAR] / tops[5]
        signals[place, _TASTE] = pair[slot, TASTE]
        signals[place, _TASTE + 1] = pair[slot, TASTE] / tops[4]


@compiled
def _fill_items(
    shop: Shop, rows: NDArray[np.int32], found: int, cart: NDArray[np.int32], signals: NDArray[np.float32]
) -> None:
    items = shop.item_signals
    cart_price = _mean_log_price(items, cart)
    for place in range(found):
        item = rows[place]
        for column in range(items.shape[1]):
            signals[place, _ITEM + column] = _or_nothing(items[item, column])
        signals[place, _PRICE_GAP] = _or_nothing(items[item, _LOG_PRICE] - cart_price)


@compiled
def _or_nothing(signal: np.float32) -> np.float32:
    """What is unknown says as much as 0, which the network hears as nothing."""
    return np.float32(0) if np.isnan(signal) else signal


@compiled
def _fill_own(
    own: NDArray[np.float32],
    slots: NDArray[np.int64],
    facts: NDArray[np.float32],
    tops: NDArray[np.float32],
    signals: NDArray[np.float32],
) -> None:
    orders = max(facts[ORDERS], np.float32(1))
    for place in range(len(slots)):
        slot = slots[place]
        count, last = own[slot, COUNT], own[slot, LAST_DAYS]
        signals[place, _RELATIVE + 3] = (own[slot, FAST] + own[slot, SLOW] + own[slot, CONTEXT]) / tops[3]
        signals[place, _OWN] = count
        signals[place, _OWN + 1] = count / orders
        signals[place, _OWN + 2] = own[slot, FAST]
        signals[place, _OWN + 3] = own[slot, SLOW]
        signals[place, _OWN + 4] = last if count > 0 else _NEVER
        gaps = max(own[slot, FIRST_DAYS] - last, _HALF_A_DAY)
        signals[place, _OWN + 5] = last * (count - 1) / gaps if count > 1 else np.float32(-1)
        signals[place, _OWN + 6] = own[slot, CONTEXT]
        signals[place, _OWN + 7] = own[slot, SINCE] if count > 0 else _NEVER


@compiled
def _fill_categories(
    shop: Shop,
    sums: NDArray[np.float32],
    rows: NDArray[np.int32],
    found: int,
    cart: NDArray[np.int32],
    facts: NDArray[np.float32],
    signals: NDArray[np.float32],
) -> None:
    category_of, branch_of = shop.category, shop.branch
    size = np.float32(max(len(cart), 1))
    lines, orders = max(facts[LINES], np.float32(1)), max(facts[ORDERS], np.float32(1))
    looked_at = min(len(cart), _BRANCH_ITEMS)
    for place in range(found):
        category, branch = category_of[rows[place]], branch_of[rows[place]]
        signals[place, _CATEGORY_OWN] = sums[category, _OWN_LINES] / lines
        signals[place, _CATEGORY_OWN + 1] = sums[category, _OWN_LINES] / orders
        signals[place, _CATEGORY] = sums[category, _IN_CART]
        same = 0
        if branch >= 0:
            for other in range(looked_at):
                same += branch_of[cart[other]] == branch
        signals[place, _CATEGORY + 1] = np.float32(same) / size
        signals[place, _CATEGORY + 2] = sums[category, _COMPANION_SUM] / size
        signals[place, _CATEGORY + 3] = sums[category, _COMPANION_MAX]


@compiled
def _fill_cart(facts: NDArray[np.float32], in_cart: int, found: int, signals: NDArray[np.float32]) -> None:
    size = np.log(np.float32(max(in_cart, 1)))
    lag = facts[DAYS] / max(facts[GAP], _HALF_A_DAY) if facts[GAP] > 0 else np.float32(-1)
    for place in range(found):
        signals[place, _CART] = size
        signals[place, _CART + 1] = facts[KNOWN]
        signals[place, _CART + 2] = facts[ORDERS]
        signals[place, _CART + 3] = facts[REPEAT]
        signals[place, _CART + 4] = facts[DAYS]
        signals[place, _CART + 5] = lag


@compiled
def _sum_categories(shop: Shop, cart: NDArray[np.int32], scratch: Scratch, used: int) -> None:
    category_of, sums, rows, own = shop.category, scratch.category, scratch.rows, scratch.own
    offsets, companions, scores = shop.companion_offsets, shop.companion_items, shop.companion_scores
    for item in cart:
        category = category_of[item]
        if category < 0:
            continue
        sums[category, _IN_CART] += 1
        for entry in range(offsets[category], offsets[category + 1]):
            companion = companions[entry]
            sums[companion, _COMPANION_SUM] += scores[entry]
            sums[companion, _COMPANION_MAX] = max(sums[companion, _COMPANION_MAX], scores[entry])
    for slot in range(used):
        category = category_of[rows[slot]]
        if category >= 0:
            sums[category, _OWN_LINES] += own[slot, COUNT]


@compiled
def _wipe(shop: Shop, cart: NDArray[np.int32], scratch: Scratch, used: int) -> None:
    category_of, sums, rows, slot_of = shop.category, scratch.category, scratch.rows, scratch.slot_of
    offsets, companions = shop.companion_offsets, shop.companion_items
    for item in cart:
        category = category_of[item]
        if category >= 0:
            for entry in range(offsets[category], offsets[category + 1]):
                sums[companions[entry], :] = 0
    for slot in range(used):
        slot_of[rows[slot]] = 0
        sums[category_of[rows[slot]], :] = 0
    scratch.pair[:used] = 0
    scratch.own[:used] = 0
