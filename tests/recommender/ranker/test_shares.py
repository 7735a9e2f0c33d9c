"""The surest share of baskets for each item, against looking at every pair and every rule one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from generated_models import customers_of, models
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tiny_shop import BREAD, BUTTER, JAM, MILK, TEA, WINE, order_time, tiny_customers, tiny_model

from recommender.customers import Customers
from recommender.evidence import wilson_interval
from recommender.model import LongRules, Model
from recommender.ranker.shares import CLAIMED, MET, NOTHING, RULE, own_orders, shares_of, surest_shares
from recommender.ranker.shop import past_of

UNSHRUNK = [Phase.explicit, Phase.reuse, Phase.generate]  # a whole model shrinks for minutes
EVERYTHING = np.arange(8, dtype=np.int32)


def surest(model: Model, cart: list[int], row: int) -> tuple[float, ...]:
    """Claims first, then those of five customers, then the highest lower bound; (claimed, told, bound) or nothing."""
    pairs, rules, shares = model.pairs, model.rules, []
    for source in cart:
        for entry in range(pairs.offsets[source], pairs.offsets[source + 1]):
            if pairs.items[entry] == row:
                low = wilson_interval(int(pairs.counts[entry]), int(model.item_orders[source]))[0]
                shares.append((bool(pairs.claimed[entry]), bool(pairs.customers[entry] >= 5), low))
    for rule in range(len(rules.counts)):
        antecedents = {item for item in rules.antecedents[rule].tolist() if item >= 0}
        if rules.consequents[rule] == row and antecedents <= set(cart):
            low = wilson_interval(int(rules.counts[rule]), int(rules.of[rule]))[0]
            shares.append((True, bool(rules.customers[rule] >= 5), low))
    return max(shares, default=())


@settings(max_examples=100, phases=UNSHRUNK)
@given(models(), st.data())
def test_shares_of_a_naive_oracle(model: Model, data: st.DataObject) -> None:
    items = len(model.catalog)
    pairs = replace(model.pairs, counts=np.minimum(model.pairs.counts, 50).astype(np.int32))
    model = replace(model, pairs=pairs, item_orders=np.maximum(model.item_orders, 50).astype(np.int32))
    cart = sorted(data.draw(st.sets(st.integers(0, items - 1), max_size=6))) if items else []
    found, at_least = surest_shares(shares_of(model), np.array(cart, np.int32), np.arange(items, dtype=np.int32))
    for row, (basis, _, count, of, customers) in enumerate(found.tolist()):
        low = wilson_interval(count, of)[0]
        told = () if basis == NOTHING else (basis != MET, customers >= 5, pytest.approx(low))
        assert at_least[row] == (pytest.approx(low) if told else -1)
        assert told == surest(model, cart, row)


@pytest.mark.parametrize(
    ("cart", "row", "share"),
    [
        ([], BUTTER, [NOTHING] * 5),
        ([BREAD], BUTTER, [CLAIMED, BREAD, 5, 6, 5]),
        ([TEA], WINE, [MET, TEA, 1, 2, 1]),
        ([BREAD, BUTTER], JAM, [RULE, 0, 2, 5, 2]),
        ([BREAD, JAM], BUTTER, [CLAIMED, BREAD, 5, 6, 5]),
    ],
)
def test_shares_by_hand(cart: list[int], row: int, share: list[int]) -> None:
    found, _ = surest_shares(shares_of(tiny_model()), np.array(cart, np.int32), np.array([row], np.int32))
    assert found.tolist() == [share]


@pytest.mark.parametrize(("customers", "told"), [(4, BREAD), (5, JAM)])
def test_of_two_claims_the_one_that_shoppers_may_be_told(customers: int, told: int) -> None:
    """Butter is in 5 of 6 baskets with bread, 3 of 4 with jam: bread is surer, unless four customers are behind it."""
    model = tiny_model()
    pairs = model.pairs
    sources = np.repeat(np.arange(len(pairs.offsets) - 1), np.diff(pairs.offsets))
    behind, claimed = pairs.customers.copy(), pairs.claimed.copy()
    for source, count in ((BREAD, 4), (JAM, customers)):
        entry = (sources == source) & (pairs.items == BUTTER)
        behind[entry], claimed[entry] = count, True
    model = replace(model, pairs=replace(pairs, customers=behind, claimed=claimed), rules=LongRules.none(8))

    found, _ = surest_shares(shares_of(model), np.array([BREAD, JAM], np.int32), np.array([BUTTER], np.int32))

    assert found[0, :2].tolist() == [CLAIMED, told]


def test_a_model_without_long_rules() -> None:
    model = replace(tiny_model(), rules=LongRules.none(8))
    found, _ = surest_shares(shares_of(model), np.array([BREAD, BUTTER], np.int32), np.array([JAM], np.int32))
    assert found[0, 0] == CLAIMED


@pytest.mark.parametrize(
    ("now", "items", "orders"),
    [
        (order_time(6) + 1, [BREAD, BUTTER, JAM, BREAD, MILK], 2),
        (order_time(6), [BREAD, BUTTER, JAM], 1),
        (order_time(1) + 1, [BREAD, BUTTER, JAM], 1),
        (order_time(1), [], 0),
    ],
)
def test_orders_count_for_what_comes_after_them(now: int, items: list[int], orders: int) -> None:
    held = np.full(8, 7, np.int64)
    assert own_orders(past_of(tiny_customers()), 0, now, EVERYTHING, held) == orders
    assert held.tolist() == [items.count(row) for row in EVERYTHING]


@settings(max_examples=50, phases=UNSHRUNK)
@given(models(), st.data())
def test_own_orders_of_any_customer(model: Model, data: st.DataObject) -> None:
    customers: Customers = data.draw(customers_of(model))
    rows = np.arange(len(model.catalog), dtype=np.int32)
    for customer in range(len(customers)):
        held = np.zeros(len(rows), np.int64)
        lines = slice(customers.offsets[customer], customers.offsets[customer + 1])
        orders = own_orders(past_of(customers), customer, 2**62, rows, held)
        assert orders == customers.opens_order[lines].sum()
        assert held.tolist() == np.bincount(customers.items[lines], minlength=len(rows)).tolist()
