"""Whole answers: exact ones on the tiny shop, and what must hold for any cart and any model."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from tiny_shop import (
    BREAD,
    BUTTER,
    COFFEE,
    DELIVERY,
    ITEM_IDS,
    JAM,
    MILK,
    WINE,
    chances,
    logit,
    score,
    tiny_catalog,
    tiny_customers,
    tiny_manifest,
    tiny_model,
)

from recommender.engine import MAX_K, PLACEMENTS, Recommender
from recommender.errors import UsageError
from recommender.evidence import wilson_interval
from recommender.model import Model
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
    return [(s.item_id, near(s.score), s.reason.kind, s.reason.count, s.reason.of) for s in answer.suggestions]


def near(value: float) -> Any:
    """The kernel counts in float32."""
    return pytest.approx(value, rel=1e-6)


def unfitted(model: Model) -> Model:
    """The same model of a shop with too few carts to fit a ranking on."""
    counts = {name: count for name, count in model.manifest.counts.items() if name != "ranker_carts"}
    return replace(model, manifest=replace(model.manifest, counts=counts))


def test_cross_sell():
    """Bread and butter (eighths): jam 2 + 2 is out of stock, milk 2 + 2, coffee 1 + 1; wine sold best of late.

    Milk's 2 of 6 is no more than its 6 of 12, nor coffee's 1 of 6: they are shown as bestsellers.
    The cart stands at x with [[5¾, ¼], [¼, 3]] x = (4, 0), so its second part is below 0: no drinks, no delivery.
    Bakery and Dairy hold nothing new; of the bestsellers delivery is left, and tea is not for sale.
    """
    answer = SHOP.answer(["bread", ("butter", 3), "x"])
    assert told(answer) == [
        ("coffee", score(COFFEE, 0.25), "bestseller", 2, 12),
        ("milk", score(MILK, 0.5), "bestseller", 6, 12),
        ("wine", score(WINE), "bestseller", 2, 12),
        ("delivery", 2, "bestseller", 2, 12),
    ]
    assert (answer.placement, answer.missing_items, answer.fallback) == ("cross-sell", ["x"], "bestseller")


def test_probabilities_are_shares_of_all_candidates_and_of_none():
    """Candidates for bread and butter: jam ½, milk ½, coffee ¼ and wine 0; what no candidate is has a probability."""
    jam, milk, coffee, wine = chances([logit(0.5), logit(0.5), logit(0.25), logit(0)])
    answer = SHOP.answer(["bread", "butter"])
    assert [s.probability for s in answer.suggestions] == [near(coffee), near(milk), near(wine), None]
    assert jam + milk + coffee + wine < 1


def test_where_the_ranking_could_not_be_fitted_there_is_no_probability():
    one, other = Recommender(unfitted(tiny_model()), tiny_customers()).answer(["bread"]), SHOP.answer(["bread"])
    assert told(one) == [(s.item_id, s.score, s.reason.kind, s.reason.count, s.reason.of) for s in other.suggestions]
    assert {suggestion.probability for suggestion in one.suggestions} == {None}


def test_one_suggestion_in_full():
    """5 of bread's 6 baskets held butter, which is in 6 of 12: lift (5/6) / (6/12).

    Candidates: butter ⅝, jam and milk ¼, coffee ⅛, wine 0.
    """
    low, high = wilson_interval(5, 6)
    probability = chances(map(logit, (0.625, 0.25, 0.25, 0.125, 0)))[0]
    assert SHOP.answer(["bread"], k=1).as_json() == {
        "placement": "cross-sell",
        "suggestions": [
            {
                "item_id": "butter",
                "title": "Salted butter",
                "price": 3.0,
                "score": near(score(BUTTER, 0.625)),
                "probability": near(probability),
                "expected_profit": near(probability * (3.0 - 2.0)),
                "profit_basis": "cost",
                "incremental_profit": None,
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
                    "customers": 5,
                    "text": "5 of 6 baskets with Brown bread had it too",
                },
                "preselected": False,
                "requires_consent": False,
            }
        ],
        "missing_items": [],
        "fallback": None,
        "empty_because": None,
    }


def test_an_item_that_only_orders_name_has_its_id_for_a_title_and_no_price():
    wine = SHOP.suggest([])[-1]
    assert (wine.item_id, wine.title, wine.price) == ("wine", "wine", None)


def test_cross_sell_with_factors():
    """Tea: milk and wine met it once in 2 baskets (¼ each); at (-¼, 3¾) / 12⅛ delivery (0, 1) is near.

    Coffee is as near, but a variant of tea.

    Wilson's lower bound of 1 of 2 is 9%: more than neither's share of all baskets.
    """
    answer = SHOP.answer(["tea"])
    assert told(answer) == [
        ("wine", score(WINE, 0.25), "bestseller", 2, 12),
        ("milk", score(MILK, 0.25), "bestseller", 6, 12),
        ("bread", score(BREAD), "bestseller", 6, 12),
        ("delivery", near(3.75 / 12.125), "similar-baskets", None, None),
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


def test_the_rarer_of_two_that_are_as_likely_goes_first_and_then_the_lower_id():
    """Milk: delivery, bread and butter ¼ each, and delivery sells least."""
    answer = SHOP.answer(["milk"], k=3)
    assert told(answer) == [
        ("delivery", score(DELIVERY, 0.25), "bought-together", 2, 6),
        ("bread", score(BREAD, 0.25), "bestseller", 6, 12),
        ("butter", score(BUTTER, 0.25), "bestseller", 6, 12),
    ]
    assert len({suggestion.probability for suggestion in answer.suggestions}) == 1
    assert answer.fallback is None


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
    """Butter, 3.00, was added last: of its 6 baskets 5 held bread; of what is no food, wine has no price to bar it."""
    answer = SHOP.answer(["coffee", "butter"], placement="add-on")
    assert told(answer) == [
        ("bread", wilson_interval(5, 6)[0], "bought-together", 5, 6),
        ("wine", 2, "bestseller", 2, 12),
    ]


def test_add_on_offers_services():
    """Coffee costs 8.00, delivery 5.00; one basket with both is no evidence."""
    answer = SHOP.answer(["milk", "coffee"], placement="add-on", exclude=["bread", "butter"], k=1)
    assert told(answer) == [("delivery", 2, "bestseller", 2, 12)]


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


def test_a_known_customer():
    """Ann bought bread twice (⅔), butter, jam and milk once (½); milk in the cart brings ¼ each and coffee ⅛.

    The lower bound of 2 of 2 is 34%, above bread's 2 of 6 baskets with milk; 1 of 2 (9%) is below butter's 10%, which
    is no more than butter's share of all baskets. Nothing but orders since the cart's own tell of delivery.
    """
    answer = SHOP.answer(["milk"], customer_id="ann")
    assert told(answer) == [
        ("bread", score(BREAD, 0.25, 2), "buy-again", 2, 2),
        ("butter", score(BUTTER, 0.25, 1), "bestseller", 6, 12),
        ("delivery", score(DELIVERY, 0.25), "bought-together", 2, 6),
        ("coffee", score(COFFEE, 0.125), "bestseller", 2, 12),
        ("wine", score(WINE), "bestseller", 2, 12),
    ]
    logits = [logit(0.25, 2), logit(0.25, 1), logit(0.25), logit(0.125), logit(), logit(0, 1), logit(0.125)]
    assert [s.probability for s in answer.suggestions] == list(map(near, chances(logits)[:5]))


def test_a_known_customer_without_a_cart():
    """Ann's own, what she may like (coffee, delivery), and wine, which sold best of late; jam is out of stock."""
    answer = SHOP.answer([], customer_id="ann")
    assert told(answer) == [
        ("bread", score(BREAD, 0, 2), "buy-again", 2, 2),
        ("butter", score(BUTTER, 0, 1), "buy-again", 1, 2),
        ("milk", score(MILK, 0, 1), "buy-again", 1, 2),
        ("coffee", score(COFFEE), "bestseller", 2, 12),
        ("delivery", score(DELIVERY), "bestseller", 2, 12),
        ("wine", score(WINE), "bestseller", 2, 12),
    ]
    logits = [logit(0, 2), *[logit(0, 1)] * 2, *[logit()] * 3, logit(0, 1)]
    assert [s.probability for s in answer.suggestions] == list(map(near, chances(logits)[:6]))
    assert answer.fallback is None


