"""How much what an item earns may count: as much as costs few hits, by hand and on a planted shop."""

import numpy as np
import pytest

from recommender.ranker.rank import Ranking
from recommender.worth import worth_of_pieces
from training.ranker.later_carts import LaterCarts
from training.ranker.strengths import HITS_GIVEN, STEPS, Tried, choose_strengths


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


def test_losses_count_from_the_order_by_probability_as_it_is_shown():
    """Eleven items, the likeliest put last to show the others: that order misses it, one by money has it back."""
    likely = np.array([0.05] * 10 + [0.06])
    spread = Ranking(np.arange(11, dtype=np.int32), -np.arange(11.0), likely)
    tried = Tried(np.ones(11))
    tried.add(spread, hidden=10)
    assert tried.hits.tolist() == [0.0] + [1.0] * len(STEPS)
    assert tried.expected.tolist() == pytest.approx([0.5] + [0.51] * len(STEPS))


class Remembering:
    """Ranks eleven items, the last of which alone has a price; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[list[int], int, int]] = []

    def rank(self, items, customer, now):
        self.asked.append((items.tolist(), customer, now))
        return ranking([0.05] * 10 + [0.025])


def carts_of(count: int, time: int) -> LaterCarts:
    """Carts of the items 13 and 12 of customer 3, item 9 hidden."""
    rows = np.arange(count + 1, dtype=np.int64)
    every = np.ones(count, np.int32)
    return LaterCarts(2 * rows, np.tile([13, 12], count).astype(np.int32), 9 * every, 3 * every, time * rows[1:], rows)


def test_carts_that_the_ranking_was_not_fitted_on_come_first_and_2500_are_enough():
    worth = worth_of_pieces([np.nan] * 10 + [5.0], [0.0] * 10 + [4.0], [0.0] * 11)
    ranker = Remembering()
    found = choose_strengths(ranker, (carts_of(1000, 1), carts_of(2000, -1)), worth)
    times = [now for _, _, now in ranker.asked]
    assert times[::2] == [*range(1, 1001), *range(-1, -1501, -1)]
    assert {(tuple(items), customer) for items, customer, _ in ranker.asked} == {((12, 13), 3), ((12, 13), -1)}
    allowed = max(step for step in STEPS if 1 + step < 2)
    assert found.tolist() == pytest.approx([allowed / 5.0, allowed / 1.0])
