"""Scores from item factors: a cart or a customer as a point in the factorization's space."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def fold_in(
    factors: NDArray[np.float32],
    gram: NDArray[np.float32],
    rows: NDArray[np.int32],
    alpha: float,
    regularization: float,
) -> NDArray[np.float32]:
    """The factors of a cart that training never saw: one least-squares step (Hu, Koren, Volinsky 2008, eq. 4).

    Parameters
    ----------
    factors : float32 (items, f).  gram : float32 (f, f), ``factors.T @ factors``.
    rows : int32, the cart's items.  alpha : confidence of one purchase.  regularization : weight of the vector's norm.

    Returns
    -------
    float32 (f,); zeros for a cart without a trained item. The shortest solution where, without regularization, there
    are many.
    """
    y = factors[rows]
    system = gram + (alpha - 1) * (y.T @ y) + regularization * np.eye(len(gram), dtype=np.float32)
    bought = alpha * y.sum(axis=0)
    try:
        return np.asarray(np.linalg.solve(system, bought), np.float32)
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.lstsq(system, bought)[0], np.float32)


def nearest(
    factors: NDArray[np.float32], point: NDArray[np.float32], keep: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """The `keep` rows of float32 (items, f) with the largest product with `point`, above 0, best first, ties by row.

    Returns
    -------
    rows : int32 (kept,).  scores : float64 (kept,), the products, falling.
    """
    nothing = np.empty(0, np.int32), np.empty(0)
    if not point.any():
        return nothing
    scores = factors @ point
    keep = min(keep, int((scores > 0).sum()))
    if not keep:
        return nothing
    threshold = np.partition(scores, -keep)[-keep]
    rows = np.flatnonzero(scores >= threshold)
    rows = rows[np.lexsort((rows, -scores[rows]))][:keep].astype(np.int32)
    return rows, scores[rows].astype(np.float64)
