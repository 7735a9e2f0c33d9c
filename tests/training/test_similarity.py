"""Similarities of pairs against dense arithmetic on the whole matrix."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mining_oracle import Basket, baskets_over, matrix_of, shop
from scipy import sparse

from training.counting import BasketLines, count_pairs
from training.pairs import item_orders
from training.similarity import asymmetric_cosine, best_of_rows, ease, weighted_cosine, weighted_counts, weighted_orders

ITEMS = 6


def counted(baskets: list[Basket], items: int = ITEMS) -> tuple[sparse.csr_matrix, sparse.csr_matrix, np.ndarray]:
    matrix = matrix_of(baskets, items)
    return matrix, count_pairs(matrix), item_orders(matrix)


def dense(counts: sparse.csr_matrix, values: np.ndarray) -> np.ndarray:
    """The values where their pairs stand, 0 elsewhere."""
    return sparse.csr_matrix((values, counts.indices, counts.indptr), counts.shape).toarray()


def expected_where_met(counts: sparse.csr_matrix, everywhere: np.ndarray) -> np.ndarray:
    return np.where(counts.toarray() > 0, everywhere, 0)


@given(baskets_over(ITEMS), st.sampled_from([0.0, 0.5, 0.7, 1.0]), st.sampled_from([0.0, 10.0]))
def test_asymmetric_cosine(baskets: list[Basket], exponent: float, shrinkage: float) -> None:
    _, counts, orders = counted(baskets)
    n = np.maximum(orders, 1).astype(float)
    expected = counts.toarray() / (n[:, None] ** exponent * n[None, :] ** (1 - exponent) + shrinkage)
    np.testing.assert_allclose(
        dense(counts, asymmetric_cosine(counts, orders, exponent, shrinkage)),
        expected_where_met(counts, expected),
        rtol=1e-6,
    )


@given(baskets_over(ITEMS))
def test_weighted_cosine(baskets: list[Basket]) -> None:
    matrix, counts, orders = counted(baskets)
    x = matrix.toarray()
    weights = np.maximum(np.log(max((orders > 0).sum(), 2)) - np.log1p(x.sum(axis=1)), 0.1) ** 2
    weights = weights / (weights.mean() if len(weights) else 1)
    met = x.T @ (weights[:, None] * x)
    expected = met / (np.sqrt(np.outer(np.diag(met), np.diag(met))) + 0.5)
    np.testing.assert_allclose(
        dense(counts, weighted_cosine(BasketLines.of(matrix))(counts)), expected_where_met(counts, expected), rtol=1e-5
    )


def test_a_small_basket_says_more_than_a_large_one() -> None:
    """0 and 1 met alone, 2 and 3 in a basket of six, as often."""
    matrix, counts, _ = counted([frozenset({0, 1}), frozenset({2, 3, 4, 5, 6, 7}), *map(frozenset, [{8}, {9}])], 10)
    found = dense(counts, weighted_cosine(BasketLines.of(matrix))(counts))
    assert found[0, 1] > 2 * found[2, 3] > 0


@settings(max_examples=60)
@given(baskets_over(ITEMS), st.sampled_from([1.0, 100.0]))
def test_ease_is_the_closed_form(baskets: list[Basket], regularization: float) -> None:
    """Among the items of two baskets or more; each basket counts the mean size over its own."""
    matrix, counts, orders = counted(baskets)
    head = np.flatnonzero(orders > 1)
    x = matrix.toarray()[:, head]
    sizes = np.maximum(matrix.toarray().sum(axis=1), 1)
    expected = np.zeros((ITEMS, ITEMS))
    if len(head):
        gram = x.T @ ((sizes.mean() / sizes)[:, None] * x) + regularization * np.eye(len(head))
        inverse = np.linalg.inv(gram)
        expected[np.ix_(head, head)] = -inverse / np.diag(inverse)
    found = dense(counts, ease(BasketLines.of(matrix), ITEMS, regularization)(counts))
    np.testing.assert_allclose(found, expected_where_met(counts, expected), rtol=1e-3, atol=1e-5)


def test_ease_covers_the_most_sold_items_and_of_equal_ones_the_lower_rows() -> None:
    baskets = [frozenset({0, 1, 2, 3})] * 3 + [frozenset({3})]
    matrix, counts, _ = counted(baskets, 4)
    found = dense(counts, ease(BasketLines.of(matrix), 3, 10.0)(counts))
    assert (found[np.ix_([0, 1, 3], [0, 1, 3])] != 0).sum() == 6
    assert not found[2].any()
    assert not found[:, 2].any()


@pytest.mark.parametrize(("head", "baskets"), [(0, [frozenset({0, 1})] * 4), (6, [frozenset({0, 1})]), (6, [])])
def test_ease_of_nothing(head: int, baskets: list[Basket]) -> None:
    """No head, no item sold twice, no basket at all."""
    matrix, counts, _ = counted(baskets)
    assert not ease(BasketLines.of(matrix), head, 10.0)(counts).any()


@given(baskets_over(ITEMS))
def test_baskets_that_count_once_are_the_pair_counts(baskets: list[Basket]) -> None:
    matrix, counts, orders = counted(baskets)
    lines, ones = BasketLines.of(matrix), np.ones(len(baskets), np.float32)
    assert weighted_counts(lines, counts, ones).tolist() == counts.data.tolist()
    assert weighted_orders(lines, ones).tolist() == orders.tolist()


@given(
    st.lists(st.lists(st.sampled_from([-1.0, 0.0, 0.25, 0.5, 0.75, 1.0]), max_size=8), max_size=6),
    st.integers(1, 6),
    st.sampled_from([0.0, 0.25]),
)
def test_the_best_of_each_row(rows: list[list[float]], keep: int, least: float) -> None:
    offsets = np.cumsum([0, *map(len, rows)])
    values = np.array([value for row in rows for value in row], np.float32)
    kept = best_of_rows(offsets, values, keep, least)
    for row, start in zip(rows, offsets[:-1], strict=True):
        ranked = sorted((-value, place) for place, value in enumerate(row) if value > least)
        assert np.flatnonzero(kept[start : start + len(row)]).tolist() == sorted(place for _, place in ranked[:keep])


def test_larger_shops_too() -> None:
    """Of 300 baskets over 40 items, against the dense closed form."""
    matrix, counts, orders = counted(shop(3, 300, 40), 40)
    x, sizes = matrix.toarray(), np.maximum(matrix.toarray().sum(axis=1), 1)
    head = np.flatnonzero(orders > 1)
    gram = x[:, head].T @ ((sizes.mean() / sizes)[:, None] * x[:, head]) + 50 * np.eye(len(head))
    inverse = np.linalg.inv(gram)
    expected = np.zeros((40, 40))
    expected[np.ix_(head, head)] = -inverse / np.diag(inverse)
    found = dense(counts, ease(BasketLines.of(matrix), 40, 50.0)(counts))
    np.testing.assert_allclose(found, expected_where_met(counts, expected), rtol=1e-3, atol=1e-6)
