"""Which baskets hold all items of an itemset, for many itemsets at once: their customers and their other lines."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_CHUNK_LINES = 4_000_000


def by_item(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """int32 (items, baskets) of ones from (baskets, items): which baskets held an item."""
    ones = np.ones(matrix.nnz, np.int32)
    return sparse.csr_matrix((ones, matrix.indices, matrix.indptr), matrix.shape).T.tocsr()


def common_baskets(held: sparse.csr_matrix, itemsets: NDArray[np.int32]) -> Iterator[sparse.csr_matrix]:
    """int32 (part, baskets) of ones, part after part of the itemsets: the baskets with all items of each.

    Parameters
    ----------
    held : int32 (items, baskets) of ones.
    itemsets : int32 (itemsets, length), item rows.
    """
    for start, stop in _parts(np.diff(held.indptr)[itemsets].sum(axis=1)):
        together = held[itemsets[start:stop, 0]]
        for place in range(1, itemsets.shape[1]):
            together = together.multiply(held[itemsets[start:stop, place]]).tocsr()
        yield together


def different_customers(
    held: sparse.csr_matrix, itemsets: NDArray[np.int32], order_customers: NDArray[np.int32]
) -> NDArray[np.int64]:
    """int64 (itemsets,): customers that bought all items of each in one basket.

    Parameters
    ----------
    held : int32 (items, baskets) of ones.
    itemsets : int32 (itemsets, length), item rows.
    order_customers : int32 (baskets,), -1 unknown; a basket without a customer counts as a customer of its own.

    >>> held = sparse.csr_matrix([[1, 1, 1], [1, 1, 1]], dtype=np.int32)
    >>> different_customers(held, np.array([[0, 1]], np.int32), np.array([4, 4, -1], np.int32)).tolist()
    [2]
    """
    unknown = order_customers < 0
    first_unknown = int(order_customers.max(initial=-1)) + 1
    customers = np.where(unknown, first_unknown + np.cumsum(unknown) - 1, order_customers).astype(np.int32)
    baskets = len(customers)
    shape = (baskets, int(customers.max(initial=-1)) + 1)
    bought_by = sparse.csr_matrix((np.ones(baskets, np.int32), customers, np.arange(baskets + 1)), shape)
    counts = [np.diff((part @ bought_by).tocsr().indptr) for part in common_baskets(held, itemsets)]
    return np.concatenate([np.zeros(0, np.int64), *counts])


def free_lines(held: sparse.csr_matrix, itemsets: NDArray[np.int32], sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    """float64 (itemsets,): lines that the baskets with all items of an itemset have besides it.

    Parameters
    ----------
    held : int32 (items, baskets) of ones.
    itemsets : int32 (itemsets, length), item rows; itemsets of no items have all lines.
    sizes : int64 (baskets,), different items in each basket.

    >>> held = sparse.csr_matrix([[1, 1, 0], [1, 1, 1], [1, 0, 1]], dtype=np.int32)
    >>> free_lines(held, np.array([[0, 1]], np.int32), np.array([3, 2, 2])).tolist()
    [1.0]
    """
    length = itemsets.shape[1]
    if length == 0:
        return np.full(len(itemsets), float(sizes.sum()))
    different, numbers = np.unique(itemsets, axis=0, return_inverse=True)
    free = (sizes - length).astype(np.float64)
    lines = np.concatenate([np.zeros(0), *(part @ free for part in common_baskets(held, different))])
    return lines[numbers.ravel()]


def _parts(lines: NDArray[np.integer]) -> list[tuple[int, int]]:
    """Ranges of itemsets with about as many lines as a part holds."""
    total = np.cumsum(lines, dtype=np.int64)
    marks = np.arange(_CHUNK_LINES, total[-1] if len(total) else 0, _CHUNK_LINES)
    bounds = np.unique(np.concatenate(([0], np.searchsorted(total, marks), [len(total)])))
    return list(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True))
