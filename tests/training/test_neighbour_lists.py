"""The neighbours that are kept of every item: which, in which order, with which score."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mining_oracle import Basket, baskets_over, count_of, matrix_of, shop

from recommender.model import Pairs
from training.pairs import count_pairs, item_orders, neighbours, pair_codes

ITEMS = 7
NONE = np.zeros(0, np.int64)


def kept(baskets: list[Basket], items: int, keep: int, exponent: float = 0.7, shrinkage: float = 2.0) -> Pairs:
    matrix = matrix_of(baskets, items)
    counts, orders = count_pairs(matrix), item_orders(matrix)
    return neighbours(counts, orders, keep=keep, exponent=exponent, shrinkage=shrinkage, claimed=NONE)


def lists(pairs: Pairs) -> list[list[tuple[int, int]]]:
    both = list(zip(pairs.items.tolist(), pairs.counts.tolist(), strict=True))
    return [both[start:stop] for start, stop in zip(pairs.offsets, pairs.offsets[1:], strict=False)]


@settings(max_examples=60)
@given(baskets_over(ITEMS), st.integers(1, 8), st.sampled_from([0.0, 0.3, 0.5, 0.7, 1.0]), st.sampled_from([0.0, 10.0]))
def test_the_best_are_kept_best_first(baskets: list[Basket], keep: int, exponent: float, shrinkage: float) -> None:
    n = [count_of(baskets, (i,)) for i in range(ITEMS)]

    found = lists(kept(baskets, ITEMS, keep, exponent, shrinkage))

    for i in range(ITEMS):
        met = [(j, count_of(baskets, (i, j))) for j in range(ITEMS) if j != i]
        scored = [
            (-np.float32(c / (float(n[i]) ** exponent * float(n[j]) ** (1 - exponent) + shrinkage)), j, c)
            for j, c in met
            if c
        ]
        assert found[i] == [(j, c) for _, j, c in sorted(scored)[:keep]]


def test_equal_scores_go_to_the_lower_row_even_at_the_cut() -> None:
    baskets = [frozenset({0, j}) for j in range(1, 9)]

    assert lists(kept(baskets, 9, keep=3))[0] == [(1, 1), (2, 1), (3, 1)]


def test_long_and_short_lists_side_by_side() -> None:
    baskets = shop(5, 3000, 300, size=8)

    pairs = kept(baskets, 300, keep=20)

    lengths = np.diff(pairs.offsets)
    assert lengths.max() == 20
    assert all(np.all(np.diff(pairs.scores[a:b]) <= 0) for a, b in zip(pairs.offsets, pairs.offsets[1:], strict=False))
    assert (pairs.scores > 0).all()


def test_claims_are_marked_from_both_sides() -> None:
    matrix = matrix_of([frozenset({0, 1}), frozenset({1, 2})], 3)

    pairs = neighbours(
        count_pairs(matrix),
        item_orders(matrix),
        keep=5,
        exponent=0.5,
        shrinkage=0.0,
        claimed=pair_codes(np.array([2]), np.array([1]), 3),
    )

    assert list(zip(pairs.items.tolist(), pairs.claimed.tolist(), strict=True)) == [(1, 0), (0, 0), (2, 1), (1, 1)]


@pytest.mark.parametrize("items", [0, 3])
def test_items_without_company_have_no_neighbours(items: int) -> None:
    pairs = kept([frozenset({0})] if items else [], items, keep=5)

    assert pairs.offsets.tolist() == [0] * (items + 1)
    assert len(pairs.items) == 0
