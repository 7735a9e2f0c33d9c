"""The paired bootstrap, calibration, slices and the frontier, by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from tiny_shop import tiny_catalog

from training.baskets import Baskets
from training.evaluation.bootstrap import Bootstrap, Interval, interval, ratio
from training.evaluation.calibration import calibration
from training.evaluation.canvas import spread
from training.evaluation.frontier import frontier
from training.evaluation.lists import PLACES, Lists
from training.evaluation.questions import Later, Questions, one_hidden
from training.evaluation.slices import slices


def test_an_interval_of_independent_carts_is_that_of_a_share() -> None:
    hits = (np.arange(400) < 100).astype(np.float64)
    mean, draws = Bootstrap(np.arange(400), np.arange(400), seed=0).means(hits[:, None])

    found = interval(mean[0], draws[:, 0])

    half = 1.96 * np.sqrt(0.25 * 0.75 / 400)
    assert found.value == 0.25
    assert (found.low, found.high) == pytest.approx((0.25 - half, 0.25 + half), abs=0.006)


def test_carts_of_one_customer_are_drawn_together() -> None:
    hits = np.repeat([0.0, 1.0], 200)
    alone = Bootstrap(np.arange(400), np.arange(400), seed=0).means(hits[:, None])[1]
    together = Bootstrap(np.arange(400) // 10, np.arange(400), seed=0).means(hits[:, None])[1]

    assert together.std() > 2.5 * alone.std()


def test_a_ratio_is_paired() -> None:
    random = np.random.default_rng(0)
    peer = (random.random(2000) < 0.3).astype(np.float64)
    ours = np.maximum(peer, random.random(2000) < 0.03)
    means, draws = Bootstrap(np.arange(2000), np.arange(2000), seed=1).means(np.column_stack([ours, peer]))

    found = ratio(means[0], draws[:, 0], means[1], draws[:, 1])

    assert found.value == pytest.approx(ours.sum() / peer.sum())
    assert 1 < found.low < found.value < found.high
    assert interval(means[0], draws[:, 0]).low < interval(means[1], draws[:, 1]).high


def test_a_peer_without_a_hit_gives_no_ratio() -> None:
    assert ratio(0.5, np.full(3, 0.5), 0.0, np.zeros(3)) == Interval(None)


def test_fewer_than_ten_customers_are_not_drawn() -> None:
    one = Bootstrap(np.zeros(50, np.int64), np.arange(50), seed=0)

    assert (one.by_customer, one.groups) == (False, 50)


def test_a_slice_is_measured_in_the_same_draws() -> None:
    values = np.arange(30.0)[:, None]
    bootstrap = Bootstrap(np.arange(30), np.arange(30), seed=0)
    mean, draws = bootstrap.means(values, values[:, 0] < 10)

    assert mean[0] == 4.5
    assert np.nanmax(draws) <= 9


def asked(wanted: list[int]) -> Questions:
    carts = len(wanted)
    return Questions(
        shown_offsets=np.zeros(carts + 1, np.int64),
        shown=np.empty(0, np.int32),
        wanted_offsets=np.arange(carts + 1),
        wanted=np.array(wanted, np.int32),
        prices=np.full(carts, np.nan),
        costs=np.full(carts, np.nan),
        customers=np.full(carts, -1, np.int32),
        groups=np.arange(carts),
        orders=np.arange(carts),
        times=np.zeros(carts, np.int64),
    )


def lists_with(chance: float, carts: int) -> Lists:
    rows = np.full((carts, PLACES), -1, np.int32)
    rows[:, 0] = 1
    probabilities = np.full((carts, PLACES), np.nan)
    probabilities[:, 0] = chance
    return Lists(rows, probabilities)


def test_calibration_by_hand() -> None:
    found = calibration(lists_with(0.5, 100), asked([1] * 25 + [0] * 75))

    assert found is not None
    assert (found.hits, found.expected_hits) == (25, 50)
    assert found.ece_share == pytest.approx(0.25 / 0.25)
    plain = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75))
    assert found.log_loss_ratio == pytest.approx(np.log(2) / plain)
    assert sum(one.places for one in found.bins) == 100


def test_right_probabilities_are_calibrated() -> None:
    found = calibration(lists_with(0.25, 100), asked([1] * 25 + [0] * 75))

    assert found is not None
    assert (found.ece_share, found.log_loss_ratio) == pytest.approx((0, 1))


def test_no_probabilities_no_calibration() -> None:
    assert calibration(replace(lists_with(0.5, 3), probabilities=None), asked([1, 1, 1])) is None
    assert calibration(lists_with(0.5, 3), asked([0, 0, 0])) is None


def test_the_frontier_begins_with_the_lists_as_they_are_and_lifts_what_earns() -> None:
    rows = np.array([[0, 1, 2, *[-1] * 17]], np.int32)
    chances = np.array([[0.5, 0.3, 0.2, *[np.nan] * 17]])
    found = dict(frontier(Lists(rows, chances), np.array([1.0, np.nan, 10.0])))

    assert found[0.0].rows[0, :3].tolist() == [0, 1, 2]
    assert found[0.5].rows[0, :3].tolist() == [0, 2, 1]  # .5 · (1 + ½ · 1/5.5), .3 · 1, .2 · (1 + ½ · 10/5.5)
    assert found[4.0].rows[0, :3].tolist() == [2, 0, 1]  # .5 · (1 + 4 · 1/5.5), .3 · 1, .2 · (1 + 4 · 10/5.5)


def test_without_worth_there_is_no_frontier() -> None:
    assert list(frontier(lists_with(0.5, 2), np.array([np.nan, 0.0]))) == []


def test_slices_by_hand(make_baskets: Callable[..., Baskets]) -> None:
    catalog = tiny_catalog()
    orders = [[0, 1], [0, 5], [0, 1, 5], [0, 1], [6, 0, 1, 5, 2]]
    baskets = make_baskets(orders, items=8, customers=[0, 0, 1, 0, 2])
    baskets = replace(baskets, item_ids=list(catalog.item_ids))
    earlier = baskets.part(0, 3)
    known = np.ones(8, np.bool_)
    questions = one_hidden(Later(baskets, 3, 5, known, 10, 0))

    found = {
        (part.kind, part.name): part.carts
        for part in slices(questions, earlier, np.bincount(earlier.items, minlength=8), catalog)
    }

    sizes = np.diff(questions.shown_offsets)
    assert found["cart size", "1"].tolist() == (sizes == 1).tolist()
    assert found["cart size", "2–4"].tolist() == (sizes == 4).tolist()
    assert ("cart size", "5+") not in found
    returning = questions.customers == 0
    assert found["customer", "known"].tolist() == returning.tolist()
    assert found["hidden item", "bought before"].tolist() == returning.tolist()
    assert ("hidden item", "new to the customer") not in found
    assert not any(kind == "category" for kind, _ in found)  # fewer than thirty carts each


def test_labels_keep_apart_and_in_order() -> None:
    places = spread([0.0, 0.1, 0.2, 3.0], 1.0)

    assert np.diff(places).min() >= 1.0 - 1e-9
    assert places[:3] == pytest.approx([-0.9, 0.1, 1.1])
