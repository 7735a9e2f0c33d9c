"""Alternating least squares of the library `implicit`, with a new cart folded in."""

from __future__ import annotations

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from training.evaluation.lists import Score, Scored
from training.evaluation.peers.family import History, Parameters

_REGULARIZATION = 0.05
_ITERATIONS = 8


def alternating_least_squares(history: History, parameters: Parameters) -> Score:
    """Hu, Koren & Volinsky (2008) with baskets as users; never more factors than a quarter of the items."""
    factors = max(1, min(parameters["factors"], len(history.most_sold) // 4))
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=factors,
            alpha=parameters["alpha"],
            regularization=_REGULARIZATION,
            iterations=_ITERATIONS,
            random_state=int(history.seed),
        )
        model.fit(history.matrix, show_progress=False)

    def score(carts: sparse.csr_matrix, _customers: NDArray[np.int32]) -> Scored:
        with threadpool_limits(1, "blas"):
            points = model.recalculate_user(np.arange(carts.shape[0]), carts)
            return Scored(np.asarray(points @ model.item_factors.T, np.float32))

    return score
