"""The neighbours that a model keeps: the best by any of three similarities, and every claimed pair."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from mining_oracle import Basket, baskets_over, matrix_of

from recommender.model import Pairs
from training.config import CountConfig
from training.counting import BasketLines, PairCounts, count_pairs
from training.counting.counts import MOST_PAIRS
from training.counting.customers import Buyers
from training.neighbours import neighbours
from training.pairs import item_orders
from training.significance import Claims
from training.similarity import asymmetric_cosine, ease, weighted_cosine

ITEMS = 8


def claims_of(pairs: list[tuple[int, int]]) -> Claims:
    rows, columns = (np.array([pair[side] for pair in pairs], np.int32) for side in (0, 1))
    nothing = np.zeros(len(pairs))
    fields = dict.fromkeys(Claims.__dataclass_fields__, nothing) | {"rows": rows, "columns": columns}
    return Claims(**fields)


def kept(
    baskets: list[Basket],
    config: CountConfig,
    claimed: list[tuple[int, int]],
    items: int = ITEMS,
    most: int = MOST_PAIRS,
    of_all_time: list[tuple[int, int]] | None = None,
) -> Pairs:
    lines = BasketLines.of(matrix_of(baskets, items))
    linear = ease(lines, config.ease_items, config.ease_regularization)
    often = claims_of(claimed if of_all_time is None else of_all_time)
    return neighbours(PairCounts(lines, most), linear, claims_of(claimed), often, Buyers(lines, None), config)


def lists(pairs: Pairs) -> list[list[int]]:
    return [pairs.items[a:b].tolist() for a, b in zip(pairs.offsets[:-1], pairs.offsets[1:], strict=True)]


def best(row: np.ndarray, keep: int, least: float) -> set[int]:
    ranked = sorted((-value, place) for place, value in enumerate(row) if value > least)
    return {place for _, place in ranked[:keep]}


@settings(max_examples=80)
@given(baskets_over(ITEMS), st.integers(1, 4), st.integers(1, 3), st.data())
def test_the_union_of_the_best_by_each(baskets: list[Basket], keep: int, keep_ease: int, data: st.DataObject) -> None:
    config = CountConfig(neighbours=keep, ease_neighbours=keep_ease, ease_regularization=1.0)
    matrix = matrix_of(baskets, ITEMS)
    counts, orders = count_pairs(matrix), item_orders(matrix)
    dense = counts.toarray()
    met = [(int(a), int(b)) for a, b in zip(*np.nonzero(np.triu(dense)), strict=True)]
    claimed = data.draw(st.lists(st.sampled_from(met), unique=True)) if met else []

    most = data.draw(st.sampled_from([1, 9, MOST_PAIRS]))
    pairs = kept(baskets, config, claimed, most=most)

    def spread(values: np.ndarray) -> np.ndarray:
        full = np.zeros_like(dense, np.float32)
        full[np.repeat(np.arange(ITEMS), np.diff(counts.indptr)), counts.indices] = values
        return full

    cosines = spread(asymmetric_cosine(counts, orders, config.exponent, config.shrinkage))
    weighted = spread(weighted_cosine(BasketLines.of(matrix))(counts))
    linear = spread(ease(BasketLines.of(matrix), config.ease_items, 1.0)(counts))
    for row, found in enumerate(lists(pairs)):
        both_ways = {b for a, b in claimed if a == row} | {a for a, b in claimed if b == row}
        wanted = best(cosines[row], keep, 0) | best(weighted[row], keep, 0) | best(linear[row], keep_ease, 1e-4)
        assert found == sorted(wanted | both_ways, key=lambda item: (-cosines[row, item], item))
        part = slice(pairs.offsets[row], pairs.offsets[row + 1])
        assert pairs.scores[part].tolist() == cosines[row, found].tolist()
        assert pairs.weighted[part].tolist() == weighted[row, found].tolist()
        assert pairs.ease[part].tolist() == linear[row, found].tolist()
        assert pairs.counts[part].tolist() == dense[row, found].tolist()
        assert pairs.claimed[part].tolist() == [int(item in both_ways) for item in found]


def test_a_claimed_pair_is_kept_however_weak_it_is() -> None:
    """0 met nine others more often than 9, and one neighbour is kept by each similarity."""
    baskets = [frozenset({0, j}) for j in range(1, 9) for _ in range(5)] + [frozenset({0, 9, 1, 2, 3, 4, 5, 6, 7, 8})]
    config = CountConfig(neighbours=1, ease_neighbours=1)
    assert 9 not in lists(kept(baskets, config, [], 10))[0]
    pairs = kept(baskets, config, [(0, 9)], 10)
    assert 9 in lists(pairs)[0]
    assert 0 in lists(pairs)[9]
    assert int(pairs.claimed.sum()) == 2


def test_nothing_that_met() -> None:
    pairs = kept([frozenset({0}), frozenset({1})], CountConfig(), [])
    assert pairs.offsets.tolist() == [0] * (ITEMS + 1)
    assert pairs.items.dtype == np.int32


def test_what_stands_out_of_all_time_alone_is_kept_and_not_claimed() -> None:
    baskets = [frozenset({0, 1})] * 9 + [frozenset({0, 2})] * 3 + [frozenset({0, 3})]
    config = CountConfig(neighbours=1, ease_items=0)

    pairs = kept(baskets, config, [(0, 1)], items=4, of_all_time=[(0, 1), (0, 2)])

    assert dict(zip(pairs.items[: pairs.offsets[1]].tolist(), pairs.claimed.tolist(), strict=False)) == {1: 1, 2: 0}
