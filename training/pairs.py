"""Pair counts, and the neighbours of every item.

All pairs are counted at once: with baskets as rows of ones, ``X^T X`` holds the number of baskets of every pair.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.model import Pairs

_BLOCK_CELLS = 8_000_000
_LOW = np.uint64(0xFFFF_FFFF)
_HALF = np.uint64(32)


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


def neighbours(
    counts: sparse.csr_matrix,
    orders: NDArray[np.int32],
    *,
    keep: int,
    exponent: float,
    shrinkage: float,
    claimed: NDArray[np.int64],
) -> Pairs:
    """The `keep` best neighbours of every item by asymmetric cosine, best first, equal scores by lower row.

    The score of cart item i towards item j is ``c_ij / (n_i**exponent * n_j**(1 - exponent) + shrinkage)``
    (Aiolli 2013, with a shrunk denominator): 1 gives confidence, 0.5 the cosine.

    Parameters
    ----------
    counts : int32 (items, items) from `count_pairs`.
    orders : int32 (items,), baskets that held each item.
    keep : neighbours an item, at least 1.
    exponent : weight of the cart item's own count, 0 to 1.
    shrinkage : baskets added to the denominator, 0 or more.
    claimed : int64, ascending `pair_codes` of the pairs that are more than luck.

    >>> x = sparse.csr_matrix([[1, 1, 0], [1, 1, 0], [0, 1, 1]])
    >>> n = item_orders(x)
    >>> pairs = neighbours(count_pairs(x), n, keep=1, exponent=0.5, shrinkage=0.0, claimed=pair_codes([0], [1], 3))
    >>> pairs.items.tolist(), pairs.counts.tolist(), pairs.claimed.tolist()
    ([1, 0, 1], [2, 2, 1], [1, 1, 0])
    """
    items = counts.shape[0]
    own = np.power(orders, exponent, dtype=np.float64)
    others = np.power(orders, 1.0 - exponent, dtype=np.float64)
    lengths = np.minimum(np.diff(counts.indptr), keep).astype(np.int64)
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))
    chosen = np.empty(offsets[-1], np.int64)
    scores = np.empty(offsets[-1], np.float32)
    for rows in _rows_of_like_length(np.diff(counts.indptr)):
        positions, best = _best(counts, rows, own, others, shrinkage, keep)
        slots = np.arange(best.shape[1])
        filled = slots < lengths[rows, None]
        places = (offsets[rows, None] + slots)[filled]
        chosen[places] = positions[filled]
        scores[places] = best[filled]
    found = counts.indices[chosen].astype(np.int32, copy=False)
    rows = np.repeat(np.arange(items, dtype=np.int64), lengths)
    codes = np.minimum(rows, found) * items + np.maximum(rows, found)
    flags = np.isin(codes, claimed).astype(np.uint8)
    return Pairs(offsets, found, counts.data[chosen].astype(np.int32, copy=False), scores, flags)


def pair_codes(rows: NDArray[np.integer], columns: NDArray[np.integer], items: int) -> NDArray[np.int64]:
    """int64, one number a pair: ``row * items + column`` with the lower row first, ascending.

    >>> pair_codes([2, 0], [1, 2], items=3).tolist()
    [2, 5]
    """
    low, high = np.minimum(rows, columns).astype(np.int64), np.maximum(rows, columns).astype(np.int64)
    return np.sort(low * items + high)


def _best(
    counts: sparse.csr_matrix,
    rows: NDArray[np.int64],
    own: NDArray[np.float64],
    others: NDArray[np.float64],
    shrinkage: float,
    keep: int,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Positions in `counts` and scores (rows, kept) of each row's best; columns ascend within a row of `counts`.

    A score above 0 sorts like its bits, so score and place within the row make one integer key.
    """
    starts = counts.indptr[rows].astype(np.int64)
    lengths = counts.indptr[rows + 1] - starts
    width = int(lengths.max(initial=0))
    places = np.arange(width)
    there = places < lengths[:, None]
    at = (starts[:, None] + places)[there]
    row_of = np.repeat(rows, lengths)
    score = (counts.data[at] / (own[row_of] * others[counts.indices[at]] + shrinkage)).astype(np.float32)
    keys = np.zeros((len(rows), width), np.uint64)
    place_of = np.broadcast_to(places, keys.shape)[there].astype(np.uint64)
    keys[there] = (score.view(np.uint32).astype(np.uint64) << _HALF) | (_LOW - place_of)
    if width > keep:
        keys = np.partition(keys, width - keep, axis=1)[:, width - keep :]
    keys = np.sort(keys, axis=1)[:, ::-1]
    positions = starts[:, None] + (_LOW - (keys & _LOW)).astype(np.int64)
    return positions, (keys >> _HALF).astype(np.uint32).view(np.float32)


def _rows_of_like_length(lengths: NDArray[np.integer]) -> list[NDArray[np.int64]]:
    """Rows that are not empty in groups of like length, so that padding a group costs little memory."""
    order = np.argsort(lengths, kind="stable").astype(np.int64)
    order = order[lengths[order] > 0]
    groups, start = [], 0
    while start < len(order):
        shortest = int(lengths[order[start]])
        longest = int(np.searchsorted(lengths[order], 2 * shortest, side="right"))
        stop = min(longest, start + max(1, _BLOCK_CELLS // (2 * shortest)))
        groups.append(order[start:stop])
        start = stop
    return groups


def _without_diagonal(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    rows = np.repeat(np.arange(counts.shape[0], dtype=counts.indices.dtype), np.diff(counts.indptr))
    others = counts.indices != rows
    lengths = np.diff(counts.indptr) - np.bincount(rows[~others], minlength=counts.shape[0])
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    return sparse.csr_matrix((counts.data[others], counts.indices[others], offsets), shape=counts.shape)
