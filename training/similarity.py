"""How alike two items are, three ways, for every pair that met: the raw material of the ranking.

All three are arrays beside the pair counts: one value for each stored entry of `training.pairs.count_pairs`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from recommender.ranker.compiled import compiled

_DOUBT = 0.5
_LEAST_WEIGHT = 0.1


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
    met, totals = weighted_counts(matrix, weights / (weights.mean() if len(weights) else 1.0))
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
    rows = np.repeat(place, np.diff(counts.indptr))
    columns = place[counts.indices]
    inside = (rows >= 0) & (columns >= 0)
    sizes = np.maximum(np.diff(matrix.indptr), 1)
    met, totals = weighted_counts(matrix, sizes.mean() / sizes)
    gram = np.zeros((len(most), len(most)), np.float32)
    gram[rows[inside], columns[inside]] = met[inside]
    gram[np.diag_indices_from(gram)] = totals[most] + np.float32(regularization)
    inverse = _inverse(gram)
    weights = -inverse / np.diag(inverse)
    values[inside] = weights[rows[inside], columns[inside]]
    return values


def weighted_counts(
    matrix: sparse.csr_matrix, weights: NDArray[np.floating]
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Baskets that held both items and baskets that held one, each basket counted `weights` times.

    Returns
    -------
    both : float32, in the order of the stored entries of `training.pairs.count_pairs`.  one : float64 (items,).
    """
    lines = np.repeat(weights, np.diff(matrix.indptr)).astype(np.float32)
    weighed = sparse.csr_matrix((lines, matrix.indices, matrix.indptr), matrix.shape)
    ones = sparse.csr_matrix((np.ones(matrix.nnz, np.float32), matrix.indices, matrix.indptr), matrix.shape)
    met = (weighed.T.tocsr() @ ones).T.tocsr()
    rows = np.repeat(np.arange(met.shape[0], dtype=met.indices.dtype), np.diff(met.indptr))
    return met.data[met.indices != rows], np.bincount(matrix.indices, lines, matrix.shape[1])


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
            bar = max(bar, np.partition(values[start:end], end - start - keep)[end - start - keep])
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


def _inverse(gram: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of a positive definite matrix, by Cholesky; `gram` is overwritten."""
    factor, failed = linalg.lapack.spotrf(gram.T, lower=0, overwrite_a=1)
    inverse, failed_too = linalg.lapack.spotri(factor, lower=0, overwrite_c=1)
    if failed or failed_too:
        raise ArithmeticError("EASE: the pair counts are not positive definite")
    upper = np.triu(inverse)
    return upper + np.triu(upper, 1).T
