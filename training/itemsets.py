"""Frequent itemsets: every set of items that is in `min_count` baskets or more.

Single items and pairs are counted; longer ones are mined with mlxtend's FP-growth, one item's projection at a time, so
that its dense frames and Python trees stay small. A guard estimates the work before anything is mined.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pandas as pd
from mlxtend.frequent_patterns import fpgrowth
from numpy.typing import NDArray
from scipy import sparse

from recommender.errors import UsageError
from training.memory import free_memory
from training.mining_guard import check_found, check_pairs, check_projection, check_work
from training.progress import Step, unwatched
from training.projections import FrequentPairs, Triangles, company, frequent_pairs, triangles

Table = NDArray[np.int32]
_TOLD = 64


@dataclass(frozen=True)
class Itemsets:
    """Itemsets sorted by length, then by their rows.

    Attributes
    ----------
    offsets : int64 (itemsets + 1,), the items of itemset s are ``[offsets[s], offsets[s + 1])``.
    items : int32, item rows, ascending within an itemset.
    counts : int32 (itemsets,), baskets that hold all of its items.
    """

    offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    counts: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """int64 (itemsets,), items of each."""
        return np.diff(self.offsets)

    @property
    def longest(self) -> int:
        """Items of the longest itemset, 0 where there is none."""
        return int(self.lengths.max(initial=0))

    def of_length(self, length: int) -> tuple[Table, NDArray[np.int32]]:
        """The itemsets of one length: int32 (found, length) of item rows, and int32 (found,) of counts."""
        chosen = self.lengths == length
        start, stop = np.searchsorted(self.lengths, (length, length + 1))
        rows = self.items[self.offsets[start] : self.offsets[stop]]
        return rows.reshape(-1, length), self.counts[chosen]


def frequent_itemsets(
    matrix: sparse.csr_matrix,
    min_count: int,
    *,
    max_len: int | None = None,
    memory_share: float = 0.5,
    progress: Step = unwatched,
) -> Itemsets:
    """Every itemset in `min_count` baskets or more.

    Parameters
    ----------
    matrix : (baskets, items) of ones, any numeric dtype; stored values are taken as ones.
    min_count : 1 or more.
    max_len : items of the longest itemset, 1 or more; None for all lengths.
    memory_share : share of free memory that may be taken, above 0, at most 1.
    progress : called with finished and total items.

    Raises
    ------
    UsageError
        For a bound out of range, and where the itemsets are estimated not to fit into that memory.

    >>> found = frequent_itemsets(sparse.csr_matrix([[1, 1, 1], [1, 1, 1], [0, 1, 1]]), 2)
    >>> found.of_length(2)[0].tolist(), found.of_length(3)[1].tolist()
    ([[0, 1], [0, 2], [1, 2]], [2])
    """
    _bounded(min_count, max_len, memory_share)
    allowed = int(free_memory() * memory_share)
    check_pairs(matrix, min_count, allowed)
    frequent = frequent_pairs(matrix, min_count)
    found: dict[int, list[tuple[Table, NDArray[np.int32]]]] = defaultdict(list)
    found[1].append((frequent.rows[:, None], frequent.counts))
    if max_len is None or max_len >= 2:
        found[2].append(_pairs(frequent))
    if max_len is None or max_len >= 3:
        met = triangles(frequent)
        check_work(matrix, frequent, met, max_len, allowed)
        _mine(frequent, met, max_len, allowed, progress, found)
    return _sorted(found)


def _mine(
    frequent: FrequentPairs,
    met: Triangles,
    max_len: int | None,
    allowed: int,
    progress: Step,
    found: dict[int, list[tuple[Table, NDArray[np.int32]]]],
) -> None:
    total = len(frequent.rows)
    number = total + frequent.pairs.nnz
    for rank in range(total):
        if not met.any_from(rank):
            continue
        others = company(frequent, rank)
        left = frequent.held[frequent.baskets_of(rank)][:, others]
        left = left[np.diff(left.indptr) >= 2]
        if left.shape[0] < frequent.min_count:
            continue
        rest = None if max_len is None else max_len - 1
        check_projection(left, frequent.min_count, rest, allowed)
        for ranks, counts in _fpgrowth(left, frequent.min_count, rest):
            full = np.column_stack((np.full(len(ranks), rank), others[ranks]))
            found[full.shape[1]].append((frequent.rows[full], counts))
            number += len(ranks)
        check_found(number, frequent.min_count, allowed)
        if rank % _TOLD == 0:
            progress(rank, total)
    progress(total, total)


def _fpgrowth(left: sparse.csr_matrix, min_count: int, max_len: int | None) -> list[tuple[Table, NDArray[np.int32]]]:
    """Itemsets of two and more in one projection, length by length.

    mlxtend rounds ``min_support * baskets`` up, which loses itemsets exactly on the bound to floating point: hence half
    a basket less.
    """
    frame = pd.DataFrame(left.toarray())
    mined = fpgrowth(frame, min_support=(min_count - 0.5) / len(frame), max_len=max_len)
    sets = mined["itemsets"].tolist()
    lengths = np.fromiter(map(len, sets), np.int64, len(sets))
    counts = np.rint(mined["support"].to_numpy() * len(frame)).astype(np.int32)
    tables = []
    for length in np.unique(lengths[lengths >= 2]).tolist():
        chosen = np.flatnonzero(lengths == length)
        flat = chain.from_iterable(sets[s] for s in chosen.tolist())
        tables.append((np.fromiter(flat, np.int32, len(chosen) * length).reshape(-1, length), counts[chosen]))
    return tables


def _pairs(frequent: FrequentPairs) -> tuple[Table, NDArray[np.int32]]:
    pairs = frequent.pairs.tocoo()
    return frequent.rows[np.column_stack((pairs.row, pairs.col))], pairs.data


def _sorted(found: dict[int, list[tuple[Table, NDArray[np.int32]]]]) -> Itemsets:
    items, counts, lengths = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)], [np.zeros(1, np.int64)]
    for length in sorted(found):
        table = np.sort(np.concatenate([rows for rows, _ in found[length]]), axis=1)
        order = np.lexsort(table.T[::-1])
        items.append(table[order].ravel().astype(np.int32))
        counts.append(np.concatenate([n for _, n in found[length]])[order].astype(np.int32))
        lengths.append(np.full(len(table), length))
    return Itemsets(np.cumsum(np.concatenate(lengths)), np.concatenate(items), np.concatenate(counts))


def _bounded(min_count: int, max_len: int | None, memory_share: float) -> None:
    if min_count < 1:
        raise UsageError(f"minimum count {min_count}: an itemset is in 1 basket or more; give 1 or more (--min-count)")
    if max_len is not None and max_len < 1:
        raise UsageError(f"maximum length {max_len}: an itemset has 1 item or more; give 1 or more (--max-len)")
    if not 0 < memory_share <= 1:
        raise UsageError(f"memory_share {memory_share}: a share is above 0 and at most 1")
