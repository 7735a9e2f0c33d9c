"""What the order of an answer serves: probability alone, or also what an item earns, without irrelevant dear items.

The best ten places for the profit that they earn, at a bounded loss of hits, are those with the highest
``p * (1 + strength * gain)``: a Lagrangian of the two sums, so no other order earns more for as many hits. The strength
is chosen in training, on later carts (`training.ranker.strengths`).
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

    None is moved that is less than `LEAST_SHARE` times as likely as the one in place `k`, or `relevance_floor` times as
    likely as the likeliest: they follow in their own order.

    Parameters
    ----------
    factors : float64 (items,), from `log_factors`.
    """
    scores = link.scores if link.source == _RANKER else np.log(np.maximum(link.scores, _LEAST_SCORE))
    top = scores[:WINDOW]
    chances = np.exp(top - top[0]) if link.probabilities is None else link.probabilities[:WINDOW]
    least = max(LEAST_SHARE * float(chances[min(k, len(top)) - 1]), relevance_floor * float(chances.max()))
    moved = np.flatnonzero(chances >= least)
    served = scores - _BEHIND
    served[moved] = scores[moved] + factors[link.rows[moved]]
    order = np.argsort(-served, kind="stable")
    probabilities = None if link.probabilities is None else link.probabilities[order]
    kept = served[order] if link.source == _RANKER else np.exp(served[order])
    return replace(link, rows=link.rows[order], scores=kept, probabilities=probabilities)
