"""What a sale is worth: the formula by hand, costs that nobody told, and what cannot be known."""

import math
from dataclasses import replace

import numpy as np
import pytest
from generated_models import catalogs
from hypothesis import given
from hypothesis import strategies as st
from tiny_shop import BREAD, BUTTER, COFFEE, JAM, MILK, TEA, WINE, tiny_catalog

from recommender.worth import PROFIT_BASES, expected_profit, incremental_profit, worth_of

NAN = math.nan


def bases(worth) -> list[str]:
    return [PROFIT_BASES[place] for place in worth.basis]


def test_the_formula_by_hand():
    """A tenth buys at 20 - 2 = 18; of ten sold two come back, each costs 3: .1 · (.8 · (18 - 10) - .2 · 3) = .58"""
    assert expected_profit(0.1, 20, 10, 0.2, discount=2, return_cost=3) == pytest.approx(0.58)
    assert incremental_profit(0.1, 0.08, 20, 10, 0.2, 2, 3) == pytest.approx(0.58 - 0.08 * (8 - 0.6))
    assert incremental_profit(0.1, 0.1, 20, 10, 0) == 0


def test_what_a_piece_of_the_tiny_shop_brings():
    """Coffee: a quarter comes back, ¾ · 3 = 2.25, less ¼ · 2 = 0.5 for bringing it back. Wine has no price."""
    worth = worth_of(tiny_catalog(), return_cost=2.0)
    assert worth.profit[[BREAD, BUTTER, COFFEE, JAM, MILK]].tolist() == [1.5, 1.0, 1.75, 2.0, 0.5]
    assert worth.revenue[[BREAD, COFFEE]].tolist() == [2.5, 6.0]
    assert math.isnan(worth.profit[WINE])
    assert math.isnan(worth.revenue[WINE])
    assert set(bases(worth)[:WINE]) == {"cost"}


def test_a_missing_cost_comes_from_the_nearest_category_with_three_known_ones():
    """Below Food: bread .6, butter ⅓, jam .5, milk ⅓: the median is (⅓ + .5) ÷ 2; Food > Dairy alone has but two.

    Drinks has no cost at all then, and takes the shop's: ⅓, ⅓, .5, .6, delivery .8.
    """
    catalog = tiny_catalog()
    cost = np.where(np.isin(np.arange(8), [COFFEE, TEA]), NAN, catalog.cost)
    worth = worth_of(replace(catalog, cost=cost))
    assert worth.cost[COFFEE] == pytest.approx(8 * 0.5)
    assert bases(worth)[COFFEE] == "category-margin"
    milk = worth_of(replace(catalog, cost=np.where(np.arange(8) == MILK, NAN, catalog.cost)))
    assert milk.cost[MILK] == pytest.approx(1.5 * (1 - 0.5))  # bread .6, jam .5, butter ⅓
    assert milk.basis_of(np.array([BREAD])) == "cost"
    assert milk.basis_of(np.array([BREAD, MILK])) == "category-margin"


def test_without_three_costs_the_price_counts_as_profit():
    catalog = tiny_catalog()
    for known in ([], [BREAD], [BREAD, MILK]):
        worth = worth_of(replace(catalog, cost=np.where(np.isin(np.arange(8), known), catalog.cost, NAN)))
        assert worth.profit[BUTTER] == 3.0
        assert bases(worth)[BUTTER] == "revenue"
        assert worth.profit[BREAD] == (1.5 if BREAD in known else 2.5)


def test_a_cost_above_the_price_is_a_loss_and_a_price_of_nothing_is_none():
    catalog = tiny_catalog()
    worth = worth_of(replace(catalog, cost=np.full(8, 100.0)))
    assert worth.profit[BREAD] == -97.5
    free = worth_of(replace(catalog, price=np.zeros(8)))
    assert np.isnan(free.profit).all()


def test_a_catalog_without_categories():
    catalog = replace(tiny_catalog(), item_category=np.full(8, -1, np.int32), cost=np.full(8, NAN))
    known = np.array([1.0, 2.0, NAN, 1.0, NAN, NAN, NAN, NAN])  # margins .6, ⅓, .8
    worth = worth_of(replace(catalog, cost=known))
    assert worth.cost[MILK] == pytest.approx(1.5 * 0.4)
    assert bases(worth_of(catalog))[MILK] == "revenue"


@given(catalogs(), st.floats(0, 1e6))
def test_every_item_with_a_price_has_a_worth(catalog, return_cost):
    worth = worth_of(catalog, return_cost)
    priced = catalog.price > 0
    assert np.isfinite(worth.profit[priced]).all()
    assert np.isnan(worth.profit[~priced]).all()
    assert (worth.basis[priced & ~np.isnan(catalog.cost)] == 0).all()
    known = priced & (worth.basis == 0)
    kept = 1 - worth.return_rate[known]
    by_hand = [
        expected_profit(1, *piece, return_cost=return_cost)
        for piece in zip(catalog.price[known], catalog.cost[known], worth.return_rate[known], strict=True)
    ]
    assert worth.profit[known].tolist() == pytest.approx(by_hand)
    assert (worth.revenue[known] == kept * catalog.price[known]).all()
