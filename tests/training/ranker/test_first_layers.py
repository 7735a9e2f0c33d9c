import numpy as np
import pytest
from scipy import sparse

from training.ranker.first_layers import UNITS, WIDTH, drawn_layers, principal_directions, start_at_directions


@pytest.fixture(scope="module")
def matrix() -> sparse.csr_matrix:
    """Baskets of twelve groups of items, and some noise."""
    random = np.random.default_rng(0)
    baskets = np.zeros((600, 90), np.float32)
    for basket in baskets:
        basket[6 * random.integers(12) + random.choice(6, 3, replace=False)] = 1
        basket[random.integers(89)] = 1
    return sparse.csr_matrix(baskets)


def test_directions_are_those_of_the_exact_decomposition(matrix: sparse.csr_matrix):
    dense = matrix.toarray()
    weighed = dense / np.sqrt(dense.sum(axis=1, keepdims=True)) / np.sqrt(dense.sum(axis=0) + 10)
    _, strengths, items = np.linalg.svd(weighed, full_matrices=False)
    exact = (items.T * strengths)[:, 1:6]
    found = principal_directions(matrix, 5, np.random.default_rng(1))
    np.testing.assert_allclose(found @ found.T, exact @ exact.T, atol=2e-3)


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (3, 2)])
def test_a_few_baskets_have_few_directions(shape: tuple[int, int]):
    found = principal_directions(sparse.csr_matrix(np.ones(shape, np.float32)), 4, np.random.default_rng(0))
    assert found.shape == (shape[1], 4)
    assert np.isfinite(found).all()
    assert not found[:, min(shape) - 1 :].any()


def test_items_begin_where_their_baskets_put_them_and_are_equally_long(matrix: sparse.csr_matrix):
    sold = np.asarray(matrix.sum(axis=0), np.int64)[0]
    layers = drawn_layers(sold, np.random.default_rng(0))
    cart, past, first, _, second, item, bias = start_at_directions(layers, matrix, np.random.default_rng(0))
    assert cart.shape == (90, WIDTH)
    assert second.shape == (UNITS, WIDTH)
    assert np.linalg.norm(cart[:89], axis=1) == pytest.approx(0.2 * 8, rel=1e-4)
    assert not cart[89].any()
    np.testing.assert_array_equal(past, cart * np.float32(0.5))
    np.testing.assert_array_equal(item, cart)
    assert first is layers[2]
    assert bias is layers[6]
    alike = cart[:72] @ cart[:72].T
    group = np.arange(72) // 6
    assert alike[group[:, None] == group].mean() > 1 > 0.2 > abs(alike[group[:, None] != group].mean())
