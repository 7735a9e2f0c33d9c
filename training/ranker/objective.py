"""What a ranking is fitted to: the likelihood of the hidden item among a cart's candidates, or outside of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.ranker.rows import Rows

_HIGHEST = 30.0


def chances(
    scores: NDArray[np.floating], weights: NDArray[np.float32], offsets: NDArray[np.int64]
) -> NDArray[np.float64]:
    """float64 (rows,): ``w exp(f) / (1 + the cart's sum of w exp(f))``; the 1 stands for items that are no candidate.

    Parameters
    ----------
    scores, weights : (rows,).  offsets : int64 (carts + 1,).

    >>> chances(np.zeros(3), np.ones(3, np.float32), np.array([0, 1, 3])).round(3).tolist()
    [0.5, 0.333, 0.333]
    """
    raised = weights * np.exp(np.clip(scores.astype(np.float64), -_HIGHEST, _HIGHEST))
    return raised / np.repeat(1 + sums(raised, offsets), np.diff(offsets))


def loss(scores: NDArray[np.floating], rows: Rows) -> float:
    """Mean negative log-likelihood a cart of its hidden item, or of none of the candidates, in nats."""
    return float(losses(scores, rows).sum() / max(rows.carts, 1))


def losses(scores: NDArray[np.floating], rows: Rows) -> NDArray[np.float64]:
    """float64 (carts,): the negative log-likelihood of each cart, in nats."""
    clipped = np.clip(scores.astype(np.float64), -_HIGHEST, _HIGHEST)
    totals = np.log(1 + sums(rows.weights * np.exp(clipped), rows.offsets))
    return totals - sums(np.where(rows.hits, clipped, 0), rows.offsets)


def sums(values: NDArray[np.floating], offsets: NDArray[np.int64]) -> NDArray[np.float64]:
    """float64 (carts,): the sum of each cart's rows, 0 for a cart without one."""
    total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    return total[offsets[1:]] - total[offsets[:-1]]
