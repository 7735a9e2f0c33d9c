"""What each signal contributed to the score of a candidate: the terms of the blend, and the network's correction."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.signals import BLEND, COLUMN


def contributions(
    weights: NDArray[np.float32], signals: NDArray[np.float32], best_log_share: float
) -> dict[str, NDArray[np.float64]]:
    """float64 (candidates,) by the name of a term of the blend, ``bias`` included; they sum up to the blend.

    Parameters
    ----------
    weights : float32 (blended + 1,), the bias last.  signals : float32 (candidates, signals).
    best_log_share : log share of the bestseller of late.
    """
    found: dict[str, NDArray[np.float64]] = {}
    rows = signals.astype(np.float64)
    for place, (name, scale, _) in enumerate(BLEND):
        if name == "share_relative":
            term = np.exp(rows[:, COLUMN["log_share"]] - best_log_share)
        else:
            term = rows[:, COLUMN[name]]
        found[name] = float(weights[place]) * term / (np.abs(term) + scale)
    return found | {"bias": np.full(len(rows), float(weights[-1]))}
