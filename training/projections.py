"""The frequent items and pairs of a basket matrix, and what is left of the baskets around one item.

Itemsets are looked for item by item, the rarest first: those whose rarest item is i lie in the baskets with i, among
the more frequent items that meet i often enough. Each such projection is small, however many baskets there are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_BLOCK_PRODUCTS = 8_000_000


@dataclass(frozen=True)
class FrequentPairs:
    """The items and pairs that are in `min_count` baskets or more, items ranked by count, then row, rarest first.

    Attributes
    ----------
    min_count : the bound.
    rows : int32 (ranks,), column of the original matrix.
    counts : int32 (ranks,), baskets with the item.
    held : bool csr (baskets, ranks), the baskets without their rarer items.
    by_item : bool csr (ranks, baskets), its transpose.
    pairs : int32 csr (ranks, ranks), baskets with both, upper triangle, columns ascending.
    """

    min_count: int
    rows: NDArray[np.int32]
    counts: NDArray[np.int32]
    held: sparse.csr_matrix
    by_item: sparse.csr_matrix
    pairs: sparse.csr_matrix

    def baskets_of(self, rank: int) -> NDArray[np.int32]:
        """Rows of `held` with the item, ascending."""
        return self.by_item.indices[self.by_item.indptr[rank] : self.by_item.indptr[rank + 1]]


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

    def any_from(self, rank: int) -> bool:
        """True where a triangle has this rank as its lowest."""
        return bool(self.middles.indptr[rank] < self.middles.indptr[rank + 1])


def frequent_items(matrix: sparse.csr_matrix, min_count: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Columns in `min_count` baskets or more and their counts, both int32, rarest first, ties by column."""
    counts = np.bincount(matrix.indices, minlength=matrix.shape[1]).astype(np.int32)
    rows = np.flatnonzero(counts >= min_count).astype(np.int32)
    rows = rows[np.argsort(counts[rows], kind="stable")]
    return rows, counts[rows]


def most_pairs(matrix: sparse.csr_matrix, min_count: int) -> int:
    """An upper bound of the frequent pairs, from the baskets' sizes alone."""
    rows, _ = frequent_items(matrix, min_count)
    frequent = np.zeros(matrix.shape[1], np.int64)
    frequent[rows] = 1
    sizes = np.diff(np.concatenate(([0], np.cumsum(frequent[matrix.indices])))[matrix.indptr])
    meetings = int((sizes * (sizes - 1) // 2).sum())
    return min(meetings // min_count, len(rows) * (len(rows) - 1) // 2)


def frequent_pairs(matrix: sparse.csr_matrix, min_count: int) -> FrequentPairs:
    """Count the pairs of the frequent items, block by block: memory is that of the frequent pairs and one block.

    Parameters
    ----------
    matrix : (baskets, items) of ones.
    min_count : 1 or more.
    """
    rows, counts = frequent_items(matrix, min_count)
    rank = np.full(matrix.shape[1], -1, np.int32)
    rank[rows] = np.arange(len(rows), dtype=np.int32)
    ranks = rank[matrix.indices]
    kept = ranks >= 0
    offsets = np.concatenate(([0], np.cumsum(kept)))[matrix.indptr]
    ones = sparse.csr_matrix((np.ones(offsets[-1], np.int32), ranks[kept], offsets), (matrix.shape[0], len(rows)))
    ones.sort_indices()
    by_item = ones.T.tocsr()
    held = sparse.csr_matrix((ones.data.astype(np.bool_), ones.indices, ones.indptr), ones.shape)
    pairs = _met(by_item, ones, min_count)
    return FrequentPairs(min_count, rows, counts, held, by_item.astype(np.bool_), pairs)


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


def company(frequent: FrequentPairs, rank: int) -> NDArray[np.int32]:
    """Higher ranks that share a triangle with this one, ascending."""
    pairs = frequent.pairs
    others = pairs.indices[pairs.indptr[rank] : pairs.indptr[rank + 1]]
    among = pairs[others][:, others]
    met = np.diff(among.indptr) > 0
    met[among.indices] = True
    return others[met]


def _met(by_item: sparse.csr_matrix, ones: sparse.csr_matrix, min_count: int) -> sparse.csr_matrix:
    ranks = by_item.shape[0]
    data, columns, lengths = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)], [np.zeros(1, np.int64)]
    for start, stop in _blocks(by_item, np.diff(ones.indptr)):
        block = (by_item[start:stop] @ ones).tocsr()
        rows = np.repeat(np.arange(start, stop), np.diff(block.indptr))
        kept = (block.data >= min_count) & (block.indices > rows)
        data.append(block.data[kept])
        columns.append(block.indices[kept].astype(np.int32))
        lengths.append(np.bincount(rows[kept] - start, minlength=stop - start))
    offsets = np.cumsum(np.concatenate(lengths))
    pairs = sparse.csr_matrix((np.concatenate(data), np.concatenate(columns), offsets), shape=(ranks, ranks))
    pairs.sort_indices()
    return pairs


def _blocks(left: sparse.csr_matrix, right_lengths: NDArray[np.integer]) -> list[tuple[int, int]]:
    """Ranges of rows of `left` whose products with the right side are about as many as a block holds."""
    products = np.concatenate(([0], np.cumsum(right_lengths[left.indices], dtype=np.int64)))[left.indptr]
    marks = np.arange(_BLOCK_PRODUCTS, products[-1], _BLOCK_PRODUCTS)
    bounds = np.unique(np.concatenate(([0], np.searchsorted(products, marks), [left.shape[0]])))
    return list(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True))
