"""Upsell: the same need, a little dearer, more profit, no more returns, and nothing where nothing is better."""

from dataclasses import replace

import numpy as np
import pytest
from generated_models import models
from hypothesis import given
from hypothesis import strategies as st
from tiny_shop import BREAD, BUTTER, JAM, tiny_catalog, tiny_model

from recommender.catalog import Catalog
from recommender.engine import Recommender
from recommender.model import Model
from recommender.substitutes import Substitutes
from recommender.upsell import UpsellTerms, better_items
from recommender.worth import worth_of


def shop(catalog: Catalog | None = None, model: Model | None = None) -> Recommender:
    return Recommender(model or tiny_model(), None, catalog)


def changed(**columns: tuple[int, float]) -> Catalog:
    catalog = tiny_catalog()
    for name, (row, value) in columns.items():
        values = getattr(catalog, name).copy()
        values[row] = value
        catalog = replace(catalog, **{name: values})
    return catalog


def better(*items: str, catalog: Catalog | None = None, model: Model | None = None) -> list[str]:
    return [s.item_id for s in shop(catalog, model).suggest(items, placement="upsell")]


def test_a_better_item_of_the_same_category_by_hand():
    """Milk 1.50 and butter are dairy. At 2.40 butter is 1.6 times as dear; at a cost of 1 it earns 1.40."""
    catalog = changed(price=(BUTTER, 2.4), cost=(BUTTER, 1.0))
    found = shop(catalog).suggest(["milk"], placement="upsell")
    assert [(s.item_id, s.price, s.score, s.probability) for s in found] == [("butter", 2.4, 0.5, None)]
    assert found[0].reason.kind == "upsell"
    assert found[0].reason.because == ("milk",)
    assert found[0].reason.text == "0.90 more than Whole milk: also Dairy, 6 baskets chose it"
    assert (found[0].reason.count, found[0].reason.of) == (None, None)
    assert better("milk", "bread", catalog=catalog) == []  # bread was added last, and is alone in its category
    assert better("butter", "milk", catalog=catalog) == []  # never an item of the cart


@pytest.mark.parametrize(
    ("name", "value"),
    [("price", 1.57), ("price", 2.71), ("price", np.nan), ("cost", 2.0), ("return_rate", 0.02), ("active", 0)],
)
def test_what_is_not_better(name, value):
    """Outside of 1.575 to 2.70, without a price, with less profit, with more returns, or not for sale."""
    good = {"price": (BUTTER, 2.4), "cost": (BUTTER, 1.0)}
    assert better("milk", catalog=changed(**good)) == ["butter"]
    assert better("milk", catalog=changed(**(good | {name: (BUTTER, value)}))) == []


def test_what_is_known_to_replace_it_goes_first_whatever_its_category():
    instead = Substitutes(
        np.array([0, 1, 1, 1, 1, 2, 2, 2, 2]),
        np.array([JAM, BREAD], np.int32),
        *[np.array([1, 1], kind) for kind in (np.float32, np.int32, np.float32)],
    )
    model = replace(tiny_model(), substitutes=instead)
    catalog = changed(stock=(JAM, 5))
    assert better("bread", model=model, catalog=catalog) == ["jam"]  # 4.00 is 1.6 times 2.50, and earns 2 against 1.5
    assert shop(catalog, model).suggest(["bread"], placement="upsell")[0].score == 1 + 2 / 12


def test_without_prices_categories_or_an_item_nothing_is_better():
    assert better("milk", catalog=replace(tiny_catalog(), price=np.full(8, np.nan))) == []
    assert better("milk", catalog=replace(tiny_catalog(), item_category=np.full(8, -1, np.int32))) == []
    assert better() == []
    assert better("nosuch") == []
    assert better("coffee") == []


@given(models(), st.data())
def test_what_holds_of_every_better_item(model, data):
    if not len(model.catalog):
        return
    main = data.draw(st.integers(0, len(model.catalog) - 1))
    terms, worth = UpsellTerms(), worth_of(model.catalog)
    rows, scores = better_items(model, worth, main, terms)
    assert main not in rows
    assert (np.diff(scores) <= 0).all()
    assert (worth.price[rows] >= terms.price_low * worth.price[main]).all()
    assert (worth.price[rows] <= terms.price_high * worth.price[main]).all()
    assert (worth.profit[rows] > worth.profit[main]).all()
    assert UpsellTerms.of({"upsell": {"price_high": 3}}) == UpsellTerms(1.05, 3.0)
