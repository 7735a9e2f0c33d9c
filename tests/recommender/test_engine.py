"""Whole answers: exact ones on the tiny shop, and what must hold for any cart and any model."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from generated_models import customers_of, models
from hypothesis import given
from hypothesis import strategies as st
from tiny_shop import BREAD, ITEM_IDS, JAM, MILK, tiny_catalog, tiny_customers, tiny_manifest, tiny_model

from recommender import load
from recommender.engine import MAX_K, PLACEMENTS, Recommender
from recommender.errors import UsageError
from recommender.evidence import wilson_interval
from recommender.model import Model
from recommender.store import Store
from recommender.suggestion import Answer

SHOP = Recommender(tiny_model(), tiny_customers())
SELLABLE = {"bread", "butter", "coffee", "delivery", "milk", "wine"}
END = datetime(2026, 11, 12, 10, tzinfo=UTC)
FIRST_YEAR = datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))

carts = st.lists(st.sampled_from([*ITEM_IDS, "x", "y"]), max_size=12)
placements = st.sampled_from(list(PLACEMENTS))
customers = st.sampled_from([None, "ann", "bob", "zoë", "nobody"])


def told(answer: Answer) -> list[tuple[Any, ...]]:
    """Item, score, kind, count and of: the numbers of every place."""
    return [(s.item_id, s.score, s.reason.kind, s.reason.count, s.reason.of) for s in answer.suggestions]


def test_cross_sell():
    """Bread and butter (eighths): jam 2 + 2 is out of stock, milk 2 + 2, coffee 1 + 1, then nothing is near.

    The cart stands at x with [[5¾, ¼], [¼, 3]] x = (4, 0), so its second part is below 0: no drinks, no delivery.
    Bakery and Dairy hold nothing new; of the bestsellers delivery and wine are left, and tea is not for sale.
    """
    answer = SHOP.answer(["bread", ("butter", 3), "x"])
    assert told(answer) == [
        ("milk", 0.5, "similar-baskets", 2, 6),
        ("coffee", 0.25, "similar-baskets", 1, 6),
        ("delivery", 2, "bestseller", 2, 12),
        ("wine", 2, "bestseller", 2, 12),
    ]
    assert (answer.placement, answer.missing_items, answer.fallback) == ("cross-sell", ["x"], "bestseller")


def test_one_suggestion_in_full():
    """5 of bread's 6 baskets held butter, which is in 6 of 12: lift (5/6) / (6/12)."""
    low, high = wilson_interval(5, 6)
    assert SHOP.answer(["bread"], k=1).as_json() == {
        "placement": "cross-sell",
        "suggestions": [
            {
                "item_id": "butter",
                "title": "Salted butter",
                "price": 3.0,
                "score": 0.625,
                "probability": None,
                "expected_profit": None,
                "quantity": 1,
                "reason": {
                    "kind": "bought-together",
                    "because": ["bread"],
                    "count": 5,
                    "of": 6,
                    "confidence": 5 / 6,
                    "confidence_low": low,
                    "confidence_high": high,
                    "lift": (5 / 6) / (6 / 12),
                    "text": "5 of 6 baskets with Brown bread had it too",
                },
                "preselected": False,
                "requires_consent": False,
            }
        ],
        "missing_items": [],
        "fallback": None,
    }


def test_an_item_that_only_orders_name_has_its_id_for_a_title_and_no_price():
    wine = SHOP.suggest([])[-1]
    assert (wine.item_id, wine.title, wine.price) == ("wine", "wine", None)


def test_cross_sell_with_factors():
    """Tea: milk and wine met it once in 2 baskets (¼ each); at (-¼, 3¾) / 12⅛ coffee and delivery (0, 1) are near."""
    answer = SHOP.answer(["tea"])
    near = pytest.approx(3.75 / 12.125)
    assert told(answer) == [
        ("milk", 0.25, "similar-baskets", 1, 2),
        ("wine", 0.25, "similar-baskets", 1, 2),
        ("coffee", near, "similar-baskets", None, None),
        ("delivery", near, "similar-baskets", None, None),
        ("bread", 6, "bestseller", 6, 12),
        ("butter", 6, "bestseller", 6, 12),
    ]


