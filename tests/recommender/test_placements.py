"""The chain of each placement: which sources, in which order, with which candidates."""

from dataclasses import replace

import numpy as np
import pytest
from tiny_shop import (
    BREAD,
    BUTTER,
    COFFEE,
    DELIVERY,
    ITEM_IDS,
    JAM,
    MILK,
    TEA,
    WINE,
    chances,
    logit,
    order_time,
    tiny_catalog,
    tiny_customers,
    tiny_factors,
    tiny_model,
)

from recommender.cart import parse_cart
from recommender.model import Factors, Model
from recommender.placements import PLACEMENTS, Question, shelf_of
from recommender.ranker.rank import Ranker
from recommender.ranker.shop import past_of, shop_of

AFTERWARDS = order_time(12) + 1
BESTSELLERS = ("bestseller", [BREAD, BUTTER, MILK, COFFEE, DELIVERY, JAM, TEA, WINE])


def asked(*items: str, customer: int = -1, model: Model | None = None, now: int = AFTERWARDS) -> Question:
    model, factors = model or tiny_model(), tiny_factors().cart
    own = tiny_customers().factors[customer] if customer >= 0 and now == AFTERWARDS else None
    ranker = Ranker(shop_of(model), past_of(tiny_customers()), model.ranker)
    cart = parse_cart(tiny_catalog(), items)
    return Question(model, cart, np.asarray(factors.T @ factors), ranker, customer, now, own, shelf_of(model))


def chain(placement: str, *items: str, **question):
    """Source and rows of every link; scores must fall."""
    links = list(PLACEMENTS[placement](asked(*items, **question)))
    for link in links:
        assert (link.rows.dtype, link.scores.dtype, len(link.rows)) == (np.int32, np.float64, len(link.scores))
        assert link.scores.tolist() == sorted(link.scores, reverse=True)
    return [(link.source, link.rows.tolist()) for link in links]


def test_a_question_is_ranked_once():
    question = asked("milk")
    ranking = question.ranked()
    assert question.ranked() is ranking
    assert next(PLACEMENTS["cross-sell"](question)).rows is ranking.rows


def test_the_placements_that_are_built():
    assert list(PLACEMENTS) == ["bought-together", "cross-sell", "add-on", "similar", "trending", "upsell", "buy-again"]


def test_bought_together_puts_claimed_pairs_before_all_others():
    """Milk: delivery is claimed; by score alone bread and butter would go before it."""
    assert chain("bought-together", "milk") == [
        ("pairs", [DELIVERY]),
        ("pairs", [BREAD, BUTTER, DELIVERY, COFFEE, TEA]),
        ("category", [BUTTER, MILK]),
        BESTSELLERS,
    ]


def test_cross_sell_ranks_all_that_comes_into_question_by_one_score():
    """Tea met milk and wine (¼ each, wine is rarer); bread, the other one that sold best of late, has nothing.

    The folded-in cart stands at (-¼, 3¾) / 12⅛: drinks are near, milk (½, ½) at 1¾ / 12⅛, breakfast is not.
    """
    assert chain("cross-sell", "tea") == [
        ("ranker", [WINE, MILK, BREAD]),
        ("factors", [COFFEE, DELIVERY, TEA, MILK]),
        ("category", [COFFEE, TEA]),
        BESTSELLERS,
    ]


def test_the_probability_of_a_ranked_item_is_told_and_of_no_other():
    links = list(PLACEMENTS["cross-sell"](asked("tea")))
    assert links[0].probabilities is not None
    assert links[0].probabilities.tolist() == pytest.approx(chances([logit(0.25), logit(0.25), logit()]))
    assert [link.probabilities for link in links[1:]] == [None] * 3
    assert links[0].beside is not None
    assert links[0].beside.tolist() == [TEA]


def test_without_a_fitted_ranking_no_probability_is_known():
    model = tiny_model()
    counts = {**model.manifest.counts, "ranker_carts": 0}
    question = asked("tea", model=replace(model, manifest=replace(model.manifest, counts=counts)))
    assert next(iter(PLACEMENTS["cross-sell"](question))).probabilities is None


@pytest.mark.parametrize("items", [(), ("x",)])
def test_an_empty_cart_of_a_known_customer_is_met_by_the_customers_own_orders(items: tuple[str, ...]):
    """Ann bought bread twice, jam, butter and milk once (jam is the rarest), and may like coffee and delivery.

    By factors she stands at (1, 0): bread and butter 1, jam and milk ½.
    """
    assert chain("cross-sell", *items, customer=0) == [
        ("ranker", [BREAD, JAM, BUTTER, MILK, COFFEE, DELIVERY, WINE]),
        ("home", [BREAD, BUTTER, JAM, MILK]),
        ("category", []),
        BESTSELLERS,
    ]


def test_an_empty_cart_of_a_stranger_is_met_by_bestsellers_alone():
    assert chain("cross-sell") == [("category", []), BESTSELLERS]


def test_an_untrained_customer_has_nothing_near():
    """Zoë bought wine."""
    assert chain("cross-sell", customer=2) == [("ranker", [WINE, BREAD]), ("home", []), ("category", []), BESTSELLERS]


def test_a_cart_goes_before_the_customers_factors():
    assert [source for source, _ in chain("cross-sell", "tea", customer=0)] == [
        "ranker",
        "factors",
        "category",
        "bestseller",
    ]


def test_a_cart_of_the_past_has_only_what_was_bought_before():
    assert chain("cross-sell", customer=0, now=order_time(6))[0] == ("ranker", [JAM, BREAD, BUTTER, WINE])
    assert chain("cross-sell", customer=0, now=order_time(1))[0] == ("ranker", [WINE, BREAD])


def test_a_model_without_factors():
    nothing = np.zeros((len(ITEM_IDS), 0), np.float32)
    model = replace(tiny_model(), factors=Factors(nothing, nothing))
    links = chain("cross-sell", "tea", model=model)
    assert [source for source, _ in links] == ["ranker", "category", "bestseller"]


def test_add_on_follows_the_item_added_last_and_costs_no_more():
    """Butter costs 3. Bread (2.50) is claimed, and cheap for what nearly half the buyers take; jam (4) is too dear.

    Milk met it in two baskets only. Of the bestsellers up to 2.40 wine, whose price is unknown, is no food.
    """
    assert chain("add-on", "tea", "butter") == [("pairs", [BREAD]), ("pairs", []), ("bestseller", [WINE])]


def test_add_on_to_an_item_without_a_price_is_of_the_cheaper_half():
    """4.00 at most: bread, butter, milk, jam, and wine itself, which is nobody's to bar here."""
    assert chain("add-on", "wine") == [("pairs", []), ("pairs", []), ("bestseller", [BREAD, BUTTER, MILK, JAM, WINE])]


@pytest.mark.parametrize("items", [(), ("x",)])
def test_add_on_to_nothing_is_the_last_resort(items: tuple[str, ...]):
    assert chain("add-on", *items) == [("category", []), BESTSELLERS]


def test_trending_by_the_excess_over_its_noise():
    """(2 - 0) / √1 for tea and wine, (1 - ½) / √1½ for delivery."""
    assert chain("trending", "tea") == [("trending", [TEA, WINE, DELIVERY]), BESTSELLERS]
    link = next(iter(PLACEMENTS["trending"](asked())))
    assert link.scores.tolist() == pytest.approx([2, 2, 0.5 / 1.5**0.5])
