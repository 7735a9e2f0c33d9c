"""How alike two items are, three ways, for every pair that met: the raw material of the ranking.

All three are arrays beside the pair counts: one value for each stored entry of `training.pairs.count_pairs`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from recommender.ranker.compiled import compiled
from recommender.ranker.select import kth_largest

_DOUBT = 0.5
_LEAST_WEIGHT = 0.1
_THREADS = 2


def asymmetric_cosine(
    counts: sparse.csr_matrix, item_orders: NDArray[np.int32], exponent: float, shrinkage: float
) -> NDArray[np.float32]:
    """``c_ij / (n_i**exponent * n_j**(1 - exponent) + shrinkage)`` (Aiolli 2013, with a shrunk denominator).

    >>> counts = sparse.csr_matrix(np.array([[0, 2], [2, 0]]))
    >>> asymmetric_cosine(counts, np.array([4, 2]), 1.0, 0.0).tolist()
    [0.5, 1.0]
    """
    own = np.power(item_orders, exponent, dtype=np.float64)
    others = np.power(item_orders, 1.0 - exponent, dtype=np.float64)
    denominators = np.repeat(own, np.diff(counts.indptr))
    denominators *= others[counts.indices]
    denominators += shrinkage
    return (counts.data / denominators).astype(np.float32)


def weighted_cosine(
    matrix: sparse.csr_matrix, counts: sparse.csr_matrix, item_orders: NDArray[np.int32]
) -> NDArray[np.float32]:
    """Cosine in which a basket weighs ``max(log(items sold) - log(1 + its size), 0.1) ** 2``, on average 1.

    A pair that met in a small basket was chosen together; one that met in a huge basket was swept up together.

    Parameters
    ----------
    matrix : (baskets, items) of ones.  counts : int32 (items, items) of the same, from `count_pairs`.
    """
    sizes = np.diff(matrix.indptr)
    sold = max(int((item_orders > 0).sum()), 2)
    weights = np.maximum(np.log(sold) - np.log1p(sizes), _LEAST_WEIGHT) ** 2
    met, totals = weighted_counts(matrix, counts, weights / (weights.mean() if len(weights) else 1.0))
    denominators = np.repeat(np.sqrt(totals), np.diff(counts.indptr))
    denominators *= np.sqrt(totals)[counts.indices]
    return (met / (denominators + _DOUBT)).astype(np.float32)


def ease(
    matrix: sparse.csr_matrix,
    counts: sparse.csr_matrix,
    item_orders: NDArray[np.int32],
    head: int,
    regularization: float,
) -> NDArray[np.float32]:
    """The linear item-item model EASE (Steck 2019) among the `head` most sold items; 0 for every other pair.

    ``P = (X'WX + regularization I)^-1; B = -P / diag(P)``, where W weighs a basket by the mean size over its own:
    a huge basket has no more to say than a small one.

    Parameters
    ----------
    matrix : (baskets, items) of ones.  counts : int32 (items, items) of the same, from `count_pairs`.
    """
    most = np.lexsort((np.arange(len(item_orders)), -item_orders))[:head]
    most = np.sort(most[item_orders[most] > 1])
    values = np.zeros(counts.nnz, np.float32)
    if not len(most):
        return values
    place = np.full(len(item_orders), -1, np.int64)
    place[most] = np.arange(len(most))
    sizes = np.maximum(np.diff(matrix.indptr), 1)
    met, totals = weighted_counts(matrix, counts, sizes.mean() / sizes)
    gram = np.zeros((len(most), len(most)), np.float32)
    _spread_out(counts.indptr, counts.indices, met, place, gram)
    gram[np.diag_indices_from(gram)] = totals[most] + np.float32(regularization)
    upper = _inverse(gram)
    _take_weights(counts.indptr, counts.indices, upper, place, values)
    return values


def weighted_counts(
    matrix: sparse.csr_matrix, counts: sparse.csr_matrix, weights: NDArray[np.floating]
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Baskets that held both items and baskets that held one, each basket counted `weights` times.

    Parameters
    ----------
    matrix : (baskets, items) of ones.  counts : int32 (items, items) of the same, from `count_pairs`.

    Returns
    -------
    both : float32, in the order of the stored entries of `counts`.  one : float64 (items,).
    """
    lines = np.repeat(weights, np.diff(matrix.indptr)).astype(np.float32)
    by_item = matrix.tocsc()
    both = np.empty(counts.nnz, np.float32)
    borders = _equal_work(counts.indptr)
    with ThreadPoolExecutor(_THREADS) as threads:
        parts = [
            threads.submit(
                _sum_pairs,
                (matrix.indptr, matrix.indices, by_item.indptr, by_item.indices),
                weights.astype(np.float32),
                counts.indptr,
                counts.indices,
                first,
                last,
                both,
            )
            for first, last in pairwise(borders)
        ]
        for part in parts:
            part.result()
    return both, np.bincount(matrix.indices, lines, matrix.shape[1])


def _equal_work(offsets: NDArray[np.integer]) -> list[int]:
    """Borders between rows such that each thread gets about as many entries."""
    shares = np.arange(1, _THREADS) * int(offsets[-1]) // _THREADS
    return [0, *np.searchsorted(offsets, shares).tolist(), len(offsets) - 1]


@compiled
def _sum_pairs(
    lines: tuple[NDArray, NDArray, NDArray, NDArray],
    weights: NDArray[np.float32],
    offsets: NDArray[np.integer],
    columns: NDArray[np.integer],
    first: int,
    last: int,
    both: NDArray[np.float32],
) -> None:
    basket_offsets, items, item_offsets, baskets = lines
    total = np.zeros(len(item_offsets) - 1, np.float32)
    for row in range(first, last):
        for entry in range(item_offsets[row], item_offsets[row + 1]):
            basket = baskets[entry]
            weight = weights[basket]
            for line in range(basket_offsets[basket], basket_offsets[basket + 1]):
                total[items[line]] += weight
        total[row] = 0
        for entry in range(offsets[row], offsets[row + 1]):
            both[entry] = total[columns[entry]]
            total[columns[entry]] = 0


@compiled
def _spread_out(
    offsets: NDArray[np.integer],
    columns: NDArray[np.integer],
    values: NDArray[np.float32],
    place: NDArray[np.int64],
    square: NDArray[np.float32],
) -> None:
    """Write the entries among the items that have a place into a dense matrix."""
    for row in range(len(place)):
        if place[row] >= 0:
            for entry in range(offsets[row], offsets[row + 1]):
                if place[columns[entry]] >= 0:
                    square[place[row], place[columns[entry]]] = values[entry]


@compiled
def _take_weights(
    offsets: NDArray[np.integer],
    columns: NDArray[np.integer],
    upper: NDArray[np.float32],
    place: NDArray[np.int64],
    values: NDArray[np.float32],
) -> None:
    """``-P_ij / P_jj`` for each entry among the items that have a place, P symmetric, its upper half given."""
    for row in range(len(place)):
        if place[row] >= 0:
            for entry in range(offsets[row], offsets[row + 1]):
                other = place[columns[entry]]
                if other >= 0:
                    low, high = min(place[row], other), max(place[row], other)
                    values[entry] = -upper[low, high] / upper[other, other]


@compiled
def best_of_rows(
    offsets: NDArray[np.integer], values: NDArray[np.float32], keep: int, least: float
) -> NDArray[np.bool_]:
    """bool (entries,): the `keep` largest values of each row that are above `least`; equal ones in order of place."""
    kept = np.zeros(len(values), np.bool_)
    for row in range(len(offsets) - 1):
        start, end = offsets[row], offsets[row + 1]
        bar = np.float32(least)
        if end - start > keep:
            bar = max(bar, kth_largest(values[start:end], keep))
        room = keep
        for entry in range(start, end):
            if values[entry] > bar:
                kept[entry] = True
                room -= 1
        for entry in range(start, end):
            if room > 0 and values[entry] == bar and bar > least:
                kept[entry] = True
                room -= 1
    return kept


@compiled
def best_first(
    offsets: NDArray[np.integer], values: NDArray[np.float32], kept: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places of the kept entries, each row's by falling value, equal ones in order of place.

    Returns
    -------
    starts : int64 (rows + 1,), where each row's begin.  places : int64 (kept,).
    """
    starts = np.zeros(len(offsets), np.int64)
    places = np.empty(kept.sum(), np.int64)
    for row in range(len(offsets) - 1):
        chosen = np.flatnonzero(kept[offsets[row] : offsets[row + 1]]) + offsets[row]
        order = np.argsort(-values[chosen], kind="mergesort")
        starts[row + 1] = starts[row] + len(chosen)
        places[starts[row] : starts[row + 1]] = chosen[order]
    return starts, places


def _inverse(gram: NDArray[np.float32]) -> NDArray[np.float32]:
    """Upper half of the inverse of a positive definite matrix, by Cholesky; `gram` is overwritten."""
    factor, failed = linalg.lapack.spotrf(gram.T, lower=0, overwrite_a=1)
    inverse, failed_too = linalg.lapack.spotri(factor, lower=0, overwrite_c=1)
    if failed or failed_too:
        raise ArithmeticError("EASE: the pair counts are not positive definite")
    return inverse
