"""The box under a product: the tiny shop's by hand, and what holds of every box of any shop."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from generated_models import models
from hypothesis import given
from tiny_shop import BREAD, BUTTER, ITEM_IDS, JAM, MILK, tiny_catalog, tiny_model

from recommender import assembling
from recommender.bundles import CountedSets, bundle_id
from recommender.catalog import Catalog
from recommender.engine import Recommender
from recommender.evidence import bought_with
from recommender.substitutes import Substitutes

SHOP = Recommender(tiny_model())


def with_values(**columns: tuple[int, float]) -> Catalog:
    """The tiny catalogue with one value changed in each of the named columns."""
    catalog = tiny_catalog()
    for name, (row, value) in columns.items():
        values = getattr(catalog, name).copy()
        values[row] = value
        catalog = replace(catalog, **{name: values})
    return catalog


def parts(item_id: str, catalog: Catalog | None = None, model=None) -> list[str] | None:
    box = Recommender(model or tiny_model(), None, catalog).bundle(item_id)
    return None if box is None else [item.item_id for item in box.items]


def why(item_id: str, catalog: Catalog | None = None) -> str | None:
    return Recommender(tiny_model(), None, catalog).bundle_answer(item_id).empty_because


def test_the_box_of_bread_by_hand():
    """Bread with butter, 5 of bread's 6 baskets; jam is out of stock. 40 loaves and 12 pieces of butter make 12."""
    box = SHOP.bundle("bread")
    assert box is not None
    assert box.as_json() == {
        "bundle_id": bundle_id(["bread", "butter"]),
        "items": [
            {
                "item_id": "bread",
                "title": "Brown bread",
                "price": 2.5,
                "quantity": 1,
                "reason": None,
                "requires_consent": False,
            },
            {
                "item_id": "butter",
                "title": "Salted butter",
                "price": 3.0,
                "quantity": 1,
                "reason": bought_with("bought-together", ["bread"], ["Brown bread"], 5, 6, 5 / 3, 5).as_json(),
                "requires_consent": False,
            },
        ],
        "price": 5.5,
        "count": 5,
        "of": 6,
        "customers": 5,
        "available": 12,
        "add_to_cart": [{"item_id": "bread", "quantity": 1}, {"item_id": "butter", "quantity": 1}],
        "text": "5 of 6 baskets with Brown bread held all of it",
    }
    answer = SHOP.bundle_answer("bread")
    assert (answer.box, answer.missing_items, answer.empty_because) == (box, (), None)


def test_a_third_part_needs_baskets_with_all(monkeypatch):
    """Two baskets held bread, butter and jam."""
    in_stock = with_values(stock=(JAM, 3))
    assert parts("bread", in_stock) == ["bread", "butter"]
    monkeypatch.setattr(assembling, "LEAST_TOGETHER", 2)
    assert parts("bread", in_stock) == ["bread", "butter", "jam"]
    box = Recommender(tiny_model(), None, in_stock).bundle("bread")
    assert box is not None
    assert (box.count, box.available, box.price) == (2, 3, 9.5)


def test_customers_of_a_box_of_three(monkeypatch):
    """Counted in training as 2; else of its 2 baskets 2 - (5 - 5), 2 - (2 - 2) or 2 - (2 - 1) are surely different."""
    monkeypatch.setattr(assembling, "LEAST_TOGETHER", 2)
    in_stock, model = with_values(stock=(JAM, 3)), tiny_model()
    counted = replace(model, counted_sets=replace(model.counted_sets, customers=np.array([9], np.uint8)))
    box = Recommender(counted, None, in_stock).bundle("bread")
    assert box is not None
    assert box.customers == 9
    for customers, at_least in ((model.pairs.customers, 2), (np.ones_like(model.pairs.customers), 1)):
        pairs = replace(model.pairs, customers=customers)
        other = replace(model, pairs=pairs, counted_sets=CountedSets.none())
        box = Recommender(other, None, in_stock).bundle("bread")
        assert box is not None
        assert (len(box.items), box.customers) == (3, at_least)


def test_parts_are_of_different_categories_unless_nothing_else_goes_with_the_item():
    """With butter a thing of the bakery, bread's box is with jam; where jam is gone too, butter is all there is."""
    catalog = with_values(stock=(JAM, 3))
    category = catalog.item_category.copy()
    category[BUTTER] = category[BREAD]
    assert parts("bread", replace(catalog, item_category=category)) == ["bread", "jam"]
    assert parts("bread", replace(tiny_catalog(), item_category=category)) == ["bread", "butter"]
    nowhere = replace(catalog, item_category=np.full(8, -1, np.int32))
    assert parts("bread", nowhere) == ["bread", "butter"]


