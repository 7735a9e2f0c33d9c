"""Counting the slow and obvious way, and random baskets to count in."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import strategies as st
from scipy import sparse

Basket = frozenset[int]


def matrix_of(baskets: list[Basket], items: int) -> sparse.csr_matrix:
    cells = np.zeros((len(baskets), items), np.float32)
    for row, basket in enumerate(baskets):
        cells[row, sorted(basket)] = 1
    return sparse.csr_matrix(cells)


def baskets_over(items: int, most: int = 30) -> st.SearchStrategy[list[Basket]]:
    return st.lists(st.frozensets(st.integers(0, items - 1), max_size=items), max_size=most)


def count_of(baskets: list[Basket], itemset: tuple[int, ...]) -> int:
    return sum(set(itemset) <= basket for basket in baskets)


def itemsets_of(baskets: list[Basket], items: int, min_count: int, max_len: int | None) -> dict[tuple[int, ...], int]:
    """Every itemset in `min_count` baskets or more, by length, then items."""
    found: dict[tuple[int, ...], int] = {}
    for length in range(1, (max_len or items) + 1):
        for itemset in combinations(range(items), length):
            count = count_of(baskets, itemset)
            if count >= min_count:
                found[itemset] = count
    return found


def shop(seed: int, baskets: int, items: int, size: float = 4.0) -> list[Basket]:
    """Random baskets in which some items are far more popular than others."""
    rng = np.random.default_rng(seed)
    weights = 1 / np.arange(1, items + 1)
    sizes = np.clip(rng.poisson(size, baskets), 1, items)
    return [frozenset(rng.choice(items, n, replace=False, p=weights / weights.sum()).tolist()) for n in sizes]
