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
    tiny_catalog,
    tiny_customers,
    tiny_factors,
    tiny_model,
)

from recommender.cart import parse_cart
from recommender.model import Factors, Model
from recommender.placements import PLACEMENTS, Question

BESTSELLERS = ("bestseller", [BREAD, BUTTER, MILK, COFFEE, DELIVERY, JAM, TEA, WINE])


def chain(placement: str, *items: str, customer: int | None = None, model: Model | None = None):
    """Source and rows of every link; scores must fall."""
    cart, factors = parse_cart(tiny_catalog(), items), tiny_factors().cart
    own = None if customer is None else tiny_customers().factors[customer]
    question = Question(model or tiny_model(), cart, np.asarray(factors.T @ factors), own)
    links = list(PLACEMENTS[placement](question))
    for link in links:
        assert (link.rows.dtype, link.scores.dtype, len(link.rows)) == (np.int32, np.float64, len(link.scores))
        assert link.scores.tolist() == sorted(link.scores, reverse=True)
    return [(link.source, link.rows.tolist()) for link in links]


def test_the_placements_that_are_built():
    assert list(PLACEMENTS) == ["bought-together", "cross-sell", "add-on", "trending"]


def test_bought_together_puts_claimed_pairs_before_all_others():
    """Milk: delivery is claimed; by score alone bread and butter would go before it."""
    assert chain("bought-together", "milk") == [
        ("pairs", [DELIVERY]),
        ("pairs", [BREAD, BUTTER, DELIVERY, COFFEE, TEA]),
        ("category", [BUTTER, MILK]),
        BESTSELLERS,
    ]


def test_cross_sell_ranks_all_neighbours_by_one_score():
    """The folded-in cart stands at (-¼, 3¾) / 12⅛: drinks are near, milk (½, ½) at 1¾ / 12⅛, breakfast is not."""
    assert chain("cross-sell", "tea") == [
        ("pairs", [MILK, WINE]),
        ("factors", [COFFEE, DELIVERY, TEA, MILK]),
        ("category", [COFFEE, TEA]),
        BESTSELLERS,
    ]


@pytest.mark.parametrize("items", [(), ("x",)])
def test_an_empty_cart_of_a_known_customer_is_met_by_the_customers_own_factors(items: tuple[str, ...]):
    """Ann stands at (1, 0): bread and butter 1, jam and milk ½."""
    links = chain("cross-sell", *items, customer=0)
    assert links == [("pairs", []), ("home", [BREAD, BUTTER, JAM, MILK]), ("category", []), BESTSELLERS]


def test_an_untrained_customer_has_nothing_near():
    assert chain("cross-sell", customer=2) == [("pairs", []), ("home", []), ("category", []), BESTSELLERS]


def test_a_cart_goes_before_the_customer():
    assert [source for source, _ in chain("cross-sell", "tea", customer=0)] == [
        "pairs",
        "factors",
        "category",
        "bestseller",
    ]


def test_a_model_without_factors():
    nothing = np.zeros((len(ITEM_IDS), 0), np.float32)
    model = replace(tiny_model(), factors=Factors(nothing, nothing))
    links = chain("cross-sell", "tea", model=model)
    assert [source for source, _ in links] == ["pairs", "category", "bestseller"]


def test_add_on_follows_the_item_added_last_and_costs_no_more():
    """Butter costs 3: bread (2.50) and milk (1.50) may follow, jam (4) and coffee (8) not; wine's price is unknown."""
    assert chain("add-on", "tea", "butter") == [
        ("pairs", [BREAD]),
        ("pairs", [BREAD, MILK]),
        ("category", [BUTTER, MILK]),
        ("bestseller", [BREAD, BUTTER, MILK, WINE]),
    ]


def test_add_on_to_an_item_without_a_price_has_no_bound():
    assert chain("add-on", "wine") == [("pairs", []), ("pairs", [TEA]), ("category", []), BESTSELLERS]


@pytest.mark.parametrize("items", [(), ("x",)])
def test_add_on_to_nothing_is_the_last_resort(items: tuple[str, ...]):
    assert chain("add-on", *items) == [("category", []), BESTSELLERS]


def test_trending_by_the_excess_over_its_noise():
    """(2 - 0) / √1 for tea and wine, (1 - ½) / √1½ for delivery."""
    assert chain("trending", "tea") == [("trending", [TEA, WINE, DELIVERY]), BESTSELLERS]
    question = Question(tiny_model(), parse_cart(tiny_catalog(), []), np.empty((0, 0), np.float32), None)
    link = next(iter(PLACEMENTS["trending"](question)))
    assert link.scores.tolist() == pytest.approx([2, 2, 0.5 / 1.5**0.5])