def test_what_replaces_or_varies_a_part_is_left_out():
    group = tiny_catalog().item_group.copy()
    group[[BREAD, BUTTER]] = 7
    assert why("bread", replace(tiny_catalog(), item_group=group)) is not None
    instead = Substitutes(
        np.array([0, 1, 2, 2, 2, 2, 2, 2, 2]),
        np.array([BUTTER, BREAD], np.int32),
        *[np.array([1, 1], kind) for kind in (np.float32, np.int32, np.float32, np.uint8)],
    )
    assert parts("bread", model=replace(tiny_model(), substitutes=instead)) is None


def test_why_there_is_no_box():
    assert why("coffee") == "nothing was bought with this item more often than luck explains"
    assert why("tea") == "this item cannot be sold today"
    assert why("bread", with_values(active=(BUTTER, 0))) == (
        "what goes with this item cannot be sold today, replaces it, or may not be shown"
    )
    unknown = SHOP.bundle_answer("nosuch")
    assert (unknown.missing_items, unknown.empty_because) == (("nosuch",), "the model does not know this item")
    assert unknown.as_json()["bundle"] is None


def test_prices_that_are_missing_or_out_of_proportion():
    box = Recommender(tiny_model(), None, with_values(price=(BUTTER, np.nan))).bundle("bread")
    assert box is not None
    assert (box.price, box.items[1].price) == (None, None)
    assert parts("bread", with_values(price=(BUTTER, 25.0))) == ["bread", "butter"]
    assert parts("bread", with_values(price=(BUTTER, 25.01))) is None  # more than ten times the bread
    assert parts("bread", with_values(price=(BUTTER, 0.0))) is None
    assert parts("milk") == ["milk", "delivery"]


def test_stock_of_unknown_size_and_of_half_pieces():
    box = Recommender(tiny_model(), None, replace(tiny_catalog(), stock=np.full(8, np.nan))).bundle("bread")
    assert box is not None
    assert box.available is None
    half = Recommender(tiny_model(), None, with_values(stock=(MILK, 2.5))).bundle("milk")
    assert half is not None
    assert half.available == 2


def test_a_shop_without_categories_prices_and_groups_has_boxes():
    bare = replace(
        tiny_catalog(),
        item_category=np.full(8, -1, np.int32),
        price=np.full(8, np.nan),
        item_group=np.full(8, -1, np.int32),
    )
    assert parts("bread", bare) == ["bread", "butter"]


@given(models())
def test_what_holds_of_every_box(model):
    shop = Recommender(model)
    baskets = np.split(model.counted_baskets.items, model.counted_baskets.offsets[1:-1])
    claimed = {
        (row, int(other))
        for row in range(len(model.catalog))
        for other, known in zip(
            model.pairs.items[model.pairs.offsets[row] : model.pairs.offsets[row + 1]],
            model.pairs.claimed[model.pairs.offsets[row] : model.pairs.offsets[row + 1]],
            strict=True,
        )
        if known
    }
    for row, item_id in enumerate(model.catalog.item_ids):
        answer = shop.bundle_answer(item_id)
        assert (answer.box is None) == (answer.empty_because is not None)
        if answer.box is None:
            continue
        rows = [model.catalog.row(item.item_id) for item in answer.box.items]
        assert rows[0] == row
        assert 2 <= len(rows) == len(set(rows)) <= 4
        assert all((first, second) in claimed for first, second in combinations(rows, 2))
        groups = [group for group in model.catalog.item_group[rows].tolist() if group >= 0]
        assert len(groups) == len(set(groups))
        replaced = {int(other) for r in rows for other in model.substitutes.items[model.substitutes.entries(r)]}
        assert replaced.isdisjoint(rows)
        assert model.catalog.sellable()[rows].all()
        assert answer.box.count == sum(set(rows) <= set(basket.tolist()) for basket in baskets)
        stock = model.catalog.stock[rows]
        known = stock[~np.isnan(stock)]
        assert answer.box.available == (int(known.min() // 1) if len(known) else None)
        assert answer.box.add_to_cart == [
            {"item_id": ITEM, "quantity": 1} for ITEM in (i.item_id for i in answer.box.items)
        ]


@pytest.mark.parametrize("item_id", ITEM_IDS)
def test_the_same_box_every_time(item_id):
    assert SHOP.bundle_answer(item_id) == Recommender(tiny_model()).bundle_answer(item_id)
