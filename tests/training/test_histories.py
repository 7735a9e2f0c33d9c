"""Histories from baskets: the tiny shop's as they are written there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tiny_baskets import tiny_baskets
from tiny_shop import ITEM_IDS, tiny_customers, tiny_model

from recommender.ranker.shop import past_of, shop_of
from training.histories import histories, purchases
from training.ranker.tastes import tastes

SHOP = shop_of(tiny_model())


def test_the_tiny_shops_customers() -> None:
    found = histories(tiny_baskets(), np.zeros((3, 0), np.float32), SHOP)
    assert found is not None
    expected = tiny_customers()
    assert list(found.customer_ids) == list(expected.customer_ids)
    for name in ("offsets", "items", "opens_order", "times"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), strict=True)


def test_tastes_are_those_of_the_whole_history() -> None:
    found = histories(tiny_baskets(), np.zeros((3, 0), np.float32), SHOP)
    assert found is not None
    liked = tastes(SHOP, past_of(tiny_customers()))
    np.testing.assert_array_equal(found.taste_offsets, liked.offsets)
    np.testing.assert_array_equal(found.taste_items, liked.items)
    np.testing.assert_array_equal(found.taste_scores, liked.scores)


def test_a_shop_that_knows_no_customer_has_no_histories() -> None:
    strangers = replace(tiny_baskets(), customers=np.full(12, -1, np.int32), customer_ids=[])
    assert histories(strangers, np.zeros((0, 0), np.float32), SHOP) is None


def test_customers_without_an_order_in_this_part_have_empty_histories() -> None:
    """Of the first six orders Ann alone has some."""
    found = histories(tiny_baskets().part(0, 6), np.zeros((3, 0), np.float32), SHOP)
    assert found is not None
    assert found.offsets.tolist() == [0, 5, 5, 5]
    assert found.opens_order.tolist() == [1, 0, 0, 1, 0]


def test_purchases_count_orders() -> None:
    counts = purchases(tiny_baskets()).toarray()
    assert counts.shape == (3, len(ITEM_IDS))
    assert counts[0].tolist() == [2, 1, 0, 0, 1, 1, 0, 0]
    assert counts.sum() == 9
