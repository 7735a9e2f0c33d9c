"""Frequent itemsets: every set of items that is in `min_count` baskets or more.

Pairs are counted first; longer itemsets are grown from them, depth first, by one compiled kernel on all cores. Before
anything is counted, a guard estimates the memory that it takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.errors import UsageError
from training.frequent_pairs import FrequentPairs, followers, frequent_items, frequent_pairs
from training.in_parts import in_parts
from training.itemset_tables import Table, by_length, in_order, joined
from training.memory import free_memory
from training.mining.kernel import grow
from training.mining_guard import check_pairs, check_rooms, check_work, itemsets_within, ran_out, too_many
from training.progress import Step, unwatched

_A_FEW = 300_000
_A_WHILE = 20_000_000
_FOR_EVER = 1 << 62
_SHARE_OF_PAIRS = 0.4
_STEPS = 1000


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
    progress : called with finished and total steps.

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
    try:
        return _mined(matrix, min_count, max_len, allowed, progress)
    except MemoryError:
        raise ran_out(min_count) from None


def _mined(matrix: sparse.csr_matrix, min_count: int, max_len: int | None, allowed: int, progress: Step) -> Itemsets:
    if max_len == 1:
        return _only_items(matrix, min_count)
    check_pairs(matrix, min_count, allowed)
    pairs_alone = max_len == 2
    frequent = frequent_pairs(matrix, min_count, _part_of(progress, 0, 1 if pairs_alone else _SHARE_OF_PAIRS))
    rest = _part_of(progress, _SHARE_OF_PAIRS, 1)
    grown = joined([]) if pairs_alone else _longer(matrix, frequent, max_len, allowed, rest)
    progress(_STEPS, _STEPS)
    return _tables(frequent, grown, matrix.shape[1])


def _only_items(matrix: sparse.csr_matrix, min_count: int) -> Itemsets:
    rows, counts = frequent_items(matrix, min_count)
    order = np.argsort(rows)
    return Itemsets(np.arange(len(rows) + 1, dtype=np.int64), rows[order], counts[order])


def _longer(
    matrix: sparse.csr_matrix, frequent: FrequentPairs, max_len: int | None, allowed: int, progress: Step
) -> Table:
    """Itemsets of three items and more: a few are grown at once; where there are more, they are estimated first."""
    longest = min(max_len or frequent.longest_basket, frequent.longest_basket)
    if longest < 3:
        return joined([])
    check_rooms(frequent, allowed)
    found = _grown(frequent, longest, min(_A_FEW, itemsets_within(allowed)), _A_WHILE, progress)
    if found is None:
        check_work(matrix, frequent, max_len, allowed)
        found = _grown(frequent, longest, itemsets_within(allowed), _FOR_EVER, progress)
    if found is None:
        raise too_many(itemsets_within(allowed), frequent.min_count, allowed)
    return found


def _grown(frequent: FrequentPairs, longest: int, most: int, patience: int, progress: Step) -> Table | None:
    """Itemsets as `training.mining.kernel.grow` gives them, None where there are more than `most` or it takes long."""

    def loop(first: int, last: int) -> tuple[Table, bool]:
        return grow(frequent.lines, frequent.lists, first, last, frequent.min_count, longest, most, patience)

    parts, number = [], 0
    for (part, whole), done in in_parts(followers(frequent.lines) + frequent.lines_with_pairs, loop):
        parts.append(part)
        number += part.shape[1]
        if number > most or not whole:
            return None
        progress(int(done * _STEPS), _STEPS)
    return joined(parts)


def _tables(frequent: FrequentPairs, grown: Table, items: int) -> Itemsets:
    """All itemsets, their ranks turned back into item rows, in order."""
    pairs = np.column_stack((frequent.lower, frequent.lists.others))
    rows, counts, lengths = [], [], [np.zeros(1, np.int64)]
    for ranks, numbers in chain(
        [(np.arange(len(frequent.rows))[:, None], frequent.counts), (pairs, frequent.lists.counts)],
        by_length(pairs, grown),
    ):
        table, order = in_order(frequent.rows[ranks], items)
        rows.append(table.ravel())
        counts.append(numbers[order])
        lengths.append(np.full(len(table), table.shape[1]))
    return Itemsets(np.cumsum(np.concatenate(lengths)), np.concatenate(rows), np.concatenate(counts))


def _bounded(min_count: int, max_len: int | None, memory_share: float) -> None:
    if min_count < 1:
        raise UsageError(f"minimum count {min_count}: an itemset is in 1 basket or more; give 1 or more (--min-count)")
    if max_len is not None and max_len < 1:
        raise UsageError(f"maximum length {max_len}: an itemset has 1 item or more; give 1 or more (--max-len)")
    if not 0 < memory_share <= 1:
        raise UsageError(f"memory_share {memory_share}: a share is above 0 and at most 1")


def _part_of(progress: Step, start: float, stop: float) -> Step:
    """The step of a stage that is the part from `start` to `stop` of the whole."""

    def step(done: int, total: int) -> None:
        progress(round(_STEPS * (start + (stop - start) * done / max(total, 1))), _STEPS)

    return step
