"""What a shop's data do not tell is said in a sentence each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from planted_shop import planted, planted_catalog

from training.baskets import NO_TIME, Baskets
from training.config import Config
from training.gaps import gaps


def said(baskets: Baskets, *, price: float = 2.0, categories: bool = True) -> list[str]:
    catalog = planted_catalog(baskets, categories=categories)
    catalog = replace(catalog, price=np.full(len(catalog), price))
    return [sentence.partition(":")[0] for sentence in gaps(baskets, catalog, Config())]


def test_a_shop_that_tells_everything() -> None:
    assert said(planted(200)) == []


@pytest.mark.parametrize(
    ("customers", "sentences"),
    [(0, ["no order has a known customer"]), (1, ["fewer than 3 customers"]), (2, ["fewer than 3 customers"]), (3, [])],
)
def test_customers(customers: int, sentences: list[str]) -> None:
    assert said(planted(200, customers=customers)) == sentences


def test_a_few_customers_among_strangers_hinder_no_claim() -> None:
    """An order without a customer counts as a customer of its own."""
    baskets = planted(200, customers=2)
    customers = baskets.customers.copy()
    customers[0] = -1
    assert said(replace(baskets, customers=customers)) == []


def test_customers_with_one_order_each() -> None:
    baskets = planted(50)
    ids = [f"c{order:02}" for order in range(50)]
    assert said(replace(baskets, customers=np.arange(50, dtype=np.int32), customer_ids=ids)) == [
        "no customer came back"
    ]


def test_times_prices_and_categories() -> None:
    baskets = planted(50)
    timeless = replace(baskets, times=np.full(50, NO_TIME))
    assert said(timeless, price=np.nan, categories=False) == [
        "orders have no times",
        "no item has a price",
        "no item has a category",
    ]


def test_many_items_of_price_0() -> None:
    assert said(planted(200), price=0.0) == [f"{(n := len(planted_catalog(planted(200))))} of {n} items have price 0"]
