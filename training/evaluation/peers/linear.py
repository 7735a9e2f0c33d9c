"""EASE: the linear item-item model in closed form."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import lapack

from training.evaluation.lists import Score, Scored
from training.evaluation.peers.family import History, Parameters

_HEAD = 6000


def ease(history: History, parameters: Parameters) -> Score:
    """``B = -P / diag(P)`` with ``P = (X'X + λI)^-1`` and no diagonal (Steck 2019), on the 6,000 most sold items."""
    head = np.sort(history.most_sold[:_HEAD])
    baskets = history.matrix[:, head]
    gram = np.asarray((baskets.T @ baskets).todense(), np.float32)
    weights = _weights(gram, float(parameters["regularization"]))

    def score(carts: sparse.csr_matrix, _customers: NDArray[np.int32]) -> Scored:
        return Scored(np.asarray(carts[:, head] @ weights, np.float32), head)

    return score


def _weights(gram: NDArray[np.float32], regularization: float) -> NDArray[np.float32]:
    gram[np.diag_indices_from(gram)] += np.float32(regularization)
    triangle, failed = lapack.spotrf(gram, overwrite_a=True)
    inverse, failed_again = lapack.spotri(triangle, overwrite_c=True)
    if failed or failed_again:
        return np.zeros_like(gram)
    inverse = np.triu(inverse)
    inverse += np.triu(inverse, 1).T
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return weights
