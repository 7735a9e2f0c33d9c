"""The network: its slopes, what it learns from a planted signal, and that it learns nothing from noise."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from fitting_rows_made_up import random_rows, rows_of

import training.ranker.fit_network as module
from recommender.ranker.network import logits
from recommender.ranker.signals import COLUMN, SIGNALS
from training.ranker.fit_network import HIDDEN, Fitted, Schedule, fit_network
from training.ranker.objective import loss
from training.ranker.rows import Rows, joined

QUICK = Schedule(steps=300)


def corrected(fitted: Fitted, rows: Rows) -> np.ndarray:
    """Logits of all rows, as the kernel gives them."""
    return logits(fitted.network, np.ascontiguousarray(rows.signals.T), COLUMN["blend"], len(rows.signals))


def loss_with(fitted: Fitted, rows: Rows) -> float:
    return loss(corrected(fitted, rows), rows)


@pytest.mark.parametrize("decay", [0.0, 0.01])
def test_slopes_are_those_of_finite_differences(decay: float) -> None:
    """In float64, so that small steps tell: of every layer some weights, of every bias all."""
    rows = random_rows(30, 5, seed=4, strength=1.0)
    random = np.random.default_rng(0)
    inputs = random.normal(0, 1, (len(rows.hits), 7))
    sizes = [(7, 6), (6, 4), (4, 1), (6,), (4,), (1,)]
    layers = [random.normal(0, 0.7, size) for size in sizes]
    batch = module._Batch(inputs, rows.signals[:, COLUMN["blend"]], rows)
    with ThreadPoolExecutor(2) as threads:
        slopes = module._slopes(rows, inputs, np.arange(rows.carts), layers, decay, threads)
    for layer, slope in zip(range(6), slopes, strict=True):
        assert slope.shape == sizes[layer]
        for place in range(0, slope.size, max(1, slope.size // 9)):
            values = []
            for step in (1e-4, -1e-4):
                moved = [array.copy() for array in layers]
                moved[layer].reshape(-1)[place] += step
                shrunk = sum(float((array**2).sum()) for array in moved[:3]) * decay / 2
                values.append(batch.loss(moved) + shrunk)
            rise = (values[0] - values[1]) / 2e-4
            assert slope.reshape(-1)[place] == pytest.approx(rise, rel=2e-3, abs=2e-5)


def test_a_planted_signal_is_learned() -> None:
    """Fresh carts are told better than by the blend alone, and about as well as by the signal itself."""
    fitted = fit_network(random_rows(1500, 8, seed=0, strength=1.5), seed=0, schedule=QUICK)
    assert fitted.sure
    fresh = random_rows(600, 8, seed=9, strength=1.5)
    by_blend = loss(fresh.signals[:, COLUMN["blend"]], fresh)
    by_truth = loss(1.5 * fresh.signals[:, COLUMN["taste"]], fresh)
    assert fitted.loss < fitted.blend_loss
    assert loss_with(fitted, fresh) - by_truth < 0.35 * (by_blend - by_truth)


@pytest.mark.parametrize("seed", range(4))
def test_of_noise_nothing_is_learned(seed: int) -> None:
    """What it found is told to be luck, and without it the blend comes back as it was: the last layer is zero."""
    found = fit_network(random_rows(1000, 8, seed=seed), seed=seed)
    assert not found.sure
    fitted = found.as_blend()
    assert not fitted.network.last.any()
    assert not fitted.network.last_bias.any()
    assert fitted.loss == fitted.blend_loss
    rows = random_rows(5, 8)
    np.testing.assert_array_equal(corrected(fitted, rows), rows.signals[:, COLUMN["blend"]])


def test_too_little_to_learn_from() -> None:
    """Three carts, all held out."""
    rows = rows_of([[(0.0, True, 1)]] * 3)
    fitted = fit_network(rows, seed=0, schedule=QUICK)
    assert not fitted.network.last.any()
    assert np.isfinite([fitted.loss, fitted.blend_loss]).all()
    assert all(np.isfinite(getattr(fitted.network, name)).all() for name in fitted.network._fields)


def test_shapes_and_types() -> None:
    network = fit_network(random_rows(60, 4), seed=0, schedule=replace(QUICK, steps=10)).network
    first, second = HIDDEN
    shapes = {name: getattr(network, name).shape for name in network._fields}
    assert shapes == {
        "scales": (len(SIGNALS),),
        "first": (len(SIGNALS), first),
        "first_bias": (first,),
        "second": (first, second),
        "second_bias": (second,),
        "last": (second,),
        "last_bias": (1,),
    }
    assert {getattr(network, name).dtype for name in shapes} == {np.dtype(np.float32)}
    assert (network.scales > 0).all()


def test_the_same_rows_and_seed_give_the_same_network() -> None:
    rows = random_rows(200, 6, strength=1.0)
    one, other = (fit_network(rows, seed=5, schedule=replace(QUICK, steps=100)) for _ in range(2))
    for name in one.network._fields:
        np.testing.assert_array_equal(getattr(one.network, name), getattr(other.network, name))


def test_carts_of_one_order_are_held_out_together() -> None:
    """Each order twice, as its customer's and as a stranger's."""
    rows = random_rows(100, 3)
    twice = joined([rows, rows])
    learn, hold = module._held_out(twice, Schedule(), np.random.default_rng(0))
    assert not set(twice.groups[learn].tolist()) & set(twice.groups[hold].tolist())
    assert sorted([*learn.tolist(), *hold.tolist()]) == list(range(200))
    assert len(hold) == 2 * 30


def test_carts_without_candidates_are_neither_learned_from_nor_held_out() -> None:
    learn, hold = module._held_out(rows_of([[], [(0.0, True, 1)], []]), Schedule(), np.random.default_rng(0))
    assert [*learn.tolist(), *hold.tolist()] == [1]


@pytest.mark.parametrize(("gains", "sure"), [((1, 1, 1, 0.9), True), ((1, -80, 0.5, -40), False), ((5,), False)])
def test_a_gain_is_sure_where_it_is_above_its_standard_error(gains: tuple[float, ...], sure: bool) -> None:
    """Carts of one candidate, the hidden one: the layers pass its input on as the logit, and it may fall or rise."""
    rows = rows_of([[(0.0, True, 1)] for _ in gains])
    inputs = np.array(gains, np.float32)[:, None]
    batch = module._Batch(inputs, np.zeros(len(gains), np.float32), rows)
    one = [np.ones((1, 1), np.float32)] * 3 + [np.zeros(1, np.float32)] * 3
    nothing = [np.zeros((1, 1), np.float32)] * 3 + [np.zeros(1, np.float32)] * 3
    assert batch.surely_prefers(one, nothing) == sure
