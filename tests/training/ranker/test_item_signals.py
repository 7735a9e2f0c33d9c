"""What is known of an item by itself: the tiny shop's columns by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_baskets import tiny_baskets
from tiny_shop import BREAD, BUTTER, MILK, TEA, WINE, tiny_catalog, tiny_item_signals, tiny_model

from recommender.ranker.signals import ITEM_SIGNALS
from training.ranker.item_signals import item_signals, recent_bestsellers


def test_every_column_of_the_tiny_shop() -> None:
    found = item_signals(tiny_baskets(), tiny_catalog())
    assert (found.dtype, found.shape) == (np.float32, (8, len(ITEM_SIGNALS)))
    np.testing.assert_allclose(found, tiny_item_signals(), rtol=1e-6, atol=1e-7)


def test_what_sold_best_of_late() -> None:
    """Wine: (2 + 5 · 2.5/13) ÷ 7 = 0.42; bread, butter and milk (0 + 5 · 6.5/13) ÷ 7 = 0.36; tea 0.28."""
    signals, orders = tiny_item_signals(), tiny_model().item_orders
    assert recent_bestsellers(signals, orders, 5).tolist() == [WINE, BREAD, BUTTER, MILK, TEA]
    assert recent_bestsellers(signals, orders, 2).tolist() == tiny_model().bestsellers.recent.tolist()


def test_an_item_without_an_order_is_no_bestseller() -> None:
    orders = tiny_model().item_orders.copy()
    orders[WINE] = 0
    assert WINE not in recent_bestsellers(tiny_item_signals(), orders, 8)


def test_giant_orders_count_in_none_of_it() -> None:
    """The first order made giant: as if it were not there, but for the time."""
    baskets = tiny_baskets()
    countable = baskets.countable.copy()
    countable[0] = False
    found = item_signals(replace(baskets, countable=countable), tiny_catalog())
    np.testing.assert_array_equal(found, item_signals(baskets.part(1, 12), tiny_catalog()))


def test_an_item_that_never_sold() -> None:
    """Wine of the first ten orders: half a basket of 11, no age, the longest rest, the shop's rate of repetition."""
    first = tiny_baskets().part(0, 10)
    wine = dict(zip(ITEM_SIGNALS, item_signals(first, tiny_catalog())[WINE].tolist(), strict=True))
    assert wine["log_share"] == pytest.approx(np.log(0.5 / 11))
    assert wine["age"] == pytest.approx(np.log(1 / 11))
    assert wine["idle"] == pytest.approx(np.log1p(3650))
    assert wine["repeat"] == pytest.approx(1 / 8)


def test_a_shop_without_orders_without_customers_and_without_prices() -> None:
    nothing = tiny_baskets().part(0, 0)
    catalog = replace(tiny_catalog(), price=np.full(8, np.nan))
    found = item_signals(nothing, catalog)
    assert np.isfinite(found[:, :-1]).all()
    assert np.isnan(found[:, -1]).all()
    strangers = replace(tiny_baskets(), customers=np.full(12, -1, np.int32), customer_ids=[])
    column = ITEM_SIGNALS.index("repeat")
    assert not item_signals(strangers, catalog)[:, column].any()


def test_a_price_of_nothing_is_not_known() -> None:
    catalog = replace(tiny_catalog(), price=np.zeros(8))
    assert np.isnan(item_signals(tiny_baskets(), catalog)[:, ITEM_SIGNALS.index("log_price")]).all()
