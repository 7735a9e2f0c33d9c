"""How much what an item earns may count in the order of an answer: as much as costs few hits, told by later carts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.objective import GAINS, LEAST_SHARE, log_factors
from recommender.ranker.rank import Ranker
from recommender.worth import Worth
from training.ranker.later_carts import LaterCarts

HITS_GIVEN = 0.04
STEPS = tuple(float(step) for step in np.geomspace(0.125, 6.0, 18))
_CARTS = 2500
_PLACES = 10


def choose_strengths(ranker: Ranker, carts: LaterCarts, worth: Worth) -> NDArray[np.float32]:
    """float32 (2,): for revenue and profit the largest strength up to which no more than `HITS_GIVEN` of hits are lost.

    Hits are counted among ten places, over known and unknown customers; strengths are tried in `STEPS` over the median
    gain of an item that has one. 0 where nothing has a price.

    Parameters
    ----------
    ranker : fitted on orders earlier than every cart.
    """
    gains = {name: getattr(worth, name) for name in GAINS}
    units = {name: float(np.median(gain[gain > 0])) for name, gain in gains.items() if (gain > 0).any()}
    tried = {
        name: np.stack([log_factors(gains[name], step / unit) for step in (0.0, *STEPS)])
        for name, unit in units.items()
    }
    hits = {name: np.zeros(len(STEPS) + 1, np.int64) for name in units}
    for cart in range(min(len(carts), _CARTS)):
        items = np.sort(carts.items[carts.offsets[cart] : carts.offsets[cart + 1]])
        for customer in {int(carts.customers[cart]), -1}:
            ranked = ranker.rank(items, customer, int(carts.times[cart]))
            hidden = np.flatnonzero(ranked.rows == carts.hidden[cart])
            if len(hidden):
                for name, factors in tried.items():
                    hits[name] += _hit(ranked.scores, ranked.probabilities, factors[:, ranked.rows], int(hidden[0]))
    found = [_largest(hits[name]) / units[name] if name in units else 0.0 for name in GAINS]
    return np.array(found, np.float32)


def _hit(
    scores: NDArray[np.float64], chances: NDArray[np.float64], factors: NDArray[np.float64], hidden: int
) -> NDArray[np.bool_]:
    """bool (strengths,): the hidden candidate is among ten places; `factors` is float64 (strengths, candidates)."""
    moved = chances >= LEAST_SHARE * chances[min(_PLACES, len(chances)) - 1]
    if not moved[hidden]:
        return np.zeros(len(factors), np.bool_)
    served = scores[moved] + factors[:, moved]
    own = scores[hidden] + factors[:, hidden]
    return (served > own[:, None]).sum(axis=1) < _PLACES


def _largest(hits: NDArray[np.int64]) -> float:
    enough = hits >= (1 - HITS_GIVEN) * hits[0]
    steps = (0.0, *STEPS)
    return steps[int(np.argmin(enough)) - 1 if not enough.all() else -1] if hits[0] else 0.0
