"""What the order of an answer serves: probability alone, or also what an item earns, without irrelevant dear items.

The best ten places for the profit that they earn, at a bounded loss of hits, are those with the highest
``p * (1 + strength * gain)``: a Lagrangian of the two sums, so no other order earns more for as many hits. That holds
of the probability alone, so what the order by probability gives up to show more of the catalog is not given up here.
The strength is chosen in training, on later carts (`training.ranker.strengths`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from recommender.merchandising.placements import OBJECTIVES
from recommender.placements import Link
from recommender.worth import Worth

GAINS = OBJECTIVES[1:]
WINDOW = 120
LEAST_SHARE = 0.2
_LEAST_FACTOR = 0.05
_LEAST_SCORE = 1e-30
_BEHIND = 100.0
_BY_SCORE = frozenset({"pairs", "category", "bestseller"})
_RANKER = "ranker"


def log_factors(gain: NDArray[np.float64], strength: float) -> NDArray[np.float64]:
    """``log(1 + strength * gain)`` of every item, float64 (items,): 0 where the gain is not known, never below log .05.

    >>> log_factors(np.array([0.0, 10.0, np.nan, -50.0]), 0.1).round(3).tolist()
    [0.0, 0.693, 0.0, -2.996]
    """
    return np.log(np.maximum(1 + strength * np.nan_to_num(gain), _LEAST_FACTOR))


class Objectives:
    """The factors of every item for each objective over one shelf."""

    def __init__(self, worth: Worth, strengths: NDArray[np.float32]) -> None:
        gains = (worth.revenue, worth.profit)
        self._factors = {
            name: log_factors(gain, float(strength))
            for name, gain, strength in zip(GAINS, gains, strengths, strict=True)
            if strength > 0
        }

    def serve(self, objective: str, chain: Iterable[Link], k: int, relevance_floor: float = 0.0) -> Iterable[Link]:
        """The chain in the order that serves the objective; of sources that rank by likelihood, the best alone move."""
        factors = self._factors.get(objective)
        return chain if factors is None else _served(chain, factors, k, relevance_floor)


def _served(chain: Iterable[Link], factors: NDArray[np.float64], k: int, floor: float) -> Iterator[Link]:
    for link in chain:
        if len(link.rows) and (link.source == _RANKER or link.source in _BY_SCORE):
            yield in_order_of_gain(link, factors, k, floor)
        else:
            yield link


def in_order_of_gain(link: Link, factors: NDArray[np.float64], k: int, relevance_floor: float = 0.0) -> Link:
    """The candidates of one link with the best `WINDOW` of them by likelihood times gain.

    Those that are not `relevant` follow, the likeliest first. Where probabilities are known, a score of the ranker is
    the logarithm of probability times gain.

    Parameters
    ----------
    factors : float64 (items,), from `log_factors`.
    """
    likely = _log_likelihoods(link)
    chances = np.exp(likely - likely.max()) if link.probabilities is None else link.probabilities
    moved = np.flatnonzero(relevant(chances[:WINDOW], k, relevance_floor))
    served = likely - _BEHIND
    served[moved] = likely[moved] + factors[link.rows[moved]]
    order = np.argsort(-served, kind="stable")
    probabilities = None if link.probabilities is None else link.probabilities[order]
    kept = served[order] if link.source == _RANKER else np.exp(served[order])
    return replace(link, rows=link.rows[order], scores=kept, probabilities=probabilities)


def relevant(chances: NDArray[np.float64], k: int, floor: float = 0.0) -> NDArray[np.bool_]:
    """Which candidates may move, bool (candidates,), in any order and on any scale.

    Those at least `LEAST_SHARE` times as likely as the `k`-th likeliest, and `floor` times as likely as the likeliest.

    >>> relevant(np.array([0.05, 0.3, 0.4, 0.06]), k=2).tolist()
    [False, True, True, True]
    """
    place = len(chances) - min(k, len(chances))
    least = LEAST_SHARE * float(np.partition(chances, place)[place])
    return chances >= max(least, floor * float(chances.max()))


def _log_likelihoods(link: Link) -> NDArray[np.float64]:
    """float64 (candidates,), up to a constant of the link."""
    if link.probabilities is not None:
        return np.log(np.maximum(link.probabilities, _LEAST_SCORE))
    return link.scores.copy() if link.source == _RANKER else np.log(np.maximum(link.scores, _LEAST_SCORE))