def test_bought_together():
    """Milk: delivery is the one claimed pair (2 of 6); the three of ¼ and coffee's ⅛ follow in the order of score."""
    answer = SHOP.answer(["milk"], placement="bought-together")
    assert told(answer) == [
        ("delivery", 0.25, "bought-together", 2, 6),
        ("bread", 0.25, "similar-baskets", 2, 6),
        ("butter", 0.25, "similar-baskets", 2, 6),
        ("coffee", 0.125, "similar-baskets", 1, 6),
        ("wine", 2, "bestseller", 2, 12),
    ]


def test_cross_sell_ties_go_to_the_lower_id():
    answer = SHOP.answer(["milk"], k=3)
    assert [(s.item_id, s.score) for s in answer.suggestions] == [("bread", 0.25), ("butter", 0.25), ("delivery", 0.25)]


def test_category_bestsellers_are_labelled():
    """Jam: bread and butter, 2 of 2 baskets each (½); then Food's own list, then the shop's."""
    answer = SHOP.answer(["jam"], placement="bought-together", k=3)
    assert told(answer) == [
        ("bread", 0.5, "bought-together", 2, 2),
        ("butter", 0.5, "bought-together", 2, 2),
        ("milk", 6, "category", 6, 12),
    ]
    assert answer.suggestions[2].reason.text == "a bestseller in Dairy: in 6 of 12 baskets"
    assert answer.fallback == "category"


def test_add_on():
    """Butter, 3.00, was added last: bread is claimed (5 of 6), milk is not; wine's price is unknown."""
    answer = SHOP.answer(["coffee", "butter"], placement="add-on")
    assert told(answer) == [
        ("bread", 0.625, "bought-together", 5, 6),
        ("milk", 0.25, "similar-baskets", 2, 6),
        ("wine", 2, "bestseller", 2, 12),
    ]


def test_add_on_offers_services():
    """Coffee costs 8.00, delivery 5.00: one of coffee's 2 baskets had it."""
    answer = SHOP.answer(["milk", "coffee"], placement="add-on", exclude=["bread", "butter"], k=1)
    assert told(answer) == [("delivery", 0.25, "similar-baskets", 1, 2)]


def test_trending():
    """Tea, first by its excess, is not for sale; wine 2 against 0; delivery ½ / √1½; then bestsellers but the cart."""
    answer = SHOP.answer(["bread"], placement="trending", k=3)
    assert [(s.item_id, s.reason.text) for s in answer.suggestions] == [
        ("wine", "sold in 2 baskets of late where 0 were expected"),
        ("delivery", "sold in 1 baskets of late where 0 were expected"),
        ("butter", "a bestseller: in 6 of 12 baskets"),
    ]
    assert answer.suggestions[1].score == pytest.approx(0.5 / 1.5**0.5)
    assert answer.fallback == "bestseller"
    assert SHOP.answer(["bread"], placement="trending", k=2).fallback is None


@pytest.mark.parametrize("placement", ["cross-sell", "bought-together", "add-on"])
@pytest.mark.parametrize("items", [[], ["x", "y"], ["x", "x"]])
def test_an_empty_or_unknown_cart_gets_labelled_bestsellers(placement: str, items: list[str]):
    answer = SHOP.answer(items, placement=placement)
    assert told(answer) == [
        ("bread", 6, "bestseller", 6, 12),
        ("butter", 6, "bestseller", 6, 12),
        ("milk", 6, "bestseller", 6, 12),
        ("coffee", 2, "bestseller", 2, 12),
        ("delivery", 2, "bestseller", 2, 12),
        ("wine", 2, "bestseller", 2, 12),
    ]
    assert (answer.missing_items, answer.fallback) == (list(dict.fromkeys(items)), "bestseller")


def test_a_known_customer_without_a_cart():
    """Ann stands at (1, 0): bread and butter 1, milk ½, and jam is out of stock."""
    answer = SHOP.answer([], customer_id="ann", k=4)
    assert told(answer) == [
        ("bread", 1, "similar-customers", None, None),
        ("butter", 1, "similar-customers", None, None),
        ("milk", 0.5, "similar-customers", None, None),
        ("coffee", 2, "bestseller", 2, 12),
    ]


