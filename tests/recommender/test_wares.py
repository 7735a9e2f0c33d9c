"""What answers tell of an item: its own words and figures, and None for what nobody knows."""

import pytest
from tiny_shop import BREAD, COFFEE, DELIVERY, WINE, tiny_catalog

from recommender.wares import Ware, ware_of
from recommender.worth import worth_of


@pytest.fixture(scope="module")
def ware():
    catalog = tiny_catalog()
    worth = worth_of(catalog, return_cost=2.0)
    return lambda row: ware_of(catalog, worth, row)


def test_an_item_by_hand(ware):
    """Coffee: a quarter comes back, ¾ · 3 = 2.25, less ¼ · 2 = 0.5 for bringing it back."""
    assert ware(COFFEE).profit == 1.75
    assert ware(BREAD) == Ware("bread", "Brown bread", 2.5, 1.5, "cost", is_service=False)
    assert ware(DELIVERY).is_service


def test_what_nobody_knows_is_none(ware):
    """Wine has neither a title nor a price."""
    assert ware(WINE)[:4] == ("wine", "wine", None, None)


def test_figures_are_plain_numbers(ware):
    assert [type(value) for value in ware(BREAD)] == [str, str, float, float, str, bool]
