"""The neighbours of every item that are kept: the best of each similarity, side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.model import Pairs
from training.config import CountConfig
from training.significance import Claims
from training.similarity import asymmetric_cosine, best_of_rows, ease, weighted_cosine

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
    rows = np.repeat(np.arange(counts.shape[0], dtype=np.int64), np.diff(counts.indptr))
    codes = rows * counts.shape[0] + counts.indices
    both_ways = np.concatenate(
        [
            claims.rows.astype(np.int64) * counts.shape[0] + claims.columns,
            claims.columns.astype(np.int64) * counts.shape[0] + claims.rows,
        ]
    )
    claimed = np.zeros(counts.nnz, np.bool_)
    claimed[np.searchsorted(codes, both_ways)] = True
    kept |= claimed
    chosen = np.flatnonzero(kept)
    order = np.lexsort((-cosines[chosen], rows[chosen]))
    chosen = chosen[order]
    offsets = np.zeros(counts.shape[0] + 1, np.int64)
    np.cumsum(np.bincount(rows[chosen], minlength=counts.shape[0]), out=offsets[1:])
    return Pairs(
        offsets=offsets,
        items=counts.indices[chosen].astype(np.int32),
        counts=counts.data[chosen].astype(np.int32),
        scores=cosines[chosen],
        weighted=weighted[chosen],
        ease=linear[chosen],
        claimed=claimed[chosen].astype(np.uint8),
    )
