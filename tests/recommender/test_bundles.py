"""Bundles of the whole shop at today's prices: worth, discounts, floors, and parts that left the shelf."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_shop import BREAD, JAM, MILK, tiny_catalog, tiny_customers, tiny_model

from recommender.bundle_worth import BundleTerms, nudged
from recommender.bundles import DISCOUNTS, Bundle, Bundles, bundle_id
from recommender.catalog import Catalog
from recommender.engine import Recommender

NAN = math.nan


def listed(catalog: Catalog | None = None, **terms: float) -> list[Bundle]:
    model = tiny_model()
    config = model.manifest.config | {"bundles": terms}
    model = replace(model, manifest=replace(model.manifest, config=config))
    return Recommender(model, tiny_customers(), catalog).bundles()


def with_column(name: str, row: int, value: float) -> Catalog:
    values = getattr(tiny_catalog(), name).copy()
    values[row] = value
    return replace(tiny_catalog(), **{name: values})


def test_what_a_nudge_is_worth_decides_the_order():
    """Delivery and milk: (2 - ½) · 4 ÷ 6 · (5 + 1.5 - 2) = 4.5. Bread and butter: (5 - 2) · 2 ÷ 7 · 2.5 = 15 ÷ 7.

    The third holds jam, which is out of stock.
    """
    first, second = listed()
    assert first.item_ids == ("delivery", "milk")
    assert first.worth == pytest.approx(4.5)
    assert second.item_ids == ("bread", "butter")
    assert second.worth == pytest.approx(15 / 7)
    assert (second.price, second.count, second.apart, second.expected, second.lift) == (5.5, 5, 2, 2.0, 2.5)
    assert second.probability == 5 / 7
    assert second.titles == ("Brown bread", "Salted butter")
    assert second.text == "all in 5 of the 7 baskets with one of them, where luck would give 2"
    assert (first.available, second.available) == (100, 12)
    assert second.profit_basis == "cost"
    assert second.bundle_id == bundle_id(["butter", "bread"])


def test_what_everybody_takes_together_anyway_goes_last():
    model = tiny_model()
    always = replace(model.bundles, apart=np.array([0, 4, 5], np.int32))
    bundles = Recommender(replace(model, bundles=always)).bundles()
    assert [bundle.item_ids for bundle in bundles] == [("delivery", "milk"), ("bread", "butter")]
    assert bundles[1].worth == 0
    assert [at.probability for at in bundles[1].at_discounts] == [1.0] * 5
    assert bundles[1].suggested_discount == 0  # a discount only gives margin away


def test_a_bundle_at_discounts_by_hand():
    """Bread and butter cost 3 and sell for 5.5 with odds 5 : 2. A tenth off: 4.95, profit 1.95, odds 2.5 ÷ .81."""
    bundle = listed()[1]
    assert [at.discount for at in bundle.at_discounts] == list(DISCOUNTS)
    full, _, tenth, _, fifth = bundle.at_discounts
    assert full.worth == pytest.approx(1000 * 5 / 7 * 2.5)
    assert full.worth == full.worth_low == full.worth_high
    assert full.break_even_lift == 1
    odds = 2.5 / 0.81
    assert tenth.price == pytest.approx(4.95)
    assert tenth.probability == pytest.approx(odds / (1 + odds))
    assert tenth.worth == pytest.approx(1000 * odds / (1 + odds) * 1.95)
    assert tenth.break_even_lift == pytest.approx(2.5 / 1.95)
    low, high = 2.5 / 0.9, 2.5 / 0.9**3
    assert tenth.worth_low == pytest.approx(1950 * low / (1 + low))
    assert tenth.worth_high == pytest.approx(1950 * high / (1 + high))
    assert fifth.price == pytest.approx(4.4)
    assert bundle.suggested_discount == 0


def test_the_suggested_discount_earns_most_above_the_floor():
    """Delivery and milk, odds 1 : 2, cost 2 of 6.5. At elasticity 6 each step earns more; the floor stops it."""
    assert listed(elasticity=6.0)[0].suggested_discount == 0.20
    assert listed(elasticity=6.0, margin_floor=0.64)[0].suggested_discount == 0.10  # (5.85 - 2) ÷ 5.85 = .658
    assert listed(elasticity=0.0)[0].suggested_discount == 0
    above = listed(elasticity=6.0, margin_floor=0.7)[0]  # (6.5 - 2) ÷ 6.5 = .692 at full price already
    assert above.suggested_discount is None
    assert [at.keeps_floor for at in above.at_discounts] == [False] * 5


def test_a_loss_has_no_break_even_and_no_suggested_discount():
    bundle = next(b for b in listed(with_column("cost", BREAD, 50.0)) if "bread" in b.item_ids)
    assert bundle.worth is not None
    assert bundle.worth < 0
    assert [at.break_even_lift for at in bundle.at_discounts] == [None] * 5
    assert bundle.suggested_discount is None
    assert all(at.worth < 0 for at in bundle.at_discounts)


def test_without_any_cost_no_discount_is_suggested():
    catalog = replace(tiny_catalog(), cost=np.full(8, NAN))
    for bundle in listed(catalog):
        assert bundle.profit_basis == "revenue"
        assert bundle.suggested_discount is None
        assert {at.keeps_floor for at in bundle.at_discounts} == {None}


def test_a_part_without_a_price_leaves_the_money_out():
    last = listed(with_column("price", BREAD, NAN))[-1]
    assert last.item_ids == ("bread", "butter")
    assert (last.price, last.worth, last.suggested_discount, last.profit_basis) == (None, None, None, None)
    assert last.at_discounts == ()
    assert last.count == 5


def test_a_bundle_whose_part_left_the_catalogue_is_not_listed():
    assert [b.item_ids for b in listed(with_column("active", MILK, 0))] == [("bread", "butter")]
    assert ("bread", "butter", "jam") in [b.item_ids for b in listed(with_column("stock", JAM, 3))]
    assert listed(replace(tiny_catalog(), active=np.zeros(8, np.uint8))) == []


def test_stock_of_the_scarcest_part():
    assert listed(with_column("stock", MILK, 3.7))[0].available == 3
    assert listed(replace(tiny_catalog(), stock=np.full(8, NAN)))[0].available is None


def test_a_shop_without_bundles_lists_none():
    assert Recommender(replace(tiny_model(), bundles=Bundles.none())).bundles() == []
    assert Bundles.none().probability.tolist() == []


@given(st.floats(0, 1), st.floats(0, 0.9), st.floats(0, 20))
def test_a_discount_never_lowers_a_probability_nor_lifts_it_above_one(probability, discount, elasticity):
    assert probability - 1e-12 <= nudged(probability, discount, elasticity) <= 1
    assert BundleTerms.of({}) == BundleTerms(2.0, 0.1)


@given(st.lists(st.text(max_size=4), min_size=1, max_size=4))
def test_a_bundle_id_follows_from_the_set(item_ids):
    assert bundle_id(item_ids) == bundle_id([*reversed(item_ids), item_ids[0]])
    assert bundle_id(item_ids) != bundle_id([*item_ids, "a fifth item"])