SIXTH = datetime(2026, 11, 6, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "orders"),
    [
        (None, 2),
        (END, 2),
        (SIXTH + timedelta(seconds=1), 2),
        (SIXTH, 1),
        (SIXTH.replace(tzinfo=None), 1),
        (SIXTH.replace(tzinfo=None) + timedelta(seconds=1), 2),
        (SIXTH.astimezone(timezone(timedelta(hours=-8))), 1),
        (SIXTH.replace(tzinfo=timezone(timedelta(hours=1))), 1),
        (SIXTH.replace(tzinfo=timezone(timedelta(hours=-1))), 2),
        (datetime(2026, 11, 1, 10, tzinfo=UTC), 0),
        (FIRST_YEAR, 0),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))), 2),
    ],
)
def test_a_cart_of_the_past_knows_nothing_of_what_the_customer_did_later(at: datetime | None, orders: int):
    """Ann bought on the 1st and on the 6th at 10:00; an order counts for what comes after it."""
    first = SHOP.suggest([], customer_id="ann", at=at, k=1)[0]
    expected = ("bread", "buy-again", orders, orders) if orders else ("wine", "bestseller", 2, 12)
    assert (first.item_id, first.reason.kind, first.reason.count, first.reason.of) == expected


def test_what_a_customer_may_like_was_made_of_all_orders_and_counts_only_after_them():
    """After the 1st Ann's own are bread, butter and jam; coffee and delivery, liked on the 6th, are no candidates."""
    between = SHOP.answer([], customer_id="ann", at=SIXTH)
    assert told(between)[:3] == [
        ("bread", score(BREAD, 0, 1), "buy-again", 1, 1),
        ("butter", score(BUTTER, 0, 1), "buy-again", 1, 1),
        ("wine", score(WINE), "bestseller", 2, 12),
    ]
    assert told(between)[3:] == [
        ("milk", 6, "bestseller", 6, 12),
        ("coffee", 2, "bestseller", 2, 12),
        ("delivery", 2, "bestseller", 2, 12),
    ]


