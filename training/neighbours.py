"""The neighbours of every item that are kept: the best of each similarity, side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.model import Pairs
from training.config import CountConfig
from training.counting import PairCounts
from training.counting.customers import Buyers
from training.significance import Claims
from training.similarity import Measure, asymmetric_cosine, best_first, best_of_rows, weighted_cosine

_LEAST_EASE = 1e-4


def neighbours(
    counts: PairCounts,
    linear: Measure,
    claims: Claims,
    of_all_time: Claims,
    buyers: Buyers,
    config: CountConfig,
) -> Pairs:
    """The best neighbours of each item by asymmetric cosine, weighted cosine and EASE, and every pair of `of_all_time`.

    They are sorted by asymmetric cosine, equal ones by row.

    Parameters
    ----------
    linear : `training.similarity.ease` of the same baskets.
    claims : the pairs to mark as claimed, all of them in `of_all_time`.
    buyers : of the same baskets.
    """
    weighted = weighted_cosine(counts.lines)
    parts = [
        _of_block(block, counts.lines.item_orders, weighted(block), linear(block), claims, of_all_time, config)
        for block in counts.blocks()
    ]
    offsets = np.sum([starts for starts, _ in parts], axis=0)
    kept = {name: np.concatenate([columns[name] for _, columns in parts]) for name in parts[0][1]}
    del parts
    return Pairs(offsets, customers=buyers.beside(offsets, kept["items"], kept["counts"]), **kept)


def _of_block(
    counts: sparse.csr_matrix,
    item_orders: NDArray[np.int32],
    weighted: NDArray[np.float32],
    linear: NDArray[np.float32],
    claims: Claims,
    of_all_time: Claims,
    config: CountConfig,
) -> tuple[NDArray[np.int64], dict[str, NDArray[Any]]]:
    """Offsets of the neighbours that are kept, and what is known of each by the names of `Pairs`."""
    cosines = asymmetric_cosine(counts, item_orders, config.exponent, config.shrinkage)
    offsets = counts.indptr.astype(np.int64)
    kept = best_of_rows(offsets, cosines, config.neighbours, 0.0)
    kept |= best_of_rows(offsets, weighted, config.neighbours, 0.0)
    kept |= best_of_rows(offsets, linear, config.ease_neighbours, _LEAST_EASE)
    kept |= _among(counts, of_all_time)
    claimed = _among(counts, claims)
    starts, chosen = best_first(offsets, cosines, kept)
    return starts, {
        "items": counts.indices[chosen].astype(np.int32),
        "counts": counts.data[chosen].astype(np.int32),
        "scores": cosines[chosen],
        "weighted": weighted[chosen],
        "ease": linear[chosen],
        "claimed": claimed[chosen].astype(np.uint8),
    }


def _among(counts: sparse.csr_matrix, claims: Claims) -> NDArray[np.bool_]:
    """bool (stored pairs,): which are claims, one way or the other."""
    found = np.zeros(counts.nnz, np.bool_)
    own = np.diff(counts.indptr) > 0
    for rows, columns in ((claims.rows, claims.columns), (claims.columns, claims.rows)):
        found[_places(counts, rows[own[rows]], columns[own[rows]])] = True
    return found


def _places(counts: sparse.csr_matrix, rows: NDArray[np.integer], columns: NDArray[np.integer]) -> NDArray[np.int64]:
    """Where the given pairs, all of which met, are stored; columns ascend within a row."""
    low, high = counts.indptr[rows].astype(np.int64), counts.indptr[rows + 1].astype(np.int64)
    while (low < high).any():
        middle = (low + high) // 2
        below = (low < high) & (counts.indices[np.minimum(middle, counts.nnz - 1)] < columns)
        low, high = np.where(below, middle + 1, low), np.where(below, high, np.minimum(high, middle))
    return low
