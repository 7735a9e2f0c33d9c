"""The tiny shop's shelf."""

import numpy as np
from tiny_shop import JAM, MILK, TEA, WINE, tiny_catalog


def test_rows_by_id():
    catalog = tiny_catalog()
    assert [catalog.row(item_id) for item_id in catalog.item_ids] == list(range(8))
    assert catalog.row("Bread") == -1
    assert len(catalog) == 8


def test_a_title_or_else_the_id():
    catalog = tiny_catalog()
    assert catalog.title(MILK) == "Whole milk"
    assert catalog.title(WINE) == "wine"


def test_sellable_is_active_and_not_known_to_be_out_of_stock():
    sellable = tiny_catalog().sellable()
    assert np.flatnonzero(~sellable).tolist() == [JAM, TEA]


def test_less_than_nothing_in_stock_is_out_of_stock():
    catalog = tiny_catalog()
    owed = catalog.with_shelf(np.full(8, -3.0), catalog.price, catalog.active)
    assert not owed.sellable().any()


def test_todays_shelf_leaves_the_rest_as_it_was():
    catalog = tiny_catalog()
    today = catalog.with_shelf(np.full(8, np.nan), catalog.price * 2, np.ones(8, np.uint8))
    assert today.sellable().all()
    assert today.price[MILK] == 3.0
    assert today.titles is catalog.titles
    assert catalog.price[MILK] == 1.5
