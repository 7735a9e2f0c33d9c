"""How much what an item earns may count: as much as costs few hits, by hand and on a planted shop."""

import numpy as np
import pytest

from recommender.ranker.rank import Ranking
from training.ranker.strengths import HITS_GIVEN, STEPS, Tried


def ranking(chances: list[float]) -> Ranking:
    """Items 0, 1, 2, … by falling probability."""
    likely = np.array(chances)
    return Ranking(np.arange(len(likely), dtype=np.int32), np.log(likely), likely)


def gain_of_last(items: int, gain: float) -> np.ndarray:
    gains = np.zeros(items)
    gains[-1] = gain
    return gains


def test_what_pushes_a_hit_out_of_ten_places_is_too_strong():
    """Eleven items; the last, half as likely as the tenth, is the only one that earns: it passes it at 1 + step > 2."""
    tried = Tried(gain_of_last(11, 5.0))
    tried.add(ranking([0.05] * 10 + [0.025]), hidden=9)
    tried.add(ranking([0.05] * 10 + [0.025]), hidden=0)
    allowed = max(step for step in STEPS if 1 + step < 2)
    assert tried.hits.tolist() == [
        2.0 if step <= allowed else tried.hits[place] for place, step in enumerate((0, *STEPS))
    ]
    assert tried.largest() == pytest.approx(allowed / 5.0)


def test_an_expected_loss_counts_where_no_hit_happens_to_be_lost():
    """The tenth place falls from .05 to .03: of .5 expected hits .02 are gone, four in a hundred and a little more."""
    tried = Tried(gain_of_last(11, 1.0))
    tried.add(ranking([0.05] * 10 + [0.0299]), hidden=0)
    assert (tried.hits == 1).all()
    assert tried.expected[0] == pytest.approx(0.5)
    assert tried.expected[-1] == pytest.approx(0.4799)
    assert 1 - tried.expected[-1] / tried.expected[0] > HITS_GIVEN
    assert tried.largest() == max(step for step in STEPS if 0.0299 * (1 + step) < 0.05)


def test_where_nothing_is_lost_the_strongest_is_taken():
    tried = Tried(np.ones(3))
    tried.add(ranking([0.3, 0.2, 0.1]), hidden=2)
    assert tried.largest() == STEPS[-1]


def test_without_a_hit_nothing_is_told():
    tried = Tried(np.ones(3))
    tried.add(ranking([0.3, 0.2, 0.1]), hidden=9)
    tried.add(ranking([]), hidden=0)
    assert tried.largest() == 0.0
