"""A cart becomes a point among the factors, and its nearest items are found."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_shop import BREAD, COFFEE, DELIVERY, JAM, MILK, TEA, WINE, tiny_factors

from recommender.folding import fold_in, nearest

FACTORS = tiny_factors().cart
GRAM = np.asarray(FACTORS.T @ FACTORS, np.float32)


def point_of(*rows: int, alpha: float = 2.0, regularization: float = 0.5) -> np.ndarray:
    return fold_in(FACTORS, GRAM, np.array(rows, np.int32), alpha, regularization)


def test_by_hand():
    """Tea has the factors (0, ½). Y'Y = [[3¼, ¼], [¼, 2½]]; (α - 1) y y' = [[0, 0], [0, ¼]]; λ = ½.

    The system is [[3¾, ¼], [¼, 3¼]] with determinant 12⅛, the right side α y = (0, 1): x = (-¼, 3¾) / 12⅛.
    """
    point = point_of(TEA)
    assert GRAM.tolist() == [[3.25, 0.25], [0.25, 2.5]]
    assert point.dtype == np.float32
    assert point.tolist() == pytest.approx([-0.25 / 12.125, 3.75 / 12.125])


def test_it_is_the_row_that_least_squares_would_have_learned():
    """The gradient of Σ c (p - x'y)² + λ |x|² over all items vanishes: c = α, p = 1 in the cart; c = 1, p = 0 else."""
    rows = [BREAD, MILK, TEA]
    x = point_of(*rows, alpha=7.0, regularization=0.3).astype(np.float64)
    confidence, wanted = np.ones(len(FACTORS)), np.zeros(len(FACTORS))
    confidence[rows], wanted[rows] = 7.0, 1.0
    gradient = FACTORS.T @ (confidence * (wanted - FACTORS @ x)) - 0.3 * x
    assert np.abs(gradient).max() < 1e-5


def test_a_cart_without_a_trained_item_is_nowhere():
    assert point_of(WINE).tolist() == [0, 0]
    assert nearest(FACTORS, point_of(WINE), 5)[0].tolist() == []


def test_without_regularization_the_shortest_of_many_solutions():
    """Two items that are alike in a space of two directions: the system [[3, 0], [0, 0]] cannot be solved exactly."""
    factors = np.array([[1, 0], [1, 0]], np.float32)
    point = fold_in(factors, factors.T @ factors, np.array([0], np.int32), 2.0, 0.0)
    assert point.tolist() == [pytest.approx(2 / 3), 0]


def test_nearest_best_first_ties_by_row_and_only_above_zero():
    """The products with (-1, 2): coffee and delivery 2, tea 1, milk ½; bread, butter, jam -1, wine 0."""
    rows, scores = nearest(FACTORS, np.array([-1, 2], np.float32), 10)
    assert rows.dtype == np.int32
    assert rows.tolist() == [COFFEE, DELIVERY, TEA, MILK]
    assert scores.dtype == np.float64
    assert scores.tolist() == [2, 2, 1, 0.5]


def test_ties_at_the_cut_go_to_the_lower_row():
    rows, scores = nearest(FACTORS, np.array([1, 0], np.float32), 2)
    assert (rows.tolist(), scores.tolist()) == ([BREAD, BREAD + 1], [1, 1])


def test_nothing_is_near():
    rows, scores = nearest(FACTORS, np.array([-1, -1], np.float32), 3)
    assert (rows.tolist(), scores.tolist(), rows.dtype) == ([], [], np.int32)


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=20), st.integers(1, 25))
def test_nearest_is_a_sorted_list_cut(vectors: list[tuple[int, int]], keep: int):
    factors = np.array(vectors, np.float32)
    rows, scores = nearest(factors, np.array([2, -1], np.float32), keep)
    products = [(2 * x - y, row) for row, (x, y) in enumerate(vectors) if 2 * x - y > 0]
    expected = sorted(products, key=lambda pair: (-pair[0], pair[1]))[:keep]
    assert list(zip(scores.tolist(), rows.tolist(), strict=True)) == expected


def test_the_tiny_shops_jam():
    """[[4¾, ¼], [¼, 3]] x = (2, 0): x = (6, -½) / 14 3/16; milk (½, ½) scores 2¾ / 14 3/16."""
    rows, scores = nearest(FACTORS, point_of(JAM, WINE), 100)
    assert dict(zip(rows.tolist(), scores.tolist(), strict=True))[MILK] == pytest.approx(2.75 / 14.1875)
