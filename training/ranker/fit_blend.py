"""The first stage: weights of the blend, pulled towards the documented ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from recommender.ranker.signals import BLEND, BLEND_SCALES, BLEND_WEIGHTS, COLUMN
from training.ranker.objective import chances, loss
from training.ranker.rows import Rows

_PULL = 2.0
_STEPS = 100


def fit_blend(rows: Rows, best_log_share: float) -> NDArray[np.float32]:
    """float32 (blended + 1,): the weights of highest likelihood under a normal prior around the documented blend.

    Parameters
    ----------
    best_log_share : log share of the recent bestseller, which ``share_relative`` is relative to.
    """
    terms = np.column_stack([blend_terms(rows.signals, best_log_share), np.ones(len(rows.hits), np.float32)])
    hit_terms = terms[rows.hits].sum(axis=0, dtype=np.float64)

    def negative(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = terms @ weights.astype(np.float32)
        away = weights - BLEND_WEIGHTS
        away[-1] = 0
        value = loss(scores, rows) * rows.carts + _PULL * float(away @ away)
        slope = terms.T @ chances(scores, rows.weights, rows.offsets).astype(np.float32)
        return value, slope - hit_terms + 2 * _PULL * away

    start = BLEND_WEIGHTS.astype(np.float64)
    found = minimize(negative, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    return found.x.astype(np.float32)


def blend_terms(signals: NDArray[np.float32], best_log_share: float) -> NDArray[np.float32]:
    """float32 (rows, blended): the squashed signals that the kernel's blend weighs."""
    terms = np.empty((len(signals), len(BLEND)), np.float32)
    for place, (name, _, _) in enumerate(BLEND):
        if name == "share_relative":
            values = np.exp(signals[:, COLUMN["log_share"]] - np.float32(best_log_share))
        else:
            values = signals[:, COLUMN[name]]
        terms[:, place] = values / (np.abs(values) + BLEND_SCALES[place])
    return terms
