"""Second half of the kernel: the best candidates of the blend, with their signals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.blend import Blend
from recommender.ranker.compiled import compiled
from recommender.ranker.encode import fill_encoded
from recommender.ranker.gather import Gathered, gather
from recommender.ranker.history import CUSTOMER_FACTS, DAYS, GAP, KNOWN, LINES, ORDERS, REPEAT
from recommender.ranker.inputs import Past, Scratch, Shop
from recommender.ranker.met import fill_met
from recommender.ranker.processor import fetch
from recommender.ranker.shortlist import (
    TOP_COSINE,
    TOP_EASE,
    TOP_OWN,
    TOP_SIMILAR,
    TOP_TASTE,
    TOP_WEIGHTED,
    best,
    blended,
    largest,
)
from recommender.ranker.signals import COLUMN, ITEM_SIGNALS
from recommender.ranker.slots import (
    CONTEXT,
    COSINES,
    COUNT,
    EASE,
    FAST,
    FIRST_DAYS,
    LAST_DAYS,
    SIMILAR,
    SINCE,
    SLOW,
    TASTE,
    WEIGHTED,
)

_LOG_PRICE = ITEM_SIGNALS.index("log_price")
_NEVER, _ONCE = np.float32(999), np.float32(-1)
_HALF_A_DAY = np.float32(0.5)
_IN_CART, _COMPANION_SUM, _COMPANION_MAX, _OWN_LINES = 0, 1, 2, 3
_BRANCH_ITEMS = 40

_COSINE_SUM, _WEIGHTED_SUM, _EASE_SUM = COLUMN["cosine_sum"], COLUMN["weighted_sum"], COLUMN["ease_sum"]
_RELATIVE, _ITEM = COLUMN["cosine_relative"], COLUMN["log_share"]
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
    rows : int32 (most,), filled with item rows, ascending.
    signals : float32 (signals, most), filled; a signal of all candidates lies beside itself.
    """
    facts = np.zeros(CUSTOMER_FACTS, np.float32)
    filled = gather(shop, past, customer, now, cart, scratch, facts)
    in_cart = len(cart)
    tops = largest(scratch, in_cart, filled)
    scores = blended(scratch, filled, tops, blend)
    slots = best(scores, scratch.rows, in_cart, filled.used, len(rows))
    found = len(slots)
    _sum_categories(shop, cart, scratch, filled.owned)
    for place in range(found):
        rows[place] = scratch.rows[slots[place]]
        signals[_BLEND, place] = scores[slots[place]]
        scratch.slot_of[rows[place]] = -1 - place
        fetch(shop.item_signals, rows[place] * shop.item_signals.shape[1])
        fetch(shop.category, rows[place])
        fetch(shop.branch, rows[place])
    fill_met(shop, cart, scratch.slot_of, found, signals)
    _fill_sums(scratch.sums, slots, tops, signals)
    _fill_items(shop, rows, found, cart, signals)
    _fill_own(scratch, slots, facts, tops, signals)
    _fill_categories(shop, scratch.category, rows, found, cart, facts, signals)
    fill_encoded(shop.encoder, past, customer, now, cart, rows, found, signals)
    _fill_cart(facts, in_cart, found, signals)
    _wipe(shop, cart, scratch, filled)
    return found


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
def _fill_sums(
    sums: NDArray[np.float32], slots: NDArray[np.int64], tops: NDArray[np.float32], signals: NDArray[np.float32]
) -> None:
    for place in range(len(slots)):
        slot = slots[place]
        cosine, weighted, ease = sums[COSINES, slot], sums[WEIGHTED, slot], sums[EASE, slot]
        signals[_COSINE_SUM, place] = cosine
        signals[_WEIGHTED_SUM, place] = weighted
        signals[_EASE_SUM, place] = ease
        signals[_RELATIVE, place] = cosine / tops[TOP_COSINE]
        signals[_RELATIVE + 1, place] = weighted / tops[TOP_WEIGHTED]
        signals[_RELATIVE + 2, place] = ease / tops[TOP_EASE]
        signals[_SIMILAR, place] = sums[SIMILAR, slot]
        signals[_SIMILAR + 1, place] = sums[SIMILAR, slot] / tops[TOP_SIMILAR]
        signals[_TASTE, place] = sums[TASTE, slot]
        signals[_TASTE + 1, place] = sums[TASTE, slot] / tops[TOP_TASTE]


@compiled
def _fill_items(
    shop: Shop, rows: NDArray[np.int32], found: int, cart: NDArray[np.int32], signals: NDArray[np.float32]
) -> None:
    items = shop.item_signals
    cart_price = _mean_log_price(items, cart)
    for place in range(found):
        item = rows[place]
        for column in range(items.shape[1]):
            signals[_ITEM + column, place] = _or_nothing(items[item, column])
        signals[_PRICE_GAP, place] = _or_nothing(items[item, _LOG_PRICE] - cart_price)


