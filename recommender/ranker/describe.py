"""Second half of the kernel: the best candidates of the blend, a row of signals each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled
from recommender.ranker.gather import CUSTOMER_FACTS, DAYS, GAP, KNOWN, LINES, ORDERS, REPEAT, gather
from recommender.ranker.inputs import Past, Scratch, Shop
from recommender.ranker.signals import BLEND, COLUMN, ITEM_SIGNALS
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

_LOG_SHARE, _TREND_10 = ITEM_SIGNALS.index("log_share"), ITEM_SIGNALS.index("trend_10")
_LOG_PRICE = ITEM_SIGNALS.index("log_price")
_BLENDED = len(BLEND)
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
    blend_scales: NDArray[np.float32],
    blend_weights: NDArray[np.float32],
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
    blend_scales : float32 (blended,).  blend_weights : float32 (blended + 1,), the bias last.
    rows : int32 (most,), filled with item rows, ascending.  signals : float32 (most, signals), filled row by row.
    """
    facts = np.zeros(CUSTOMER_FACTS, np.float32)
    used = gather(shop, past, customer, now, cart, scratch, facts)
    in_cart = len(cart)
    tops = _tops(scratch, in_cart, used)
    blend = _blend(shop, scratch, in_cart, used, tops, blend_scales, blend_weights)
    slots = _best(blend, scratch.rows, in_cart, used, len(rows))
    _sum_categories(shop, cart, scratch, used)
    price = _mean_log_price(shop, cart)
    for place in range(len(slots)):
        slot = slots[place]
        item = int(scratch.rows[slot])
        rows[place] = item
        row = signals[place]
        _fill_pairs(scratch.pair[slot], scratch.own[slot], tops, in_cart, row)
        _fill_item(shop, item, price, row)
        _fill_own(scratch.own[slot], facts, row)
        _fill_categories(shop, scratch, item, cart, facts, row)
        row[_TASTE] = scratch.pair[slot, TASTE]
        row[_TASTE + 1] = scratch.pair[slot, TASTE] / tops[4]
        _fill_cart(facts, in_cart, row)
        row[_BLEND] = blend[slot]
    _wipe(shop, cart, scratch, used)
    return len(slots)


@compiled
def _own_sum(own: NDArray[np.float32]) -> np.float32:
    return own[FAST] + own[SLOW] + own[CONTEXT]


@compiled
def _tops(scratch: Scratch, in_cart: int, used: int) -> NDArray[np.float32]:
    tops = np.full(6, _LEAST, np.float32)
    for slot in range(in_cart, used):
        pair = scratch.pair[slot]
        tops[0] = max(tops[0], pair[COSINE_SUM])
        tops[1] = max(tops[1], pair[WEIGHTED_SUM])
        tops[2] = max(tops[2], pair[EASE_SUM])
        tops[3] = max(tops[3], _own_sum(scratch.own[slot]))
        tops[4] = max(tops[4], pair[TASTE])
        tops[5] = max(tops[5], pair[SIMILAR])
    return tops