def test_orders_without_times_have_no_past():
    model = replace(tiny_model(), manifest=replace(tiny_manifest(), window={"first": None, "last": None}))
    suggestions = Recommender(model, tiny_customers()).suggest([], customer_id="ann", at=FIRST_YEAR, k=1)
    assert (suggestions[0].reason.kind, suggestions[0].reason.count) == ("buy-again", 2)


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
        near(score(JAM, 0.5)),
        "2 of 5 baskets with Brown bread and Salted butter had it too",
    )
    assert second.item_id == "coffee"
    assert today.catalog.price[JAM] == 3.5
    assert today.customers is SHOP.customers
    assert [s.item_id for s in SHOP.suggest(["bread", "butter"], k=2)] == ["coffee", "milk"]


def test_what_the_page_shows_already():
    assert [s.item_id for s in SHOP.suggest(["milk"], exclude=["bread", "delivery", "x"], k=2)] == ["butter", "coffee"]


@pytest.mark.parametrize(
    ("exclude", "message"),
    [
        ("jam", "exclude = 'jam': one text; expected a list of item ids"),
        ([7], "exclude: 7: expected an item id as text"),
        ([None], "exclude: None: expected an item id as text"),
    ],
)
def test_what_is_no_list_of_ids_is_refused(exclude: Any, message: str):
    with pytest.raises(UsageError) as refused:
        SHOP.suggest(["milk"], exclude=exclude)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize("k", [0, -1, 10**9, 101, "10", None, 2.5, math.nan])
def test_k_has_bounds(k: Any):
    with pytest.raises(UsageError) as refused:
        SHOP.answer(["bread"], k=k)
    assert str(refused.value) == f"k = {k!r}: out of bounds; expected a whole number from 1 to 100"


@pytest.mark.parametrize("k", [1, MAX_K, np.int64(6)])
def test_k_at_its_bounds(k: Any):
    assert len(SHOP.suggest([], k=k)) == min(int(k), 6)


@pytest.mark.parametrize("placement", ["window-shop", "", "Cross-Sell", "buy again"])
def test_a_placement_that_is_not_built(placement: str):
    with pytest.raises(UsageError) as refused:
        SHOP.answer(["bread"], placement=placement)
    there = "bought-together, cross-sell, add-on, similar, trending, upsell, buy-again"
    assert str(refused.value) == f"placement {placement!r}: no such placement; there are {there}"
