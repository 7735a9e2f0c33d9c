"""How alike two items are, three ways, for every pair that met: the raw material of the ranking.

All three give one value for each stored entry of the pair counts, block by block of `training.counting.PairCounts`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from recommender.ranker.compiled import compiled
from recommender.ranker.select import kth_largest
from training.counting.kernel import fill_gram, weigh_rows
from training.counting.lines import BasketLines
from training.in_parts import in_parts

_DOUBT = 0.5
_LEAST_WEIGHT = 0.1

Measure = Callable[[sparse.csr_matrix], NDArray[np.float32]]
"""A value for each stored pair of a block of counts, in its order."""


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
    return _over(counts.indptr, counts.indices, counts.data, own, others, shrinkage)


def weighted_cosine(lines: BasketLines) -> Measure:
    """Cosine in which a basket weighs ``max(log(items sold) - log(1 + its size), 0.1) ** 2``, on average 1.

    A pair that met in a small basket was chosen together; one that met in a huge basket was swept up together.
    """
    sold = max(int((lines.item_orders > 0).sum()), 2)
    weights = np.maximum(np.log(sold) - np.log1p(lines.sizes), _LEAST_WEIGHT) ** 2
    weights = (weights / (weights.mean() if len(weights) else 1.0)).astype(np.float32)
    roots = np.sqrt(weighted_orders(lines, weights))

    def measure(counts: sparse.csr_matrix) -> NDArray[np.float32]:
        both = weighted_counts(lines, counts, weights)
        return _over(counts.indptr, counts.indices, both, roots, roots, _DOUBT)

    return measure


def ease(lines: BasketLines, head: int, regularization: float) -> Measure:
    """The linear item-item model EASE (Steck 2019) among the `head` most sold items; 0 for every other pair.

    ``P = (X'WX + regularization I)^-1; B = -P / diag(P)``, where W weighs a basket by the mean size over its own:
    a huge basket has no more to say than a small one.
    """
    orders = lines.item_orders
    most = np.lexsort((np.arange(len(orders)), -orders))[:head]
    most = np.sort(most[orders[most] > 1])
    if not len(most):
        return lambda counts: np.zeros(counts.nnz, np.float32)
    place = np.full(len(orders), -1, np.int64)
    place[most] = np.arange(len(most))
    sizes = np.maximum(lines.sizes, 1)
    weights = (sizes.mean() / sizes).astype(np.float32)
    totals = weighted_orders(lines, weights)
    upper = _inverse(_gram(_among(lines, place, len(most)), weights, totals[most] + np.float32(regularization)))

    def measure(counts: sparse.csr_matrix) -> NDArray[np.float32]:
        values = np.zeros(counts.nnz, np.float32)
        _take_weights(counts.indptr.astype(np.int64), counts.indices, upper, place, values)
        return values

    return measure


def _among(lines: BasketLines, place: NDArray[np.int64], number: int) -> BasketLines:
    """The same baskets with the items alone that have a place, which they are called by."""
    chosen = place[lines.items] >= 0
    total = np.zeros(len(chosen) + 1, np.int64)
    np.cumsum(chosen, out=total[1:])
    shape = (len(lines.sizes), number)
    items = place[lines.items[chosen]].astype(np.int32)
    return BasketLines.of(sparse.csr_matrix((np.ones(len(items), np.bool_), items, total[lines.offsets]), shape))


def _gram(lines: BasketLines, weights: NDArray[np.float32], diagonal: NDArray[np.floating]) -> NDArray[np.float32]:
    number = len(diagonal)
    gram = np.zeros((number, number), np.float32)
    for _ in in_parts(lines.meetings(), lambda first, last: fill_gram(lines.walk, weights, first, last, gram)):
        pass
    gram[np.diag_indices_from(gram)] = diagonal
    return gram


def weighted_orders(lines: BasketLines, weights: NDArray[np.float32]) -> NDArray[np.float64]:
    """float64 (items,): baskets with each item, each basket counted `weights`, float32 (baskets,), times."""
    return np.bincount(lines.items, np.repeat(weights, lines.sizes), len(lines.item_offsets) - 1)


def weighted_counts(lines: BasketLines, counts: sparse.csr_matrix, weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Baskets that held both items, each basket counted `weights` times, in the order of the entries of `counts`.

    Parameters
    ----------
    counts : int32 (items, items) of the same baskets, or a block of it.  weights : float32 (baskets,).
    """
    both = np.empty(counts.nnz, np.float32)
    starts = counts.indptr.astype(np.int64)
    work = np.where(np.diff(starts) > 0, lines.meetings(), 0)

    def loop(first: int, last: int) -> None:
        weigh_rows(lines.walk, weights, starts, counts.indices, first, last, both)

    for _ in in_parts(work, loop):
        pass
    return both


@compiled
def _over(
    offsets: NDArray[np.integer],
    columns: NDArray[np.integer],
    both: NDArray[np.number],
    own: NDArray[np.float64],
    others: NDArray[np.float64],
    shrinkage: float,
) -> NDArray[np.float32]:
    """``both_ij / (own_i * others_j + shrinkage)`` for each entry, without an array between."""
    values = np.empty(len(both), np.float32)
    for row in range(len(offsets) - 1):
        for entry in range(offsets[row], offsets[row + 1]):
            values[entry] = np.float32(np.float64(both[entry]) / (own[row] * others[columns[entry]] + shrinkage))
    return values


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
