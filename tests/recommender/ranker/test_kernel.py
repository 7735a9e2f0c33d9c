"""The kernel against counting the slow and obvious way, and what it leaves behind: nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from generated_models import customers_of, models
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from kernel_oracle import as_row, candidates, encoded, similar_baskets
from tiny_shop import BREAD, BUTTER, ITEM_IDS, MILK, order_time, tiny_customers, tiny_model

from recommender.customers import Customers
from recommender.model import Model
from recommender.ranker.blend import blend_of
from recommender.ranker.describe import describe
from recommender.ranker.inputs import Past, Scratch, Shop, new_scratch
from recommender.ranker.shop import past_of, shop_of
from recommender.ranker.signals import BLEND, COLUMN, SIGNALS

ALL = 1000
WITHIN_A_YEAR = 2**28  # of the times that may be
UNSHRUNK = [Phase.explicit, Phase.reuse, Phase.generate]  # a whole model shrinks for minutes
TOLD = (
    *("cosine_sum", "cosine_max", "confidence_mean", "confidence_max", "weighted_sum", "weighted_max"),
    *("ease_sum", "ease_max", "log_lift_max", "met_share", "similar_baskets", "log_share", "repeat", "log_price"),
    *("price_gap", "own_count", "own_share", "own_fast", "own_slow", "own_days", "own_rhythm", "own_context"),
    *("own_since", "taste", "category_in_cart", "category_sum", "category_max", "log_cart_size", "known", "orders"),
    *("customer_repeat", "customer_days"),
)
ENCODER = [COLUMN["encoder"], COLUMN["encoder_chance"]]
AFTERWARDS = order_time(12) + 1


def described(
    model: Model, customers: Customers, customer: int, now: int, cart: list[int], most: int = ALL
) -> tuple[list[int], np.ndarray, Scratch]:
    """Item rows, their signals, and the scratch that was used."""
    shop, past = shop_of(model), past_of(customers)
    items = np.array(cart, np.int32)
    scratch = new_scratch(shop)
    rows, signals = np.empty(most, np.int32), np.full((len(SIGNALS), most), 77, np.float32)
    blend = blend_of(shop, model.ranker.blend)
    found = describe(shop, past, blend, customer, now, items, scratch, rows, signals)
    return rows[:found].tolist(), signals[:, :found].T, scratch


def unhurried(model: Model) -> Model:
    """With more room for candidates and baskets than the shop has."""
    return replace(model, ranker=replace(model.ranker, breadth=np.array([ALL, ALL, 10 * ALL], np.int32)))


def is_clean(scratch: Scratch) -> bool:
    sums = (scratch.slot_of, scratch.sums, scratch.own_of, scratch.own, scratch.category, scratch.basket, scratch.item)
    return not any(array.any() for array in sums)


@st.composite
def questions(draw) -> tuple[Model, Customers, int, int, list[int]]:
    model = unhurried(draw(models()))
    customers = draw(customers_of(model))
    customers = replace(customers, times=customers.times // WITHIN_A_YEAR)
    items = len(model.catalog)
    cart = sorted(draw(st.sets(st.integers(0, items - 1)))) if items else []
    customer = draw(st.integers(-1, len(customers) - 1))
    bounds = (int(customers.times.min()), int(customers.times.max())) if len(customers.times) else (0, 9)
    now = draw(st.one_of(st.integers(*bounds), st.just(bounds[1] + 1)))
    return model, customers, customer, now, cart


@settings(max_examples=150, phases=UNSHRUNK)
@given(questions())
def test_signals_are_those_of_a_naive_oracle(question):
    model, customers, customer, now, cart = question
    rows, signals, scratch = described(model, customers, customer, now, cart)
    expected = candidates(model, customers, customer, now, cart)
    assert set(rows) - set(expected) <= similar_at_the_bar(model, cart)
    assert set(expected) - set(rows) <= similar_at_the_bar(model, cart)
    assert rows == sorted(rows)
    for row, found in zip(rows, signals, strict=True):
        if row in expected and row not in similar_at_the_bar(model, cart):
            told = as_row(expected[row], TOLD)
            near = np.isclose(found[[COLUMN[name] for name in TOLD]], told, rtol=1e-3, atol=1e-4)
            assert near.all(), [name for name, is_near in zip(TOLD, near, strict=True) if not is_near]
    assert is_clean(scratch)


@settings(max_examples=100, phases=UNSHRUNK)
@given(questions(), st.integers(1, 4))
def test_the_encoder_answers_as_a_naive_oracle(question, most: int):
    model, customers, customer, now, cart = question
    for room in (ALL, most):
        rows, signals, _ = described(model, customers, customer, now, cart, room)
        expected = encoded(model, customers, customer, now, cart, rows)
        np.testing.assert_allclose(signals[:, ENCODER], expected, rtol=1e-3, atol=1e-4)


def similar_at_the_bar(model: Model, cart: list[int]) -> set[int]:
    """Items whose share of like baskets is so near to the bar that float32 may decide."""
    shares, baskets = similar_baskets(model, cart)
    return {item for item, share in shares.items() if abs(share * (baskets + 1) / 1.5 - 1) < 1e-3}


@settings(max_examples=60, phases=UNSHRUNK)
@given(questions(), st.integers(1, 4))
def test_few_places_go_to_the_best_of_the_blend(question, most: int):
    model, customers, customer, now, cart = question
    rows, signals, _ = described(model, customers, customer, now, cart)
    few, few_signals, scratch = described(model, customers, customer, now, cart, most)
    order = np.lexsort((rows, -signals[:, COLUMN["blend"]]))[:most]
    assert few == sorted(np.array(rows, np.int32)[order].tolist())
    np.testing.assert_array_equal(np.delete(few_signals, ENCODER, 1), np.delete(signals[np.sort(order)], ENCODER, 1))
    assert is_clean(scratch)


@settings(max_examples=60, phases=UNSHRUNK)
@given(questions())
def test_the_blend_weighs_squashed_signals(question):
    model, customers, customer, now, cart = question
    rows, signals, _ = described(model, customers, customer, now, cart)
    best = model.item_signals[model.bestsellers.recent[0], 0] if len(model.bestsellers.recent) else 0
    for row, found in zip(rows, signals, strict=True):
        values = {name: found[COLUMN[name]] for name, _, _ in BLEND if name != "share_relative"}
        values["share_relative"] = np.exp(model.item_signals[row, 0] - best)
        terms = [values[name] / (abs(values[name]) + scale) for name, scale, _ in BLEND]
        blend = float(np.dot(terms, model.ranker.blend[:-1]) + model.ranker.blend[-1])
        assert found[COLUMN["blend"]] == pytest.approx(blend, rel=1e-4, abs=1e-4)


@settings(max_examples=40, phases=UNSHRUNK)
@given(questions())
def test_relative_signals_are_shares_of_the_best_candidates(question):
    model, customers, customer, now, cart = question
    _, signals, _ = described(model, customers, customer, now, cart)
    if not len(signals):
        return
    for name in ("cosine", "weighted", "ease", "similar_baskets"):
        column = "similar_baskets" if name == "similar_baskets" else f"{name}_sum"
        best = max(float(signals[:, COLUMN[column]].max()), 1e-9)
        np.testing.assert_allclose(signals[:, COLUMN[f"{name}_relative"]], signals[:, COLUMN[column]] / best, rtol=1e-5)


def test_signals_of_the_tiny_shop_by_hand():
    """Ann on the 12th with milk: bread met it in 2 baskets; she bought bread on the 1st and, with milk, on the 6th."""
    rows, signals, _ = described(unhurried(tiny_model()), tiny_customers(), 0, order_time(12), [MILK])
    bread = dict(zip(SIGNALS, signals[rows.index(BREAD)].tolist(), strict=True))
    expected = {
        "cosine_sum": 2 / (6 + 2),
        "confidence_mean": 2 / (6 + 2),
        "weighted_sum": 2 / 8,
        "ease_max": 2 / 16,
        "log_lift_max": np.log((2 + 1) / (6 * 6 / 12 + 1)),
        "met_share": 1,
        "cosine_relative": 1,
        "own_count": 2,
        "own_share": 1,
        "own_fast": 1 + np.exp(-1 / 4),
        "own_slow": np.exp(-6 / 60) + np.exp(-11 / 60),
        "own_days": 6,
        "own_rhythm": 6 / 5,
        "own_context": 1 / np.sqrt(2),
        "own_since": 0,
        "own_category_share": 2 / 5,
        "own_category_rate": 2 / 2,
        "category_in_cart": 0,
        "category_sum": 6 / (10 + 10),
        "branch_in_cart": 0,
        "price_gap": np.log(2.5) - np.log(1.5),
        "known": 1,
        "orders": 2,
        "customer_repeat": 1 / 5,
        "customer_days": 6,
        "customer_lag": 6 / 5,
    }
    assert {name: bread[name] for name in expected} == pytest.approx(expected, rel=1e-5)


def test_butter_shares_milks_branch():
    """Both are Dairy, which is a branch of Food."""
    rows, signals, _ = described(unhurried(tiny_model()), tiny_customers(), -1, AFTERWARDS, [BREAD, MILK])
    butter = dict(zip(SIGNALS, signals[rows.index(BUTTER)].tolist(), strict=True))
    assert (butter["category_in_cart"], butter["branch_in_cart"]) == (1, 0.5)


def test_candidates_of_an_empty_cart_of_a_stranger_sold_best_of_late():
    rows, _, scratch = described(unhurried(tiny_model()), tiny_customers(), -1, AFTERWARDS, [])
    assert rows == sorted(tiny_model().bestsellers.recent.tolist())
    assert is_clean(scratch)


@pytest.mark.parametrize("customer", range(-1, 3))
def test_the_order_of_a_carts_items_changes_no_candidate(customer: int):
    model, customers = unhurried(tiny_model()), tiny_customers()
    forward = described(model, customers, customer, AFTERWARDS, [0, 2, 5])
    for cart in ([5, 2, 0], [2, 0, 5]):
        rows, signals, _ = described(model, customers, customer, AFTERWARDS, cart)
        assert rows == forward[0]
        np.testing.assert_allclose(signals, forward[1], rtol=1e-6)


def test_a_cart_of_everything_has_no_candidates():
    rows, _, scratch = described(unhurried(tiny_model()), tiny_customers(), 0, AFTERWARDS, list(range(len(ITEM_IDS))))
    assert rows == []
    assert is_clean(scratch)


@pytest.mark.parametrize("now", [order_time(1), order_time(6), AFTERWARDS])
def test_a_scratch_has_a_slot_for_every_item(now: int):
    for customer in range(-1, 3):
        for cart in ([], [BREAD], [BREAD, MILK], list(range(8))):
            rows, _, scratch = described(tiny_model(), tiny_customers(), customer, now, cart)
            assert len(rows) + len(cart) <= len(scratch.slot_of) == len(scratch.rows) - 1 == len(ITEM_IDS)
            assert is_clean(scratch)


def test_past_and_shop_are_read_only():
    arrays = [array for array in (*shop_of(tiny_model()), *past_of(tiny_customers())) if isinstance(array, np.ndarray)]
    assert not any(array.flags.writeable for array in arrays)
    assert isinstance(shop_of(tiny_model()), Shop)
    assert isinstance(past_of(None), Past)
