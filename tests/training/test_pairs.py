"""Pair counts against counting by hand, and what is kept of them."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mining_oracle import Basket, baskets_over, count_of, matrix_of, shop
from scipy import sparse

from training.counting import BasketLines, PairCounts, count_pairs
from training.counting.asked import counts_of_pairs, counts_towards
from training.pairs import item_orders, pair_codes

ITEMS = 7


@given(baskets_over(ITEMS))
def test_counts_are_those_of_a_naive_oracle(baskets: list[Basket]) -> None:
    counts = count_pairs(matrix_of(baskets, ITEMS))

    dense = counts.toarray()
    for i, j in combinations(range(ITEMS), 2):
        assert dense[i, j] == dense[j, i] == count_of(baskets, (i, j))
    assert not dense.diagonal().any()


@given(baskets_over(ITEMS))
def test_counts_are_stored_sorted_and_without_zeros(baskets: list[Basket]) -> None:
    counts = count_pairs(matrix_of(baskets, ITEMS))

    assert counts.dtype == np.int32
    assert counts.indices.dtype == np.int32
    assert (counts.data > 0).all()
    for start, stop in zip(counts.indptr, counts.indptr[1:], strict=False):
        assert (np.diff(counts.indices[start:stop]) > 0).all()


@given(baskets_over(ITEMS), st.integers(1, 60))
def test_blocks_make_up_the_whole(baskets: list[Basket], most: int) -> None:
    matrix = matrix_of(baskets, ITEMS)
    counts = PairCounts(BasketLines.of(matrix), most)

    blocks = list(counts.blocks())

    assert (sum(blocks[1:], blocks[0]) != count_pairs(matrix)).nnz == 0
    filled = [np.flatnonzero(np.diff(block.indptr)) for block in blocks]
    assert all(block.nnz <= most or len(rows) == 1 for block, rows in zip(blocks, filled, strict=True))
    assert np.concatenate(filled).tolist() == sorted({int(row) for rows in filled for row in rows})


@given(baskets_over(ITEMS), st.data())
def test_counts_of_asked_pairs_are_those_of_all(baskets: list[Basket], data: st.DataObject) -> None:
    matrix = matrix_of(baskets, ITEMS)
    every = [(a, b) for a in range(ITEMS) for b in range(a + 1, ITEMS)]
    asked = data.draw(st.lists(st.sampled_from(every), unique=True))
    first, second = (np.array([pair[side] for pair in asked], np.int64) for side in (0, 1))

    counts = counts_of_pairs(BasketLines.of(matrix), first, second)

    dense = count_pairs(matrix).toarray()
    assert counts.tolist() == [dense[pair] for pair in asked]


@given(baskets_over(ITEMS), st.data())
def test_counts_towards_some_items_are_those_of_all(baskets: list[Basket], data: st.DataObject) -> None:
    matrix = matrix_of(baskets, ITEMS)
    rows, columns = (np.array(data.draw(st.lists(st.integers(0, ITEMS - 1), unique=True)), np.int64) for _ in "rc")
    columns.sort()

    counts = counts_towards(BasketLines.of(matrix), rows, columns)

    assert counts.toarray().tolist() == count_pairs(matrix).toarray()[np.ix_(rows, columns)].tolist()
    assert (counts.data > 0).all()


@given(baskets_over(ITEMS), st.lists(st.integers(-1, 2), min_size=ITEMS, max_size=ITEMS), st.integers(1, 9))
def test_pairs_of_lines_with_traits(baskets: list[Basket], of_items: list[int], most: int) -> None:
    """A line never meets itself, and two lines with one trait meet both ways."""
    lines = BasketLines.of(matrix_of(baskets, ITEMS)).by_trait(np.array(of_items), 3)
    expected = np.zeros((3, 3), int)
    for basket in baskets:
        for one, other in permutations(basket, 2):
            if min(of_items[one], of_items[other]) >= 0:
                expected[of_items[one], of_items[other]] += 1

    assert sum(block.toarray() for block in PairCounts(lines, most).blocks()).tolist() == expected.tolist()


def test_a_large_shop_of_many_words_of_bits() -> None:
    """Items beyond the first sixty-four, and pairs at the borders between words of bits."""
    matrix = matrix_of(shop(1, 300, 200), 200)
    dense = matrix.toarray().astype(int)
    expected = dense.T @ dense
    np.fill_diagonal(expected, 0)
    assert (count_pairs(matrix).toarray() == expected).all()


@given(baskets_over(ITEMS), st.randoms(use_true_random=False))
def test_the_order_of_baskets_does_not_matter(baskets: list[Basket], random) -> None:
    shuffled = random.sample(baskets, len(baskets))

    first, second = count_pairs(matrix_of(baskets, ITEMS)), count_pairs(matrix_of(shuffled, ITEMS))

    assert (first != second).nnz == 0


def test_stored_values_count_as_ones_and_the_input_is_left_alone() -> None:
    matrix = sparse.csr_matrix([[5.0, 2.0], [0.5, 7.0]])
    before = matrix.copy()

    assert count_pairs(matrix).toarray().tolist() == [[0, 2], [2, 0]]
    assert item_orders(matrix).tolist() == [2, 2]
    assert (matrix != before).nnz == 0


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (2, 4)])
def test_nothing_to_count(shape: tuple[int, int]) -> None:
    empty = sparse.csr_matrix(shape, dtype=np.float32)

    assert count_pairs(empty).nnz == 0
    assert item_orders(empty).tolist() == [0] * shape[1]


def test_int64_offsets_count_the_same() -> None:
    matrix = matrix_of(shop(0, 200, 20), 20)
    wide = sparse.csr_matrix(matrix.shape, dtype=np.float32)
    wide.data, wide.indices, wide.indptr = matrix.data, matrix.indices, matrix.indptr.astype(np.int64)

    assert (count_pairs(wide) != count_pairs(matrix)).nnz == 0


def test_codes_are_the_same_from_both_sides() -> None:
    assert pair_codes(np.array([3, 0]), np.array([1, 2]), 5).tolist() == [2, 8]
    assert pair_codes(np.array([1, 2]), np.array([3, 0]), 5).tolist() == [2, 8]


@settings(max_examples=30)
@given(baskets_over(ITEMS))
def test_items_are_counted_once_a_basket(baskets: list[Basket]) -> None:
    assert item_orders(matrix_of(baskets, ITEMS)).tolist() == [count_of(baskets, (i,)) for i in range(ITEMS)]
