"""Whole answers on a ring of any number of items, worked out by hand."""

import math
from dataclasses import replace

import numpy as np
from tiny_shop import tiny_manifest

from recommender.catalog import Catalog
from recommender.engine import Recommender
from recommender.model import Bestsellers, Factors, LongRules, Model, Pairs
from recommender.strings import StringColumn


def ring(items: int) -> Model:
    """Every item met the two after it, and the first ten sell best."""
    ids, nothing = [f"{item:05}" for item in range(items)], np.empty(0, np.int32)
    rows = np.arange(items)
    unknown, none = np.full(items, math.nan), np.full(items, -1, np.int32)
    catalog = Catalog(
        StringColumn.of(ids),
        StringColumn.of([""] * items),
        none,
        StringColumn.of([]),
        nothing,
        none,
        StringColumn.of([]),
        none,
        *[unknown] * 3,
        np.ones(items, np.uint8),
        *[np.zeros(items, np.uint8)] * 3,
    )
    after = np.stack([(rows + 1) % items, (rows + 2) % items], axis=1).reshape(-1).astype(np.int32)
    pairs = Pairs(
        np.arange(0, 2 * items + 1, 2),
        after,
        np.ones(2 * items, np.int32),
        np.tile(np.array([0.5, 0.25], np.float32), items),
        np.ones(2 * items, np.uint8),
    )
    best = Bestsellers(np.arange(10, dtype=np.int32), np.zeros(1, np.int64), *[nothing] * 3, np.empty(0, np.float32))
    rules = LongRules(np.zeros(items + 1, np.int64), np.empty((0, 2), np.int32), nothing, nothing, nothing)
    factors = Factors(*[np.zeros((items, 0), np.float32)] * 2)
    manifest = replace(tiny_manifest(), counts={"baskets": 2 * items})
    return Model(manifest, catalog, np.full(items, 2, np.int32), pairs, rules, best, factors)


def test_a_cart_of_ten_thousand_items():
    """All but the last eight of a ring: 10,000 meets the two before it (½ + ¼), 10,001 one of them (¼)."""
    shop = Recommender(ring(10_008))
    answer = shop.answer([f"{item:05}" for item in reversed(range(10_000))] + ["x"] * 10_000, placement="cross-sell")
    assert [(s.item_id, s.score) for s in answer.suggestions] == [("10000", 0.75), ("10001", 0.25)]
    assert answer.missing_items == ["x"]


def test_neighbours_of_one_score_are_ordered_by_id():
    shop = Recommender(ring(100))
    assert [s.item_id for s in shop.suggest(["00010", "00090", "00050"], k=6)] == [
        f"{item:05}" for item in (11, 51, 91, 12, 52, 92)
    ]
