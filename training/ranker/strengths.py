"""How much what an item earns may count in the order of an answer: as much as costs few hits, told by later carts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from recommender.objective import GAINS, WINDOW, log_factors, relevant
from recommender.ranker.rank import Ranker, Ranking
from recommender.worth import Worth
from training.ranker.later_carts import LaterCarts

HITS_GIVEN = 0.03
STEPS = tuple(float(step) for step in np.geomspace(0.125, 6.0, 18))
_CARTS = 2500
_PLACES = 10
_LEAST_CHANCE = 1e-30


def choose_strengths(ranker: Ranker, questions: Sequence[LaterCarts], worth: Worth) -> NDArray[np.float32]:
    """float32 (2,): for revenue and profit the largest strength up to which no more than `HITS_GIVEN` of hits are lost.

    Hits among ten places are both counted and expected from the probabilities, over known and unknown customers, and
    the larger loss counts: counted ones scatter. Strengths are tried in `STEPS` over the median gain of an item that
    has one. 0 where nothing has a price.

    Parameters
    ----------
    ranker : fitted on orders earlier than every cart.
    questions : carts, those first that it was not fitted on; 2,500 of them count at most.
    """
    gains = {name: getattr(worth, name) for name in GAINS}
    if np.array_equal(gains["revenue"], gains["profit"], equal_nan=True):
        del gains["profit"]
    tried = {name: Tried(gain) for name, gain in gains.items() if (gain > 0).any()}
    for carts, cart in _first(questions):
        items = np.sort(carts.items[carts.offsets[cart] : carts.offsets[cart + 1]])
        for customer in {int(carts.customers[cart]), -1}:
            ranked = ranker.rank(items, customer, int(carts.times[cart]))
            for one in tried.values():
                one.add(ranked, int(carts.hidden[cart]))
    found = {name: one.largest() for name, one in tried.items()}
    return np.array([found.get(name, found.get("revenue", 0.0)) for name in GAINS], np.float32)


def _first(questions: Sequence[LaterCarts]) -> Iterator[tuple[LaterCarts, int]]:
    every = ((carts, cart) for carts in questions for cart in range(len(carts)))
    return islice(every, _CARTS)


class Tried:
    """Hits of the order by probability, then at each of `STEPS`: as counted, and as the probabilities expect them.

    Parameters
    ----------
    gain : float64 (items,), what a piece brings, NaN unknown; above 0 somewhere.
    """

    def __init__(self, gain: NDArray[np.float64]) -> None:
        self._unit = float(np.median(gain[gain > 0]))
        self._factors = np.stack([log_factors(gain, step / self._unit) for step in STEPS])
        self.hits, self.expected = np.zeros(len(STEPS) + 1), np.zeros(len(STEPS) + 1)

    def add(self, ranked: Ranking, hidden: int) -> None:
        """Count one cart whose hidden item is the row `hidden`."""
        if not len(ranked.rows):
            return
        self.hits[0] += hidden in ranked.rows[:_PLACES]
        self.expected[0] += ranked.probabilities[:_PLACES].sum()
        moved = relevant(ranked.probabilities[:WINDOW], _PLACES)
        rows, chances = ranked.rows[:WINDOW][moved], ranked.probabilities[:WINDOW][moved]
        served = np.log(np.maximum(chances, _LEAST_CHANCE)) + self._factors[:, rows]
        places = min(_PLACES, len(rows))
        shown = np.argpartition(-served, places - 1, axis=1)[:, :places]
        self.hits[1:] += (rows[shown] == hidden).any(axis=1)
        self.expected[1:] += chances[shown].sum(axis=1)

    def largest(self) -> float:
        """The largest strength, per unit of money, up to which neither loss is too large."""
        if not self.hits[0]:
            return 0.0
        kept = np.minimum(self.hits / self.hits[0], self.expected / self.expected[0])
        enough = np.append(kept[1:] >= 1 - HITS_GIVEN, False)
        return (0.0, *STEPS)[int(np.argmin(enough))] / self._unit
