"""The frequent items and pairs of a basket matrix, laid out for growing longer itemsets from them.

Itemsets are looked for item by item, the rarest first: those whose rarest item is i lie in the baskets with i, among
the more frequent items that meet i often enough.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from training.in_parts import in_parts
from training.mining.kernel import Lines, PairLists, arrange, count_pairs
from training.progress import Step, unwatched

GIANT = 10_000
MOST_GIANTS = 64
_BLOCK_PRODUCTS = 8_000_000


@dataclass(frozen=True)
class FrequentPairs:
    """The items and pairs that are in `min_count` baskets or more, items ranked by count, then row, rarest first.

    Attributes
    ----------
    min_count : the bound.
    rows : int32 (ranks,), column of the original matrix.
    counts : int32 (ranks,), baskets with the item.
    lines : the baskets without their rarer items.
    lists : the frequent pairs.
    """

    min_count: int
    rows: NDArray[np.int32]
    counts: NDArray[np.int32]
    lines: Lines
    lists: PairLists

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.lists.others)

    @property
    def longest_basket(self) -> int:
        """Items of the largest basket."""
        largest = int(self.lines.giants.sum(axis=1, dtype=np.int64).max(initial=0))
        return max(largest, int((self.lines.table[2] - self.lines.table[1]).max(initial=0)))

    @property
    def lines_with_pairs(self) -> NDArray[np.int64]:
        """int64 (ranks,): lines of more frequent items that an item's baskets have, of those that it meets often."""
        total = np.zeros(len(self) + 1, np.int64)
        np.cumsum(self.lists.counts, out=total[1:])
        return np.diff(total[self.lists.starts])

    @property
    def pairs(self) -> sparse.csr_matrix:
        """int32 csr (ranks, ranks), baskets with both, upper triangle, columns ascending."""
        return sparse.csr_matrix((self.lists.counts, self.lists.others, self.lists.starts), shape=(len(self.rows),) * 2)

    @property
    def lower(self) -> NDArray[np.int32]:
        """int32 (pairs,), the lower rank of each."""
        return np.repeat(np.arange(len(self.rows), dtype=np.int32), np.diff(self.lists.starts))


@dataclass(frozen=True)
class Triangles:
    """The items that could be frequent itemsets of three: all of their three pairs are frequent.

    Attributes
    ----------
    middles : int32 csr (ranks, ranks), upper triangle: for the lowest and the highest rank of a triangle, how many
        ranks between them close one, above 0.
    total : triangles, the most itemsets of three that there can be.
    """

    middles: sparse.csr_matrix
    total: int