@compiled
def _or_nothing(signal: np.float32) -> np.float32:
    """What is unknown says as much as 0, which the network hears as nothing."""
    return np.float32(0) if np.isnan(signal) else signal


@compiled
def _fill_own(
    scratch: Scratch,
    slots: NDArray[np.int64],
    facts: NDArray[np.float32],
    tops: NDArray[np.float32],
    signals: NDArray[np.float32],
) -> None:
    own_of, own = scratch.own_of, scratch.own
    orders = max(facts[ORDERS], np.float32(1))
    for place in range(len(slots)):
        bought = own_of[slots[place]] - 1
        if bought < 0:
            signals[_RELATIVE + 3, place] = 0
            for column in range(_OWN, _OWN + 8):
                signals[column, place] = 0
            signals[_OWN + 4, place], signals[_OWN + 5, place], signals[_OWN + 7, place] = _NEVER, _ONCE, _NEVER
            continue
        count, last = own[bought, COUNT], own[bought, LAST_DAYS]
        gaps = max(own[bought, FIRST_DAYS] - last, _HALF_A_DAY)
        signals[_RELATIVE + 3, place] = (own[bought, FAST] + own[bought, SLOW] + own[bought, CONTEXT]) / tops[TOP_OWN]
        signals[_OWN, place] = count
        signals[_OWN + 1, place] = count / orders
        signals[_OWN + 2, place] = own[bought, FAST]
        signals[_OWN + 3, place] = own[bought, SLOW]
        signals[_OWN + 4, place] = last
        signals[_OWN + 5, place] = last * (count - 1) / gaps if count > 1 else _ONCE
        signals[_OWN + 6, place] = own[bought, CONTEXT]
        signals[_OWN + 7, place] = own[bought, SINCE]


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
        signals[_CATEGORY_OWN, place] = sums[category, _OWN_LINES] / lines
        signals[_CATEGORY_OWN + 1, place] = sums[category, _OWN_LINES] / orders
        signals[_CATEGORY, place] = sums[category, _IN_CART]
        same = 0
        if branch >= 0:
            for other in range(looked_at):
                same += branch_of[cart[other]] == branch
        signals[_CATEGORY + 1, place] = np.float32(same) / size
        signals[_CATEGORY + 2, place] = sums[category, _COMPANION_SUM] / size
        signals[_CATEGORY + 3, place] = sums[category, _COMPANION_MAX]


@compiled
def _fill_cart(facts: NDArray[np.float32], in_cart: int, found: int, signals: NDArray[np.float32]) -> None:
    size = np.log(np.float32(max(in_cart, 1)))
    lag = facts[DAYS] / max(facts[GAP], _HALF_A_DAY) if facts[GAP] > 0 else np.float32(-1)
    signals[_CART, :found] = size
    signals[_CART + 1, :found] = facts[KNOWN]
    signals[_CART + 2, :found] = facts[ORDERS]
    signals[_CART + 3, :found] = facts[REPEAT]
    signals[_CART + 4, :found] = facts[DAYS]
    signals[_CART + 5, :found] = lag


@compiled
def _sum_categories(shop: Shop, cart: NDArray[np.int32], scratch: Scratch, owned: int) -> None:
    category_of, sums, rows, own_slots, own = (
        shop.category,
        scratch.category,
        scratch.rows,
        scratch.own_slots,
        scratch.own,
    )
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
    for place in range(owned):
        category = category_of[rows[own_slots[place]]]
        if category >= 0:
            sums[category, _OWN_LINES] += own[place, COUNT]


@compiled
def _wipe(shop: Shop, cart: NDArray[np.int32], scratch: Scratch, filled: Gathered) -> None:
    category_of, categories, rows, slot_of = shop.category, scratch.category, scratch.rows, scratch.slot_of
    offsets, companions, own_of, own_slots = (
        shop.companion_offsets,
        shop.companion_items,
        scratch.own_of,
        scratch.own_slots,
    )
    for item in cart:
        category = int(category_of[item])
        _forget(categories, category)
        if category >= 0:
            for entry in range(offsets[category], offsets[category + 1]):
                _forget(categories, int(companions[entry]))
    for place in range(filled.owned):
        slot = own_slots[place]
        own_of[slot] = 0
        _forget(categories, int(category_of[rows[slot]]))
    for slot in range(filled.used):
        slot_of[np.uintp(rows[slot])] = 0
    scratch.own[: filled.owned] = 0
    for sums in scratch.sums:
        sums[: filled.used] = 0


@compiled
def _forget(categories: NDArray[np.float32], category: int) -> None:
    sums = categories[category]
    sums[_IN_CART] = sums[_COMPANION_SUM] = sums[_COMPANION_MAX] = sums[_OWN_LINES] = 0