@compiled
def _blend(
    shop: Shop,
    scratch: Scratch,
    in_cart: int,
    used: int,
    tops: NDArray[np.float32],
    scales: NDArray[np.float32],
    weights: NDArray[np.float32],
) -> NDArray[np.float32]:
    """float32 (used,): the blend of every slot, term by term, so that the processor takes many slots at once."""
    terms = np.zeros((_BLENDED, used), np.float32)
    best = np.exp(shop.item_signals[shop.recent[0], _LOG_SHARE]) if len(shop.recent) else np.float32(1)
    for slot in range(in_cart, used):
        pair, own = scratch.pair[slot], scratch.own[slot]
        item = shop.item_signals[scratch.rows[slot]]
        terms[0, slot] = pair[COSINE_SUM]
        terms[1, slot] = pair[COSINE_SUM] / tops[0]
        terms[2, slot] = pair[WEIGHTED_SUM]
        terms[3, slot] = pair[WEIGHTED_SUM] / tops[1]
        terms[4, slot] = pair[EASE_SUM]
        terms[5, slot] = pair[EASE_SUM] / tops[2]
        terms[6, slot] = own[COUNT]
        terms[7, slot] = own[SLOW]
        terms[8, slot] = own[CONTEXT]
        terms[9, slot] = _own_sum(own) / tops[3]
        terms[10, slot] = pair[TASTE] / tops[4]
        terms[11, slot] = np.exp(item[_LOG_SHARE]) / best
        terms[12, slot] = item[_LOG_SHARE]
        terms[13, slot] = item[_TREND_10]
        terms[14, slot] = pair[SIMILAR]
        terms[15, slot] = pair[SIMILAR] / tops[5]
    blend = np.full(used, weights[_BLENDED], np.float32)
    for place in range(_BLENDED):
        weight, scale, term = weights[place], scales[place], terms[place]
        for slot in range(in_cart, used):
            blend[slot] += weight * (term[slot] / (abs(term[slot]) + scale))
    return blend


@compiled
def _best(blend: NDArray[np.float32], items: NDArray[np.int32], first: int, used: int, most: int) -> NDArray[np.int64]:
    """Slots of the `most` best candidates, in the order of their items; equal blends go by item."""
    if used - first <= most:
        slots = np.arange(first, used)
    else:
        bar = np.partition(blend[first:used], used - first - most)[used - first - most]
        above = 0
        for slot in range(first, used):
            above += blend[slot] > bar
        equal = np.empty(used - first, np.int64)
        equals = 0
        slots = np.empty(most, np.int64)
        place = 0
        for slot in range(first, used):
            if blend[slot] > bar:
                slots[place] = slot
                place += 1
            elif blend[slot] == bar:
                equal[equals] = slot
                equals += 1
        equal = equal[:equals]
        slots[place:] = equal[np.argsort(items[equal])][: most - above]
    return slots[np.argsort(items[slots])]


@compiled
def _mean_log_price(shop: Shop, cart: NDArray[np.int32]) -> np.float32:
    total, priced = np.float32(0), 0
    for item in cart:
        price = shop.item_signals[item, _LOG_PRICE]
        if not np.isnan(price):
            total += price
            priced += 1
    return total / np.float32(priced) if priced else np.float32(np.nan)


@compiled
def _fill_pairs(
    pair: NDArray[np.float32],
    own: NDArray[np.float32],
    tops: NDArray[np.float32],
    in_cart: int,
    row: NDArray[np.float32],
) -> None:
    size = np.float32(max(in_cart, 1))
    row[_PAIRS] = pair[COSINE_SUM]
    row[_PAIRS + 1] = pair[COSINE_MAX]
    row[_PAIRS + 2] = pair[CONFIDENCE_SUM] / size
    row[_PAIRS + 3] = pair[CONFIDENCE_MAX]
    row[_PAIRS + 4] = pair[WEIGHTED_SUM]
    row[_PAIRS + 5] = pair[WEIGHTED_MAX]
    row[_PAIRS + 6] = pair[EASE_SUM]
    row[_PAIRS + 7] = pair[EASE_MAX]
    row[_PAIRS + 8] = np.log(pair[LIFT_MAX]) if pair[LIFT_MAX] > 0 else np.float32(-1)
    row[_PAIRS + 9] = pair[MET] / size
    row[_RELATIVE] = pair[COSINE_SUM] / tops[0]
    row[_RELATIVE + 1] = pair[WEIGHTED_SUM] / tops[1]
    row[_RELATIVE + 2] = pair[EASE_SUM] / tops[2]
    row[_RELATIVE + 3] = _own_sum(own) / tops[3]
    row[_SIMILAR] = pair[SIMILAR]
    row[_SIMILAR + 1] = pair[SIMILAR] / tops[5]


@compiled
def _fill_item(shop: Shop, item: int, cart_price: np.float32, row: NDArray[np.float32]) -> None:
    signals = shop.item_signals[item]
    for place in range(len(signals)):
        row[_ITEM + place] = signals[place]
    row[_PRICE_GAP] = signals[_LOG_PRICE] - cart_price


