"""Frequent itemsets against a naive oracle, mlxtend and pyfim."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mining_oracle import Basket, baskets_over, itemsets_of, matrix_of, shop
from mlxtend.frequent_patterns import fpgrowth as mlxtends_fpgrowth
from scipy import sparse

from recommender.errors import UsageError
from training.frequent_pairs import GIANT
from training.itemsets import Itemsets, frequent_itemsets

ITEMS = 7


def as_dict(itemsets: Itemsets) -> dict[tuple[int, ...], int]:
    bounds = itemsets.offsets.tolist()
    items = itemsets.items.tolist()
    keys = [tuple(items[start:stop]) for start, stop in pairwise(bounds)]
    assert len(set(keys)) == len(keys)
    return dict(zip(keys, itemsets.counts.tolist(), strict=True))


@settings(max_examples=60, deadline=None)
@given(baskets_over(ITEMS, most=14), st.integers(1, 5), st.sampled_from([None, 1, 2, 3, 4]))
def test_what_a_naive_oracle_finds_in_its_order(baskets: list[Basket], min_count: int, max_len: int | None) -> None:
    found = as_dict(frequent_itemsets(matrix_of(baskets, ITEMS), min_count, max_len=max_len))

    assert list(found.items()) == list(itemsets_of(baskets, ITEMS, min_count, max_len).items())


@pytest.mark.parametrize("max_len", [None, 2, 3, 4])
@pytest.mark.parametrize("min_count", [4, 10, 40])
def test_what_pyfim_finds(min_count: int, max_len: int | None) -> None:
    fim = pytest.importorskip("fim", reason="pyfim comes as C source and needs a compiler")
    baskets = shop(7, 600, 25, size=6)

    found = as_dict(frequent_itemsets(matrix_of(baskets, 25), min_count, max_len=max_len))

    theirs = fim.fpgrowth([list(basket) for basket in baskets], supp=-min_count, zmax=max_len or -1, report="a")
    assert found == {tuple(sorted(items)): count for items, count in theirs}


@pytest.mark.parametrize("max_len", [None, 2, 3, 4])
@pytest.mark.parametrize("min_count", [4, 10, 40])
def test_what_mlxtend_finds(min_count: int, max_len: int | None) -> None:
    matrix = matrix_of(shop(7, 600, 25, size=6), 25)

    found = as_dict(frequent_itemsets(matrix, min_count, max_len=max_len))

    frame = pd.DataFrame(matrix.toarray().astype(bool))
    theirs = mlxtends_fpgrowth(frame, min_support=(min_count - 0.5) / 600, max_len=max_len)
    assert found == {
        tuple(sorted(items)): round(support * 600)
        for items, support in zip(theirs["itemsets"], theirs["support"], strict=True)
    }


@pytest.mark.parametrize("baskets", [3, 7, 10, 29, 100, 300])
def test_itemsets_exactly_on_the_bound_are_found(baskets: int) -> None:
    matrix = matrix_of([frozenset({0, 1, 2})] * baskets + [frozenset({3})] * 11, 4)

    assert as_dict(frequent_itemsets(matrix, baskets))[(0, 1, 2)] == baskets
    assert (0, 1, 2) not in as_dict(frequent_itemsets(matrix, baskets + 1))


def test_a_triangle_that_never_met_is_no_itemset() -> None:
    matrix = matrix_of([frozenset({0, 1}), frozenset({1, 2}), frozenset({0, 2})] * 5, 3)

    assert as_dict(frequent_itemsets(matrix, 3)) == {(0,): 10, (1,): 10, (2,): 10, (0, 1): 5, (0, 2): 5, (1, 2): 5}


def deep_shop(seed: int) -> list[Basket]:
    """Habits of three to nine items among the baskets of a shop, so that long itemsets are frequent."""
    rng = np.random.default_rng(seed)
    habits = [frozenset(rng.choice(30, rng.integers(3, 10), replace=False).tolist()) for _ in range(12)]
    return [basket | habits[rng.integers(12)] if rng.random() < 0.5 else basket for basket in shop(seed, 700, 30)]


@pytest.mark.parametrize("most", [GIANT, 6])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_long_itemsets_of_pyfim(seed: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fim = pytest.importorskip("fim", reason="pyfim comes as C source and needs a compiler")
    monkeypatch.setattr("training.frequent_pairs.GIANT", most)
    baskets = deep_shop(seed)

    found = as_dict(frequent_itemsets(matrix_of(baskets, 30), 9))

    theirs = fim.fpgrowth([list(basket) for basket in baskets], supp=-9, report="a")
    assert found == {tuple(sorted(items)): count for items, count in theirs}
    assert max(map(len, found)) >= 6


@settings(max_examples=60, deadline=None)
@given(baskets_over(ITEMS, most=14), st.integers(1, 5), st.sampled_from([None, 2, 3]), st.integers(0, 5))
def test_giant_baskets_are_counted_like_any_other(
    baskets: list[Basket], min_count: int, max_len: int | None, giant: int
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("training.frequent_pairs.GIANT", giant)
        patched.setattr("training.frequent_pairs.MOST_GIANTS", 4)
        found = as_dict(frequent_itemsets(matrix_of(baskets, ITEMS), min_count, max_len=max_len))

    assert list(found.items()) == list(itemsets_of(baskets, ITEMS, min_count, max_len).items())


def test_many_parts_on_many_threads_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = matrix_of(deep_shop(3), 30)
    at_once = frequent_itemsets(matrix, 5)

    monkeypatch.setattr("training.in_parts._LEAST_WORK", 1)
    monkeypatch.setattr("training.itemsets._A_FEW", 100)
    in_many = frequent_itemsets(matrix, 5)

    for name in ("offsets", "items", "counts"):
        np.testing.assert_array_equal(getattr(at_once, name), getattr(in_many, name))


def test_columns_out_of_order_and_other_numbers_of_any_kind() -> None:
    matrix = matrix_of(shop(4, 100, 12), 12)
    backwards = matrix.copy().astype(np.int8)
    for row in range(100):
        line = slice(*backwards.indptr[row : row + 2])
        backwards.indices[line] = backwards.indices[line][::-1]
    backwards.data[:] = 7

    assert as_dict(frequent_itemsets(backwards, 3)) == as_dict(frequent_itemsets(matrix, 3))


def test_ten_thousand_items_that_one_giant_order_holds_too() -> None:
    """A walk through the giant for each of its items would take 200 million steps for every basket of its size."""
    baskets = [[item, item + 1] for item in range(0, 20_000, 2)] * 2 + [list(range(20_000))]
    offsets = np.cumsum([0, *map(len, baskets)])
    columns = np.concatenate(baskets)
    matrix = sparse.csr_matrix((np.ones(len(columns), np.float32), columns, offsets))

    found = frequent_itemsets(matrix, 3)

    assert found.lengths.tolist() == [1] * 20_000 + [2] * 10_000
    assert (found.counts == 3).all()


def test_tables_of_one_length() -> None:
    found = frequent_itemsets(matrix_of([frozenset({0, 1, 2})] * 2 + [frozenset({2})], 3), 2)

    assert found.of_length(1)[0].tolist() == [[0], [1], [2]]
    assert found.of_length(1)[1].tolist() == [2, 2, 3]
    assert found.of_length(3)[0].tolist() == [[0, 1, 2]]
    assert found.of_length(4)[0].shape == (0, 4)
    assert (found.longest, len(found)) == (3, 7)


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (4, 0), (4, 3)])
def test_nothing_to_mine(shape: tuple[int, int]) -> None:
    found = frequent_itemsets(sparse.csr_matrix(shape, dtype=np.float32), 1)

    assert (len(found), found.longest, found.offsets.tolist()) == (0, 0, [0])


def test_progress_ends_with_everything_done() -> None:
    said: list[tuple[int, int]] = []

    frequent_itemsets(matrix_of(shop(0, 200, 10), 10), 2, progress=lambda done, total: said.append((done, total)))

    assert said == sorted(said)
    assert {total for _, total in said} == {said[-1][0]}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"min_count": 0}, "minimum count 0"),
        ({"min_count": -3}, "minimum count -3"),
        ({"min_count": 1, "max_len": 0}, "maximum length 0"),
        ({"min_count": 1, "memory_share": 0.0}, "memory_share 0.0"),
        ({"min_count": 1, "memory_share": 1.5}, "memory_share 1.5"),
    ],
)
def test_bounds_are_told(arguments: dict, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        frequent_itemsets(matrix_of([frozenset({0})], 1), **arguments)