@pytest.mark.parametrize(
    ("at", "known"),
    [
        (None, True),
        (END, True),
        (END.replace(tzinfo=None), True),
        (END - timedelta(seconds=1), False),
        (END.replace(tzinfo=None) - timedelta(seconds=1), False),
        (END.astimezone(timezone(timedelta(hours=-8))), True),
        (END.replace(tzinfo=timezone(timedelta(hours=1))), False),
        (FIRST_YEAR, False),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))), True),
    ],
)
def test_a_cart_of_the_past_knows_nothing_of_what_the_customer_did_later(at: datetime | None, known: bool):
    kind = SHOP.suggest([], customer_id="ann", at=at, k=1)[0].reason.kind
    assert kind == ("similar-customers" if known else "bestseller")


def test_orders_without_times_have_no_past():
    model = replace(tiny_model(), manifest=replace(tiny_manifest(), window={"first": None, "last": None}))
    suggestions = Recommender(model, tiny_customers()).suggest([], customer_id="ann", at=FIRST_YEAR, k=1)
    assert suggestions[0].reason.kind == "similar-customers"


def test_a_model_without_customers():
    assert Recommender(tiny_model()).answer([], customer_id="ann") == SHOP.answer([])


def test_todays_shelf():
    """Jam is back, at 3.50: 2 of the 5 baskets with bread and butter; milk is sold out."""
    catalog = tiny_catalog()
    stock, price = catalog.stock.copy(), catalog.price.copy()
    stock[[JAM, MILK]], price[JAM] = [1, 0], 3.5
    today = SHOP.with_catalog(catalog.with_shelf(stock, price, catalog.active))
    first, second = today.suggest(["bread", "butter"], k=2)
    assert (first.item_id, first.price, first.score, first.reason.text) == (
        "jam",
        3.5,
        0.5,
        "2 of 5 baskets with Brown bread and Salted butter had it too",
    )
    assert second.item_id == "coffee"
    assert today.catalog.price[JAM] == 3.5
    assert today.customers is SHOP.customers
    assert SHOP.suggest(["bread", "butter"], k=1)[0].item_id == "milk"


def test_what_the_page_shows_already():
    assert [s.item_id for s in SHOP.suggest(["milk"], exclude=["bread", "delivery", "x"], k=2)] == ["butter", "coffee"]


@pytest.mark.parametrize("k", [0, -1, 10**9, 101, "10", None, 2.5, math.nan])
def test_k_has_bounds(k: Any):
    with pytest.raises(UsageError) as refused:
        SHOP.answer(["bread"], k=k)
    assert str(refused.value) == f"k = {k!r}: out of bounds; expected a whole number from 1 to 100"


@pytest.mark.parametrize("k", [1, MAX_K, np.int64(6)])
def test_k_at_its_bounds(k: Any):
    assert len(SHOP.suggest([], k=k)) == min(int(k), 6)


@pytest.mark.parametrize("placement", ["upsell", "", "Cross-Sell", "buy-again"])
def test_a_placement_that_is_not_built(placement: str):
    with pytest.raises(UsageError) as refused:
        SHOP.answer(["bread"], placement=placement)
    there = "bought-together, cross-sell, add-on, trending"
    assert str(refused.value) == f"placement {placement!r}: no such placement; there are {there}"


def test_many_carts():
    one = {"items": ["bread"], "exclude": ["butter"]}
    two = {"items": [], "customer_id": "ann", "at": datetime(2026, 11, 1, tzinfo=UTC)}
    three = {"items": [], "customer_id": "ann"}
    answers = SHOP.suggest_many([one, two, three], placement="cross-sell", k=2)
    assert [" ".join(s.item_id for s in answer) for answer in answers] == [
        "milk coffee",
        "bread butter",
        "bread butter",
    ]
    assert [answer[0].reason.kind for answer in answers] == ["similar-baskets", "bestseller", "similar-customers"]
    assert answers[0] == SHOP.suggest(["bread"], exclude=["butter"], k=2)


@given(carts, placements, customers, st.lists(st.sampled_from([*ITEM_IDS, "x"])), st.integers(1, MAX_K))
def test_only_what_may_be_shown(cart: list[str], placement: str, customer: str | None, exclude: list[str], k: int):
    answer = SHOP.answer(cart, placement=placement, customer_id=customer, exclude=exclude, k=k)
    shown = [suggestion.item_id for suggestion in answer.suggestions]
    assert len(shown) == len(set(shown)) <= k
    assert set(shown) <= SELLABLE - set(cart) - set(exclude)
    if placement != "add-on":
        assert len(shown) == min(k, len(SELLABLE - set(cart) - set(exclude)))
    assert answer.missing_items == [item for item in dict.fromkeys(cart) if item not in ITEM_IDS]


