"""The bestsellers, the same for every cart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from training.evaluation.lists import Score, Scored
from training.evaluation.peers.family import History, Parameters

_DEPTH = 1000


def popularity(history: History, parameters: Parameters) -> Score:
    """Most sold in the latest share of baskets."""
    matrix = history.matrix
    first = int(matrix.shape[0] * (1 - parameters["latest_share"]))
    counts = np.bincount(matrix[first:].indices, minlength=matrix.shape[1])
    best = np.argsort(-counts, kind="stable")[:_DEPTH].astype(np.int32)

    def score(carts: sparse.csr_matrix, _customers: NDArray[np.int32]) -> Scored:
        return Scored(np.broadcast_to(counts[best].astype(np.float32), (carts.shape[0], len(best))), best)

    return score
