"""Rows to fit on: the kernel's own, the hidden item always among them, and a sample that stands for all others."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from planted_shop import planted, planted_catalog

from recommender.ranker.blend import blend_of
from recommender.ranker.describe import describe
from recommender.ranker.inputs import Past, Shop, new_scratch
from recommender.ranker.shop import past_of, shop_of
from recommender.ranker.signals import BLEND_WEIGHTS, COLUMN, SIGNALS
from training.build import Provenance, assemble
from training.config import Config
from training.counted import count
from training.histories import histories
from training.progress import Progress
from training.ranker.fit import Rankings
from training.ranker.later_carts import LaterCarts, later_carts
from training.ranker.rows import Rows, Sampling, fitting_rows, joined

ALL = Sampling(candidates=100, best=100, others=0)
EARLIER, LATER = 400, 460


@pytest.fixture(scope="module")
def asked() -> tuple[Shop, Past, LaterCarts]:
    """A planted shop's first 400 orders, and questions from the next 60."""
    baskets = planted(LATER)
    catalog, earlier = planted_catalog(baskets), baskets.part(0, EARLIER)
    rankings = Rankings.documented(customers_known=True)
    nowhere = Provenance({}, {"first": None, "last": None}, {}, {})
    shop = shop_of(
        assemble(count(earlier, catalog, Config(), Progress(quiet=True)), catalog, rankings, Config(), nowhere)
    )
    past = past_of(histories(earlier, np.zeros((len(baskets.customer_ids), 0), np.float32), shop))
    return shop, past, later_carts(baskets, EARLIER, LATER, np.ones(30, np.bool_), draws=2, most=60, seed=0)


def rows_by(asked: tuple[Shop, Past, LaterCarts], sampling: Sampling, seed: int = 0) -> Rows:
    shop, past, carts = asked
    return fitting_rows(shop, past, blend_of(shop, BLEND_WEIGHTS), carts, sampling, seed)


def described(asked: tuple[Shop, Past, LaterCarts], cart: int) -> tuple[list[int], np.ndarray]:
    shop, past, carts = asked
    shown = np.sort(carts.items[carts.offsets[cart] : carts.offsets[cart + 1]])
    rows, signals = np.empty(100, np.int32), np.empty((len(SIGNALS), 100), np.float32)
    customer, now = int(carts.customers[cart]), int(carts.times[cart])
    blend = blend_of(shop, BLEND_WEIGHTS)
    found = describe(shop, past, blend, customer, now, shown, new_scratch(shop), rows, signals)
    return rows[:found].tolist(), signals[:, :found].T


def in_turn(carts: LaterCarts) -> list[int]:
    """The carts in the order of their rows: every other one, then the rest."""
    return [*range(0, len(carts), 2), *range(1, len(carts), 2)]


def test_all_candidates_are_the_kernels_own_rows(asked) -> None:
    rows, carts = rows_by(asked, ALL), asked[2]
    assert rows.carts == len(carts)
    assert rows.groups.tolist() == carts.baskets[in_turn(carts)].tolist()
    assert (rows.weights == 1).all()
    for cart, (start, stop) in zip(in_turn(carts), pairwise(rows.offsets), strict=True):
        items, signals = described(asked, cart)
        order = np.argsort(-signals[:, COLUMN["blend"]], kind="stable")
        np.testing.assert_array_equal(rows.signals[start:stop], signals[order])
        hidden = [items[place] == carts.hidden[cart] for place in order]
        assert rows.hits[start:stop].tolist() == hidden


@pytest.mark.parametrize("sampling", [Sampling(100, 3, 5), Sampling(100, 0, 1), Sampling(100, 1, 0)])
def test_the_hidden_items_row_is_there_whatever_is_drawn(asked, sampling: Sampling) -> None:
    every, some = rows_by(asked, ALL), rows_by(asked, sampling, seed=3)
    hit = [every.hits[start:stop].any() for start, stop in pairwise(every.offsets)]
    assert [some.hits[start:stop].sum() for start, stop in pairwise(some.offsets)] == hit
    assert sum(hit) > 50


def test_the_best_are_all_there(asked) -> None:
    every, some = rows_by(asked, ALL), rows_by(asked, Sampling(100, 3, 5))
    for (start, _), (first, last) in zip(pairwise(every.offsets), pairwise(some.offsets), strict=True):
        np.testing.assert_array_equal(some.signals[first : first + 3], every.signals[start : start + 3])
        assert (some.weights[first : first + 3] == 1).all()
        assert last - first >= 3


def test_weights_sum_to_the_number_of_candidates_in_the_mean(asked) -> None:
    """Of 300 draws, within 4 standard errors."""
    total = int(rows_by(asked, ALL).offsets[-1])
    sums = [float(rows_by(asked, Sampling(100, 3, 5), seed).weights.sum()) for seed in range(300)]
    assert abs(np.mean(sums) - total) < 4 * np.std(sums) / np.sqrt(len(sums))
    assert np.std(sums) > 0


def test_the_sample_tells_the_mean_of_any_signal(asked) -> None:
    column = COLUMN["log_share"]
    every = rows_by(asked, ALL)
    means = []
    for seed in range(200):
        some = rows_by(asked, Sampling(100, 3, 5), seed)
        means.append(float((some.signals[:, column] * some.weights).sum()))
    assert abs(np.mean(means) - every.signals[:, column].sum()) < 4 * np.std(means) / np.sqrt(len(means))


def test_few_candidates_are_let_through(asked) -> None:
    rows = rows_by(asked, Sampling(candidates=4, best=2, others=9))
    assert np.diff(rows.offsets).max() == 4
    assert (rows.weights == 1).all()


def test_one_seed_one_sample(asked) -> None:
    one, other, another = (rows_by(asked, Sampling(100, 3, 5), seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.signals, other.signals)
    assert one.offsets.tolist() == other.offsets.tolist() != another.offsets.tolist()


def test_no_carts_have_no_rows(asked) -> None:
    shop, past, carts = asked
    rows = rows_by((shop, past, carts.of(np.zeros(len(carts), np.bool_))), ALL)
    assert (rows.carts, len(rows.hits), rows.offsets.tolist()) == (0, 0, [0])


def test_joined_rows_are_those_of_each_part(asked) -> None:
    rows = rows_by(asked, Sampling(100, 3, 5))
    both = joined([rows, rows])
    assert both.carts == 2 * rows.carts
    assert both.offsets.tolist() == [*rows.offsets.tolist(), *(rows.offsets[1:] + rows.offsets[-1]).tolist()]
    np.testing.assert_array_equal(both.signals[len(rows.hits) :], rows.signals)