@compiled
def _fill_own(own: NDArray[np.float32], facts: NDArray[np.float32], row: NDArray[np.float32]) -> None:
    row[_OWN] = own[COUNT]
    row[_OWN + 1] = own[COUNT] / max(facts[ORDERS], np.float32(1))
    row[_OWN + 2] = own[FAST]
    row[_OWN + 3] = own[SLOW]
    row[_OWN + 4] = own[LAST_DAYS] if own[COUNT] > 0 else _NEVER
    row[_OWN + 5] = np.float32(-1)
    if own[COUNT] > 1:
        gaps = max(own[FIRST_DAYS] - own[LAST_DAYS], _HALF_A_DAY)
        row[_OWN + 5] = own[LAST_DAYS] * (own[COUNT] - 1) / gaps
    row[_OWN + 6] = own[CONTEXT]
    row[_OWN + 7] = own[SINCE] if own[COUNT] > 0 else _NEVER


@compiled
def _fill_categories(
    shop: Shop,
    scratch: Scratch,
    item: int,
    cart: NDArray[np.int32],
    facts: NDArray[np.float32],
    row: NDArray[np.float32],
) -> None:
    size = np.float32(max(len(cart), 1))
    sums = scratch.category[shop.category[item]]
    row[_CATEGORY_OWN] = sums[_OWN_LINES] / max(facts[LINES], np.float32(1))
    row[_CATEGORY_OWN + 1] = sums[_OWN_LINES] / max(facts[ORDERS], np.float32(1))
    row[_CATEGORY] = sums[_IN_CART]
    same = 0
    branch = shop.branch[item]
    if branch >= 0:
        for other in cart[:_BRANCH_ITEMS]:
            same += shop.branch[other] == branch
    row[_CATEGORY + 1] = np.float32(same) / size
    row[_CATEGORY + 2] = sums[_COMPANION_SUM] / size
    row[_CATEGORY + 3] = sums[_COMPANION_MAX]


@compiled
def _fill_cart(facts: NDArray[np.float32], in_cart: int, row: NDArray[np.float32]) -> None:
    row[_CART] = np.log(np.float32(max(in_cart, 1)))
    row[_CART + 1] = facts[KNOWN]
    row[_CART + 2] = facts[ORDERS]
    row[_CART + 3] = facts[REPEAT]
    row[_CART + 4] = facts[DAYS]
    row[_CART + 5] = facts[DAYS] / max(facts[GAP], _HALF_A_DAY) if facts[GAP] > 0 else np.float32(-1)


@compiled
def _sum_categories(shop: Shop, cart: NDArray[np.int32], scratch: Scratch, used: int) -> None:
    for item in cart:
        category = shop.category[item]
        if category < 0:
            continue
        scratch.category[category, _IN_CART] += 1
        for entry in range(shop.companion_offsets[category], shop.companion_offsets[category + 1]):
            sums = scratch.category[shop.companion_items[entry]]
            sums[_COMPANION_SUM] += shop.companion_scores[entry]
            sums[_COMPANION_MAX] = max(sums[_COMPANION_MAX], shop.companion_scores[entry])
    for slot in range(used):
        category = shop.category[scratch.rows[slot]]
        if category >= 0:
            scratch.category[category, _OWN_LINES] += scratch.own[slot, COUNT]


@compiled
def _wipe(shop: Shop, cart: NDArray[np.int32], scratch: Scratch, used: int) -> None:
    for item in cart:
        category = shop.category[item]
        if category >= 0:
            for entry in range(shop.companion_offsets[category], shop.companion_offsets[category + 1]):
                scratch.category[shop.companion_items[entry]] = 0
    for slot in range(used):
        item = scratch.rows[slot]
        scratch.slot_of[item] = 0
        scratch.category[shop.category[item]] = 0
    scratch.pair[:used] = 0
    scratch.own[:used] = 0
