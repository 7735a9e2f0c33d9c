"""Pair counts.

All pairs are counted at once: with baskets as rows of ones, ``X^T X`` holds the number of baskets of every pair.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


def count_pairs(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Baskets that held both items, for every pair that met.

    Parameters
    ----------
    matrix : (baskets, items) of ones, any numeric dtype; stored values are taken as ones.

    Returns
    -------
    int32 (items, items), symmetric, columns ascending, no diagonal (`item_orders` has it) and no stored zeros.

    >>> x = sparse.csr_matrix([[1, 1, 0], [1, 1, 1]])
    >>> count_pairs(x).toarray().tolist()
    [[0, 2, 1], [2, 0, 1], [1, 1, 0]]
    """
    by_basket = sparse.csr_matrix((np.ones(matrix.nnz, np.int32), matrix.indices, matrix.indptr), matrix.shape)
    met = by_basket.T.tocsr() @ by_basket
    by_column = met.tocsc()
    del met
    symmetric = sparse.csr_matrix((by_column.data, by_column.indices, by_column.indptr), by_column.shape)
    return _without_diagonal(symmetric)


def item_orders(matrix: sparse.csr_matrix) -> NDArray[np.int32]:
    """int32 (items,): baskets that held each item."""
    return np.bincount(matrix.indices, minlength=matrix.shape[1]).astype(np.int32)


def pair_codes(rows: NDArray[np.integer], columns: NDArray[np.integer], items: int) -> NDArray[np.int64]:
    """int64, one number a pair: ``row * items + column`` with the lower row first, ascending.

    >>> pair_codes([2, 0], [1, 2], items=3).tolist()
    [2, 5]
    """
    low, high = np.minimum(rows, columns).astype(np.int64), np.maximum(rows, columns).astype(np.int64)
    return np.sort(low * items + high)


def _without_diagonal(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    rows = np.repeat(np.arange(counts.shape[0], dtype=counts.indices.dtype), np.diff(counts.indptr))
    others = counts.indices != rows
    lengths = np.diff(counts.indptr) - np.bincount(rows[~others], minlength=counts.shape[0])
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    return sparse.csr_matrix((counts.data[others], counts.indices[others], offsets), shape=counts.shape)