@given(carts, placements, customers, st.randoms(use_true_random=False))
def test_the_order_of_a_cart_changes_nothing(cart: list[str], placement: str, customer: str | None, random: Any):
    known = [item for item in cart if item in ITEM_IDS]
    last = known[-1:] if placement == "add-on" else []
    shuffled = [*random.sample(cart, len(cart)), *last]
    answer = SHOP.answer(cart, placement=placement, customer_id=customer)
    other = SHOP.answer(shuffled, placement=placement, customer_id=customer)
    assert other.suggestions == answer.suggestions
    assert other.fallback == answer.fallback
    assert set(other.missing_items) == set(answer.missing_items)


@given(carts, placements, st.lists(st.floats(0, exclude_min=True, allow_infinity=False), min_size=12, max_size=12))
def test_quantities_and_repetitions_change_nothing(cart: list[str], placement: str, quantities: list[float]):
    weighed = list(zip(cart, quantities, strict=False))
    assert SHOP.answer([*weighed, *cart], placement=placement) == SHOP.answer(cart, placement=placement)


@given(carts, placements, customers, st.integers(1, 9))
def test_a_larger_k_only_appends(cart: list[str], placement: str, customer: str | None, k: int):
    fewer = SHOP.answer(cart, placement=placement, customer_id=customer, k=k).suggestions
    more = SHOP.answer(cart, placement=placement, customer_id=customer, k=k + 1).suggestions
    assert more[:k] == fewer


@given(carts, placements, customers)
def test_the_fallback_names_the_last_resort(cart: list[str], placement: str, customer: str | None):
    answer = SHOP.answer(cart, placement=placement, customer_id=customer)
    kinds = [suggestion.reason.kind for suggestion in answer.suggestions]
    resorts = [kind for kind in kinds if kind in {"category", "bestseller"}]
    assert answer.fallback == (resorts[-1] if resorts else None)
    assert kinds[len(kinds) - len(resorts) :] == resorts
    assert resorts == sorted(resorts, key=["category", "bestseller"].index)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Recommender:
    root = tmp_path_factory.mktemp("store")
    Store(root).publish(tiny_model(), tiny_customers(), promote=True, now=datetime(2026, 11, 21, tzinfo=UTC))
    return load(str(root))


@given(carts, placements, customers)
def test_a_model_that_was_saved_and_loaded_gives_the_same_answers(
    loaded: Recommender, cart: list[str], placement: str, customer: str | None
):
    answer = SHOP.answer(cart, placement=placement, customer_id=customer)
    assert loaded.answer(cart, placement=placement, customer_id=customer).as_json() == answer.as_json()


@given(models(), st.data())
def test_any_model_answers_any_cart(model: Model, data: st.DataObject):
    shop = Recommender(model, data.draw(customers_of(model)))
    ids = list(model.catalog.item_ids)
    cart = data.draw(st.lists(st.one_of(st.sampled_from(ids), st.text(max_size=3)) if ids else st.text(max_size=3)))
    placement, k = data.draw(placements), data.draw(st.integers(1, MAX_K))
    customer = data.draw(st.sampled_from([None, *shop.customers.customer_ids]))  # pyright: ignore[reportOptionalMemberAccess]
    answer = shop.answer(cart, placement=placement, customer_id=customer, k=k)
    shown = [suggestion.item_id for suggestion in answer.suggestions]
    sellable = {item for item, may in zip(ids, model.catalog.sellable(), strict=True) if may}
    assert len(shown) == len(set(shown)) <= k
    assert set(shown) <= sellable - set(cart)
    for suggestion in answer.suggestions:
        assert math.isfinite(suggestion.score)
        reason = suggestion.reason
        assert reason.count is None or 0 <= reason.count <= (reason.of or 0)


def test_a_cart_of_everything_leaves_nothing():
    assert SHOP.answer(ITEM_IDS) == Answer("cross-sell", [], [], None)


def test_rows_are_sorted_so_the_first_item_is_the_smallest_id():
    assert BREAD == 0
    assert list(tiny_catalog().item_ids) == sorted(ITEM_IDS)
