"""Which categories are bought with which: the tiny shop's by hand, any shop's by counting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from mining_oracle import Basket, baskets_over, matrix_of
from tiny_baskets import tiny_baskets
from tiny_shop import tiny_catalog, tiny_companions

from recommender.strings import StringColumn
from training.ranker.companions import companions


def test_the_tiny_shops_categories() -> None:
    found, expected = companions(tiny_baskets().matrix(), tiny_catalog()), tiny_companions()
    assert found.offsets.tolist() == expected.offsets.tolist()
    assert found.items.tolist() == expected.items.tolist()
    assert found.scores.tolist() == expected.scores.tolist()
    assert [array.dtype for array in (found.offsets, found.items, found.scores)] == [np.int64, np.int32, np.float32]


@given(baskets_over(8), st.lists(st.integers(-1, 4), min_size=8, max_size=8))
def test_counts_of_a_naive_oracle(baskets: list[Basket], category_of: list[int]) -> None:
    catalog = replace(tiny_catalog(), item_category=np.array(category_of, np.int32))
    found = companions(matrix_of(baskets, 8), catalog)
    kinds = [{category_of[item] for item in basket} - {-1} for basket in baskets]
    for first in range(5):
        of = sum(first in kind for kind in kinds)
        scores = {other: sum({first, other} <= kind for kind in kinds) / (of + 10) for other in range(5)}
        expected = sorted((-score, other) for other, score in scores.items() if score)
        part = slice(found.offsets[first], found.offsets[first + 1])
        assert found.items[part].tolist() == [other for _, other in expected]
        np.testing.assert_allclose(found.scores[part], [-score for score, _ in expected], rtol=1e-6)


def test_sixty_are_kept() -> None:
    """One basket of a hundred categories: all equal, so the first sixty."""
    names = [f"{place:03}" for place in range(100)]
    catalog = replace(
        tiny_catalog(),
        item_ids=StringColumn.of(names),
        categories=StringColumn.of(names),
        item_category=np.arange(100, dtype=np.int32),
    )
    found = companions(matrix_of([frozenset(range(100))], 100), catalog)
    assert np.diff(found.offsets).tolist() == [60] * 100
    assert found.items[:60].tolist() == list(range(60))


def test_without_categories_there_are_none() -> None:
    catalog = replace(tiny_catalog(), categories=StringColumn.of([]), item_category=np.full(8, -1, np.int32))
    assert companions(tiny_baskets().matrix(), catalog).offsets.tolist() == [0]
