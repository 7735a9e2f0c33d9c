"""The neighbours of every item that are kept: the best of each similarity, side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.model import Pairs
from training.config import CountConfig
from training.significance import Claims
from training.similarity import asymmetric_cosine, best_first, best_of_rows, ease, weighted_cosine

_LEAST_EASE = 1e-4


def neighbours(
    matrix: sparse.csr_matrix,
    counts: sparse.csr_matrix,
    item_orders: NDArray[np.int32],
    claims: Claims,
    config: CountConfig,
) -> Pairs:
    """The best neighbours of each item by asymmetric cosine, weighted cosine and EASE, and every claimed pair.

    They are sorted by asymmetric cosine, equal ones by row.

    Parameters
    ----------
    matrix : (baskets, items) of ones.  counts : int32 (items, items) of the same, from `count_pairs`.
    """
    cosines = asymmetric_cosine(counts, item_orders, config.exponent, config.shrinkage)
    weighted = weighted_cosine(matrix, counts, item_orders)
    linear = ease(matrix, counts, item_orders, config.ease_items, config.ease_regularization)
    kept = best_of_rows(counts.indptr, cosines, config.neighbours, 0.0)
    kept |= best_of_rows(counts.indptr, weighted, config.neighbours, 0.0)
    kept |= best_of_rows(counts.indptr, linear, config.ease_neighbours, _LEAST_EASE)
    claimed = np.zeros(counts.nnz, np.bool_)
    for rows, columns in ((claims.rows, claims.columns), (claims.columns, claims.rows)):
        claimed[_places(counts, rows, columns)] = True
    kept |= claimed
    offsets, chosen = best_first(counts.indptr, cosines, kept)
    return Pairs(
        offsets=offsets,
        items=counts.indices[chosen].astype(np.int32),
        counts=counts.data[chosen].astype(np.int32),
        scores=cosines[chosen],
        weighted=weighted[chosen],
        ease=linear[chosen],
        claimed=claimed[chosen].astype(np.uint8),
    )


def _places(counts: sparse.csr_matrix, rows: NDArray[np.integer], columns: NDArray[np.integer]) -> NDArray[np.int64]:
    """Where the given pairs, all of which met, are stored; columns ascend within a row."""
    low, high = counts.indptr[rows].astype(np.int64), counts.indptr[rows + 1].astype(np.int64)
    while (low < high).any():
        middle = (low + high) // 2
        below = (low < high) & (counts.indices[np.minimum(middle, counts.nnz - 1)] < columns)
        low, high = np.where(below, middle + 1, low), np.where(below, high, np.minimum(high, middle))
    return low
