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
    float32 (f,); zeros for a cart without a trained item.
    """
    y = factors[rows]
    system = gram + (alpha - 1) * (y.T @ y) + regularization * np.eye(len(gram), dtype=np.float32)
    return np.asarray(np.linalg.solve(system, alpha * y.sum(axis=0)), np.float32)


def nearest(factors: NDArray[np.float32], point: NDArray[np.float32], keep: int) -> NDArray[np.int32]:
    """The `keep` rows of float32 (items, f) with the largest product with `point`, above 0, best first, ties by row."""
    scores = factors @ point
    keep = min(keep, int((scores > 0).sum()))
    if not keep:
        return np.empty(0, np.int32)
    threshold = np.partition(scores, -keep)[-keep]
    rows = np.flatnonzero(scores >= threshold)
    return rows[np.lexsort((rows, -scores[rows]))][:keep].astype(np.int32)