def frequent_items(matrix: sparse.csr_matrix, min_count: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Columns in `min_count` baskets or more and their counts, both int32, rarest first, ties by column."""
    counts = np.bincount(matrix.indices, minlength=matrix.shape[1]).astype(np.int32)
    rows = np.flatnonzero(counts >= min_count).astype(np.int32)
    rows = rows[np.argsort(counts[rows], kind="stable")]
    return rows, counts[rows]


def most_pairs(matrix: sparse.csr_matrix, min_count: int) -> int:
    """An upper bound of the frequent pairs, from the baskets' sizes alone.

    Of the c baskets or more with a pair, c - t or more are not among the t largest, so there are at most
    ``sum s (s - 1) / 2 (c - t)`` pairs, the sum over all but the t largest baskets: the least over a few t.
    """
    rows, _ = frequent_items(matrix, min_count)
    sizes = np.sort(_sizes(matrix, rows))[::-1]
    meetings = sizes * (sizes - 1) // 2
    bounds = [int(meetings[t:].sum()) // (min_count - t) for t in {0, min_count // 2, min_count - 1}]
    return min(*bounds, len(rows) * (len(rows) - 1) // 2)


def frequent_pairs(matrix: sparse.csr_matrix, min_count: int, progress: Step = unwatched) -> FrequentPairs:
    """Count the pairs of the frequent items, item by item, on all cores: memory is that of the lines and the pairs.

    Parameters
    ----------
    matrix : (baskets, items) of ones.
    min_count : 1 or more.
    progress : called with finished and total items.
    """
    rows, counts = frequent_items(matrix, min_count)
    lines = _lines(matrix, rows)
    ranks, total = len(rows), matrix.shape[1]
    parts = [np.zeros((3, 0), np.int32)]
    for part, done in in_parts(followers(lines), lambda first, last: count_pairs(lines, first, last, min_count)):
        parts.append(part)
        progress(int(done * total), total)
    first, other, together = np.concatenate(parts, axis=1)
    starts = np.zeros(ranks + 1, np.int64)
    np.cumsum(np.bincount(first, minlength=ranks), out=starts[1:])
    pairs = sparse.csr_matrix((together, other, starts), shape=(ranks, ranks))
    pairs.sort_indices()
    return FrequentPairs(min_count, rows, counts, lines, PairLists(starts, pairs.indices, pairs.data))


def followers(lines: Lines) -> NDArray[np.int64]:
    """int64 (ranks,): lines that follow an item's places in its baskets."""
    total = np.zeros(lines.table.shape[1] + 1, np.int64)
    np.cumsum(lines.table[2] - lines.table[1] - 1, out=total[1:])
    return total[lines.starts[1:]] - total[lines.starts[:-1]]


def ranked_baskets(matrix: sparse.csr_matrix, rows: NDArray[np.int32]) -> sparse.csr_matrix:
    """bool csr (baskets, ranks): the baskets over some of their items, given by their `rows`."""
    return sparse.csr_matrix(matrix[:, rows], dtype=np.bool_)


def triangles(frequent: FrequentPairs) -> Triangles:
    """All triangles of frequent pairs; ranks rise by popularity, so the hubs come last and cost little."""
    upper = frequent.pairs.astype(np.bool_).astype(np.int32)
    parts = []
    for start, stop in _blocks(upper, np.diff(upper.indptr)):
        block = (upper[start:stop] @ upper).multiply(upper[start:stop]).tocsr()
        block.eliminate_zeros()
        parts.append(block)
    if not parts:
        return Triangles(upper, 0)
    middles = sparse.vstack(parts, format="csr")
    middles.sort_indices()
    return Triangles(middles, int(middles.data.sum(dtype=np.int64)))


def _sizes(matrix: sparse.csr_matrix, rows: NDArray[np.int32]) -> NDArray[np.int64]:
    """int64 (baskets,): items of each among `rows`."""
    chosen = np.zeros(matrix.shape[1], np.bool_)
    chosen[rows] = True
    total = np.zeros(len(matrix.indices) + 1, np.int64)
    np.cumsum(chosen[matrix.indices], out=total[1:])
    return np.diff(total[matrix.indptr])


def _lines(matrix: sparse.csr_matrix, rows: NDArray[np.int32]) -> Lines:
    """The largest baskets apart: a walk through one for each of its items would take the square of its size."""
    rank = np.full(matrix.shape[1], -1, np.int32)
    rank[rows] = np.arange(len(rows), dtype=np.int32)
    sizes = _sizes(matrix, rows)
    large = np.flatnonzero(sizes > GIANT)
    giants = large[np.argsort(sizes[large], kind="stable")][-MOST_GIANTS:]
    held = np.zeros((len(giants), len(rows)), np.uint8)
    ordinary = np.ones(matrix.shape[0], np.bool_)
    for number, basket in enumerate(giants.tolist()):
        ranks = rank[matrix.indices[matrix.indptr[basket] : matrix.indptr[basket + 1]]]
        held[number, ranks[ranks >= 0]] = 1
        ordinary[basket] = False
    counts = np.bincount(matrix.indices, minlength=matrix.shape[1])[rows] - held.sum(axis=0, dtype=np.int64)
    starts = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    table = np.empty((3, int(starts[-1])), np.int32)
    arrange(matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), rank, ordinary, starts, table)
    return Lines(starts, table, held)


def _blocks(left: sparse.csr_matrix, right_lengths: NDArray[np.integer]) -> list[tuple[int, int]]:
    """Ranges of rows of `left` whose products with the right side are about as many as a block holds."""
    products = np.concatenate(([0], np.cumsum(right_lengths[left.indices], dtype=np.int64)))[left.indptr]
    marks = np.arange(_BLOCK_PRODUCTS, products[-1], _BLOCK_PRODUCTS)
    bounds = np.unique(np.concatenate(([0], np.searchsorted(products, marks), [left.shape[0]])))
    return list(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True))
