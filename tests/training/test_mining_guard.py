"""The guard: what it estimates, what it refuses, and whether its advice is good."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mining_oracle import Basket, baskets_over, itemsets_of, matrix_of, shop
from scipy import sparse

from recommender.errors import UsageError
from training.frequent_pairs import frequent_pairs, most_pairs, triangles
from training.itemsets import frequent_itemsets
from training.memory import free_memory
from training.mining_guard import (
    check_pairs,
    check_rooms,
    check_rules,
    check_work,
    estimate,
    itemsets_within,
    most_from_triangles,
    too_many,
    triangles_in_reach,
)

GIB = 1 << 30


def clique(baskets: int, items: int) -> list[Basket]:
    return [frozenset(range(items))] * baskets


def estimated(matrix: sparse.csr_matrix, min_count: int, max_len: int | None = None) -> np.ndarray:
    frequent = frequent_pairs(matrix, min_count)
    return estimate(matrix, frequent, triangles(frequent), max_len).itemsets


def test_a_clique_is_estimated_exactly() -> None:
    itemsets = estimated(matrix_of(clique(5, 12), 12), 5)

    assert itemsets[:12] == pytest.approx([12, 66, 220, 495, 792, 924, 792, 495, 220, 66, 12, 1])


@pytest.mark.parametrize(("min_count", "length"), [(6, 40), (12, 40), (4, 20)])
def test_the_estimate_is_near_the_truth(min_count: int, length: int) -> None:
    matrix = matrix_of(shop(2, 1500, length, size=6), length)
    found = frequent_itemsets(matrix, min_count)

    assert estimated(matrix, min_count).sum() == pytest.approx(len(found), rel=0.5)


def test_without_its_triangles_the_estimate_is_near_the_truth_too() -> None:
    matrix = matrix_of(shop(2, 1500, 40, size=6), 40)

    work = estimate(matrix, frequent_pairs(matrix, 6), None, None)

    assert work.itemsets.sum() == pytest.approx(len(frequent_itemsets(matrix, 6)), rel=0.5)


def test_pairs_of_everything_with_everything_are_refused_without_listing_their_triangles() -> None:
    rng = np.random.default_rng(0)
    matrix = sparse.csr_matrix((rng.random((3000, 1500)) < 0.05).astype(np.float32))
    started = time.process_time()

    assert triangles_in_reach(frequent_pairs(matrix, 1)) is None
    with pytest.raises(UsageError, match=r"or more \(an estimate\) need"):
        check_work(matrix, frequent_pairs(matrix, 1), None, GIB)

    assert time.process_time() - started < 60


def test_where_nothing_is_frequent_at_the_next_count_that_count_is_the_advice() -> None:
    matrix = matrix_of(clique(30, 45), 45)

    with pytest.raises(UsageError, match=r"\(an estimate\) need .* a minimum count of 31 \(--min-count\)"):
        check_work(matrix, frequent_pairs(matrix, 30), None, GIB)


def test_the_estimate_is_the_same_every_time() -> None:
    matrix = matrix_of(shop(2, 800, 30, size=6), 30)

    assert estimated(matrix, 5).tolist() == estimated(matrix, 5).tolist()


def test_forty_items_that_always_meet_are_refused_at_once() -> None:
    baskets = shop(0, 2000, 60) + clique(100, 40)
    started = time.monotonic()

    with pytest.raises(UsageError, match=r"itemsets in 100 baskets or more: .* may be taken; a minimum count of 101"):
        frequent_itemsets(matrix_of(baskets, 60), 100)

    assert time.monotonic() - started < 60


def test_the_advice_is_good() -> None:
    matrix = matrix_of(shop(0, 300, 30) + clique(12, 22), 30)
    frequent = frequent_pairs(matrix, 10)
    allowed = 20_000_000

    with pytest.raises(UsageError) as refusal:
        check_work(matrix, frequent, None, allowed)

    count = int(re.search(r"a minimum count of ([\d,]+)", str(refusal.value))[1].replace(",", ""))
    length = int(re.search(r"itemsets of at most (\d+) items", str(refusal.value))[1])
    for least, longest in ((count, None), (10, length)):
        check_work(matrix, frequent_pairs(matrix, least), longest, allowed)
    with pytest.raises(UsageError):
        check_work(matrix, frequent_pairs(matrix, count - 1), None, allowed)


def test_pairs_alone_can_be_too_many() -> None:
    one_order = sparse.csr_matrix(np.ones((1, 100_000), np.float32))

    with pytest.raises(UsageError, match=r"4,999,950,000 pairs need 372\.5 GiB.*minimum count of 2"):
        check_pairs(one_order, 1, GIB)


def test_one_giant_basket_is_no_reason_to_refuse() -> None:
    matrix = matrix_of([*shop(0, 300, 200), frozenset(range(200))], 200)

    found = frequent_itemsets(matrix, 3, max_len=3)

    assert found.longest == 3


def test_pairs_and_copied_baskets_that_would_not_fit_are_refused() -> None:
    frequent = frequent_pairs(matrix_of(clique(50, 30), 30), 50)

    check_rooms(frequent, GIB)
    with pytest.raises(UsageError, match=r"435 pairs need .* itemsets of at most 2 items \(--max-len\) would do"):
        check_rooms(frequent, 100_000)


def test_more_itemsets_than_memory_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last line against an estimate that was too low."""
    monkeypatch.setattr("training.itemsets.check_work", lambda *_: None)
    monkeypatch.setattr("training.itemsets.free_memory", lambda: 200_000)

    with pytest.raises(UsageError, match=r"5 baskets or more: [\d,]+ so far need .* raise the minimum count or limit"):
        frequent_itemsets(matrix_of(clique(5, 16), 16), 5, memory_share=1.0)
    assert str(too_many(itemsets_within(GIB), 5, GIB)).startswith("itemsets in 5 baskets or more: 6,7")


def test_more_rules_than_memory_are_refused() -> None:
    check_rules(1000, 3, 0.5)
    with pytest.raises(UsageError, match=r"--max-len"):
        check_rules(10**15, 20, 0.5)


@settings(max_examples=60)
@given(baskets_over(7, most=12), st.integers(1, 4))
def test_upper_bounds_are_bounds(baskets: list[Basket], min_count: int) -> None:
    found = itemsets_of(baskets, 7, min_count, None)
    matrix = matrix_of(baskets, 7)
    met = triangles(frequent_pairs(matrix, min_count))

    assert sum(len(key) == 2 for key in found) <= most_pairs(matrix, min_count)
    assert sum(len(key) == 3 for key in found) <= met.total
    assert sum(len(key) >= 3 for key in found) <= most_from_triangles(met.total, None)


@settings(max_examples=60)
@given(baskets_over(7, most=12), st.integers(1, 4))
def test_projections_hold_the_frequent_pairs(baskets: list[Basket], min_count: int) -> None:
    frequent = frequent_pairs(matrix_of(baskets, 7), min_count)

    pairs = frequent.pairs.tocoo()
    found = {
        tuple(sorted((int(frequent.rows[i]), int(frequent.rows[j])))): int(n)
        for i, j, n in zip(pairs.row, pairs.col, pairs.data, strict=True)
    }
    assert found == {key: n for key, n in itemsets_of(baskets, 7, min_count, 2).items() if len(key) == 2}
    assert (np.diff(frequent.counts) >= 0).all()


def test_free_memory_is_a_number_of_bytes() -> None:
    assert 10_000_000 < free_memory() < 1 << 50
