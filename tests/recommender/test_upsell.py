"""Upsell: the same need, a little dearer, more profit, no more returns, and nothing where nothing is better."""

from dataclasses import replace

import numpy as np
import pytest
from generated_models import models
from hypothesis import given
from hypothesis import strategies as st
from tiny_shop import BREAD, BUTTER, COFFEE, DELIVERY, JAM, MILK, order_time, tiny_catalog, tiny_customers, tiny_model

from recommender.catalog import Catalog
from recommender.engine import Recommender
from recommender.evidence import wilson_interval
from recommender.model import Model
from recommender.ranker.shop import past_of
from recommender.substitutes import Substitutes
from recommender.upsell import UpsellTerms, better_items, dearer_companions, owned_items
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


def test_an_answer_without_a_better_item_says_what_was_looked_at():
    """Butter is the other dairy; at 3.00 it is twice as dear as milk. Milk is no better butter: it is cheaper."""
    answer = shop().answer(["milk"], placement="upsell", trace=True)
    why = "not 1.05 to 1.8 times as dear, or of unknown price"
    assert answer.empty_because == f"the only candidate is left out: {why}"
    (told,) = (answer.trace or {})["candidates"]
    assert (told["item_id"], told["source"], told["place"], told["removed_by"]) == ("butter", "upsell", None, why)
    costly = shop(changed(price=(BUTTER, 2.4), cost=(BUTTER, 2.0)))
    assert costly.answer(["milk"], placement="upsell").empty_because == "the only candidate is left out: earns no more"


def test_what_is_known_to_replace_it_goes_first_whatever_its_category():
    instead = Substitutes(
        np.array([0, 1, 1, 1, 1, 2, 2, 2, 2]),
        np.array([JAM, BREAD], np.int32),
        *[np.array([1, 1], kind) for kind in (np.float32, np.int32, np.float32, np.uint8)],
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


def companions_of(*owned: int, catalog: Catalog | None = None, terms: UpsellTerms | None = None) -> list[int]:
    """Of the tiny model, whose claims are bread–butter, bread–jam, butter–jam and delivery–milk."""
    catalog = catalog or tiny_catalog()
    rows = np.array(sorted(owned), np.int32)
    model = replace(tiny_model(), catalog=catalog)
    return dearer_companions(model, worth_of(catalog), rows, terms or UpsellTerms())[0].tolist()


def test_dearer_companions_of_what_is_owned_by_hand():
    """Bread 2.50 earns 1.50, butter 3.00 earns 1.00, jam 4.00 earns 2.00, milk 1.50 ½, delivery 5.00 earns 4.00."""
    assert companions_of(MILK) == [DELIVERY]
    assert companions_of(BREAD) == [JAM]  # butter is dearer, but earns less than bread
    assert companions_of(DELIVERY) == []  # milk is cheaper
    assert companions_of(BREAD, JAM) == []  # owned already
    assert companions_of(COFFEE) == []  # its pairs are not claimed
    assert companions_of() == []
    assert companions_of(BREAD, MILK) == [DELIVERY, JAM]  # each 2 of 6: by row
    assert companions_of(MILK, terms=UpsellTerms(price_low=3.4)) == []
    assert companions_of(BREAD, catalog=replace(tiny_catalog(), price=np.full(8, np.nan))) == []


def test_what_is_of_a_category_that_is_owned_is_no_companion():
    category = tiny_catalog().item_category.copy()
    category[JAM] = category[BREAD]
    assert companions_of(BREAD, catalog=replace(tiny_catalog(), item_category=category)) == []
    nowhere = replace(tiny_catalog(), item_category=np.full(8, -1, np.int32))
    assert companions_of(BREAD, catalog=nowhere) == [JAM]


def test_a_variant_of_what_is_owned_is_no_companion():
    group = tiny_catalog().item_group.copy()
    group[[BREAD, JAM]] = 1
    assert companions_of(BREAD, catalog=replace(tiny_catalog(), item_group=group)) == []
    assert companions_of(BREAD, BUTTER, catalog=replace(tiny_catalog(), item_group=group)) == []


def test_what_a_customer_owned_by_then():
    past = past_of(tiny_customers())
    assert owned_items(past, 0, order_time(12)).tolist() == [BREAD, BUTTER, JAM, MILK]
    assert owned_items(past, 0, order_time(6)).tolist() == [BREAD, BUTTER, JAM]  # that order is not before itself
    assert owned_items(past, 0, order_time(1)).tolist() == []
    assert owned_items(past, -1, order_time(12)).tolist() == []
    assert owned_items(past, 0, order_time(12)).dtype == np.int32


def test_only_what_was_bought_last_counts_where_it_is_much():
    customers = tiny_customers()
    many = replace(
        customers,
        items=np.append(np.arange(200, 0, -1), [7, 7]).astype(np.int32),
        offsets=np.array([0, 202, 202, 202]),
        opens_order=np.ones(202, np.uint8),
        times=np.arange(202),
    )
    assert owned_items(past_of(many), 0, 500).tolist() == list(range(1, 101))


def test_a_customer_is_shown_dearer_companions_too():
    """Ann bought bread, butter and jam, then bread and milk; of six baskets with milk two held delivery."""
    known = Recommender(tiny_model(), tiny_customers(), changed(price=(BUTTER, 2.4), cost=(BUTTER, 1.0)))
    found = known.suggest([], placement="upsell", customer_id="ann")
    assert [s.item_id for s in found] == ["delivery"]
    assert found[0].score == pytest.approx(wilson_interval(2, 6)[0])
    assert (found[0].reason.kind, found[0].reason.because) == ("bought-together", ("milk",))
    assert (found[0].reason.count, found[0].reason.of) == (2, 6)
    assert [s.item_id for s in known.suggest(["milk"], placement="upsell", customer_id="bob")] == ["butter"]
    assert [s.item_id for s in known.suggest(["milk"], placement="upsell")] == ["butter"]
