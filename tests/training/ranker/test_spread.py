"""How much popularity is taken off the order: as much as costs no hit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from tiny_shop import BREAD, TEA, tiny_model

from recommender.ranker.shop import shop_of
from training.ranker.later_carts import LaterCarts
from training.ranker.spread import SPREADS, choose_spread, shown_by_neighbours

CANDIDATES = 20
MANY = 10**9


@dataclass
class Told:
    """A ranking in place of a model's: the hidden item, row 0, has a logit and a log share, the others theirs."""

    logit: float
    log_share: float

    def score(self, cart, customer: int, now: int):
        likely = np.linspace(1, 0, CANDIDATES, dtype=np.float32)
        shares = np.full(CANDIDATES, -4, np.float32)
        likely[0], shares[0] = self.logit, self.log_share
        return np.arange(CANDIDATES, dtype=np.int32), likely, shares


def carts(number: int) -> LaterCarts:
    return LaterCarts(
        offsets=np.arange(number + 1, dtype=np.int64),
        items=np.full(number, 7, np.int32),
        hidden=np.zeros(number, np.int32),
        customers=np.full(number, -1, np.int32),
        times=np.zeros(number, np.int64),
        baskets=np.arange(number, dtype=np.int64),
    )


@pytest.mark.parametrize(
    ("logit", "log_share", "spread"),
    [
        (2.0, -4, SPREADS[-1]),  # far ahead of all
        (2.0, 0, SPREADS[-1]),  # as far ahead as a bestseller may need
        (0.1, -4, SPREADS[-1]),  # never a hit: nothing to lose
        (0.54, -4, SPREADS[-1]),  # ninth, and as popular as the others
        (0.54, 0, 0.0),  # ninth, and a bestseller: a step takes 0.1 and two places
        (0.64, -2, 0.075),  # seventh; three steps of 0.05 take it to 0.49, tenth, and the fourth loses it
    ],
)
def test_the_largest_that_costs_no_hit(logit: float, log_share: float, spread: float) -> None:
    """The eighth, ninth and tenth of the others stand at 0.579, 0.526 and 0.474."""
    assert choose_spread(Told(logit, log_share), carts(5), MANY) == pytest.approx(spread)


class Mixed:
    """The first carts lose their hit with the first step, all others never."""

    def __init__(self, lose: int) -> None:
        self.losing, self.keeping, self.lose = Told(0.54, 0), Told(2.0, -4), lose

    def score(self, cart, customer: int, now: int):
        return (self.losing if now < self.lose else self.keeping).score(cart, customer, now)


@pytest.mark.parametrize(("lose", "spread"), [(0, SPREADS[-1]), (4, SPREADS[-1]), (5, 0.0), (9, 0.0)])
def test_a_loss_that_may_be_luck_is_none(lose: int, spread: float) -> None:
    """Four of ten lost: twice the root of four; five of ten: more than twice the root of five."""
    questions = replace(carts(10), times=np.arange(10, dtype=np.int64))
    assert choose_spread(Mixed(lose), questions, MANY) == spread


def test_without_carts_all_of_it() -> None:
    assert choose_spread(Told(1, 0), carts(0), MANY) == SPREADS[-1]


def test_no_more_is_taken_off_than_shows_as_many_items_as_wanted() -> None:
    """Ten places show ten items: a sixth more than eight are 9.3, than nine 10.5."""
    assert choose_spread(Told(2.0, -4), carts(5), 8) == 0
    assert choose_spread(Told(2.0, -4), carts(5), 9) == SPREADS[-1]


def test_what_neighbours_show() -> None:
    """Bread's neighbours and tea's, of which bread and tea are none; no cart shows none."""
    model = tiny_model()
    pairs, two = model.pairs, carts(2)
    asked = replace(two, items=np.array([BREAD, TEA], np.int32))
    told = {int(row) for item in (BREAD, TEA) for row in pairs.items[pairs.offsets[item] : pairs.offsets[item + 1]]}
    assert shown_by_neighbours(shop_of(model), asked) == len(told)
    assert shown_by_neighbours(shop_of(model), carts(0)) == 0
