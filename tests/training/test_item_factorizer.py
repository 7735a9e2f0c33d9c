"""The factorizer in scikit-learn's shape."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from mining_oracle import matrix_of, shop
from scipy import sparse

from recommender.errors import UsageError
from training.estimators import ItemFactorizer, NotFittedError

BASKETS = shop(0, 300, 12)
MATRIX = matrix_of(BASKETS, 12)


def small(**params: float) -> ItemFactorizer:
    return ItemFactorizer(**({"factors": 6, "iterations": 5} | params))


@pytest.fixture(scope="module")
def fitted() -> ItemFactorizer:
    return small().fit(MATRIX)


@pytest.mark.parametrize(
    "X",
    [
        sparse.csc_array(MATRIX),
        MATRIX.toarray(),
        pd.DataFrame(MATRIX.toarray().astype(bool)),
        [sorted(basket) for basket in BASKETS],
        (basket for basket in BASKETS),
    ],
    ids=["csc array", "dense", "frame", "lists", "generator of sets"],
)
def test_every_kind_of_baskets_gives_the_same(X, fitted: ItemFactorizer) -> None:
    again = small().fit(X)

    np.testing.assert_array_equal(again.item_factors_, fitted.item_factors_)
    assert again.item_ids_ == list(range(12))
    assert again.n_baskets_ == 300
    assert again.item_factors_.dtype == np.float32


def test_a_checkerboard_of_two_worlds_is_told_apart() -> None:
    """Even baskets hold even items, odd ones odd items: a cart of one world is answered from it alone."""
    rng = np.random.default_rng(0)
    baskets = [(2 * rng.choice(8, 4, replace=False) + world).tolist() for world in (0, 1) for _ in range(200)]
    factorizer = ItemFactorizer(factors=2, iterations=20).fit(baskets)

    for world in (0, 1):
        found = [item for item, _ in factorizer.recommend([world, 2 + world], k=6)]
        assert sorted(found) == [4 + world, 6 + world, 8 + world, 10 + world, 12 + world, 14 + world]


def test_a_point_solves_the_least_squares_step(fitted: ItemFactorizer) -> None:
    """Hu, Koren & Volinsky 2008, eq. 4, with confidence alpha for what is in the cart and 1 for the rest."""
    factors = fitted.item_factors_.astype(np.float64)
    confidence = np.where(np.isin(np.arange(12), [1, 4]), 10.0, 1.0)
    wanted = np.isin(np.arange(12), [1, 4]).astype(float)
    system = (factors.T * confidence) @ factors + 0.05 * np.eye(6)
    point = np.linalg.solve(system, factors.T @ (confidence * wanted))

    np.testing.assert_allclose(fitted.transform([[4, 1]])[0], point, rtol=2e-3, atol=1e-4)


def test_carts_of_every_kind_are_the_same_points(fitted: ItemFactorizer) -> None:
    carts = [[0, 3], [5], []]
    cells = matrix_of([frozenset(cart) for cart in carts], 12)

    from_lists = fitted.transform(carts)

    np.testing.assert_array_equal(fitted.transform(cells), from_lists)
    np.testing.assert_array_equal(fitted.transform(pd.DataFrame(cells.toarray())[[5, 3, 0]]), from_lists)
    assert not from_lists[2].any()


def test_what_was_not_fitted_is_left_out(fitted: ItemFactorizer) -> None:
    np.testing.assert_array_equal(fitted.transform([[0, 99], [99]]), fitted.transform([[0], []]))
    assert fitted.recommend(["unknown"]) == []
    assert fitted.recommend([]) == []
    assert fitted.recommend([0, 99]) == fitted.recommend([0])


def test_answers_are_sorted_and_without_the_cart(fitted: ItemFactorizer) -> None:
    answer = fitted.recommend([0, 1, 1], k=5)

    ids, scores = zip(*answer, strict=True)
    assert not {0, 1} & set(ids)
    assert list(scores) == sorted(scores, reverse=True)
    assert len(ids) <= 5
    assert fitted.recommend([0, 1], k=2) == answer[:2]


def test_rare_items_get_no_vector() -> None:
    factorizer = small(min_item_orders=3).fit([["a", "b"]] * 5 + [["a", "c"]] * 2)

    assert factorizer.item_ids_ == ["a", "b", "c"]
    assert factorizer.item_factors_.any(axis=1).tolist() == [True, True, False]


def test_parameters_are_kept_as_given() -> None:
    factorizer = ItemFactorizer(factors="many", seed=3)

    assert factorizer.get_params() == {
        "factors": "many",
        "regularization": 0.05,
        "alpha": 10.0,
        "iterations": 8,
        "min_item_orders": 5,
        "seed": 3,
    }
    assert factorizer.set_params(factors=4) is factorizer
    assert repr(ItemFactorizer(factors=4)).startswith("ItemFactorizer(factors=4, regularization=0.05, ")
    with pytest.raises(UsageError, match="no parameter 'rank'; known are factors, "):
        factorizer.set_params(rank=1)


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"factors": 0}, "factors 0"),
        ({"factors": 513}, "factors.factors = 513"),
        ({"alpha": 0.0}, "factors.alpha = 0.0"),
        ({"regularization": -1.0}, "factors.regularization = -1.0"),
        ({"iterations": 0}, "factors.iterations = 0"),
        ({"min_item_orders": 0}, "factors.min_item_orders = 0"),
        ({"seed": -1}, "seed = -1"),
    ],
)
def test_wrong_parameters_are_told_by_fit(params: dict, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        ItemFactorizer(**params).fit(MATRIX)


@pytest.mark.parametrize("X", [[], [["a", "b"]], np.zeros((4, 3)), [["a"], ["b"], ["c"]]])
def test_baskets_that_teach_nothing_are_told(X) -> None:
    with pytest.raises(UsageError, match=r"factors need two baskets, and two items in 5 baskets or more each"):
        ItemFactorizer().fit(X)


def test_wrong_input_is_told(fitted: ItemFactorizer) -> None:
    with pytest.raises(UsageError, match="the cart is the text 'tea'"):
        fitted.recommend("tea")
    with pytest.raises(UsageError, match="k 0"):
        fitted.recommend([1], k=0)
    with pytest.raises(UsageError, match="every cell is 0 or 1"):
        fitted.transform(np.full((1, 12), 2))


@pytest.mark.parametrize("name", ["item_factors_", "item_ids_", "n_baskets_"])
def test_nothing_is_known_before_fit(name: str) -> None:
    assert not hasattr(ItemFactorizer(), name)
    with pytest.raises(NotFittedError, match=f"{name}: not fitted yet; call fit first"):
        getattr(ItemFactorizer(), name)
    with pytest.raises(NotFittedError):
        ItemFactorizer().recommend([1])


def test_fitting_twice_gives_the_same_bytes(fitted: ItemFactorizer) -> None:
    assert small().fit(MATRIX).item_factors_.tobytes() == fitted.item_factors_.tobytes()
    assert small(seed=1).fit(MATRIX).item_factors_.tobytes() != fitted.item_factors_.tobytes()
