"""Which window a network is fitted on, and how much of it later carts ask for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fitting_rows_made_up import random_rows, rows_of

from recommender.ranker.network import Network, shared
from recommender.ranker.signals import COLUMN, SIGNALS
from training.ranker import fit_windows as module
from training.ranker.fit_network import Schedule, fit_network
from training.ranker.fit_windows import fit_on_windows, transfer
from training.ranker.objective import loss
from training.ranker.rows import Rows, joined


def constant(correction: float) -> Network:
    """A network that adds `correction` to every candidate."""
    return Network(
        scales=np.ones(len(SIGNALS), np.float32),
        first=np.zeros((len(SIGNALS), 32), np.float32),
        first_bias=np.zeros(32, np.float32),
        second=np.zeros((32, 16), np.float32),
        second_bias=np.zeros(16, np.float32),
        last=np.zeros(16, np.float32),
        last_bias=np.full(1, correction, np.float32),
    )


@pytest.mark.parametrize(("hits", "share"), [(3, 0.55), (1, 0.0), (4, 1.0)])
def test_the_share_worked_by_hand(hits: int, share: float) -> None:
    """Four carts of one candidate each and a blend of 0: three hits of four want a logit of ``log 3 = 1.10``, of a
    correction of 2 that is .55; one hit of four wants less than the blend, four of four all there is."""
    later = rows_of([[(0.0, cart < hits, 1)] for cart in range(4)])
    found = transfer(constant(2.0), later)
    assert found.share == pytest.approx(share)
    assert found.blend_loss == pytest.approx(np.log(2))
    logit = 2 * share
    assert found.loss == pytest.approx(np.log1p(np.exp(logit)) - hits / 4 * logit, rel=1e-6)


def test_what_holds_later_is_kept_and_what_does_not_is_dropped() -> None:
    """A planted signal, and the same one with its sign turned in later carts."""
    network = fit_network(random_rows(700, 8, seed=0, strength=1.5), seed=0, schedule=Schedule(steps=180)).network
    assert transfer(network, random_rows(600, 8, seed=9, strength=1.5)).share > 0.6
    assert transfer(network, random_rows(600, 8, seed=9, strength=-1.5)).share == 0


def test_a_share_of_the_network_gives_the_loss_that_is_told() -> None:
    network = fit_network(random_rows(400, 8, seed=0, strength=1.0), seed=0, schedule=Schedule(steps=120)).network
    later = random_rows(300, 8, seed=5, strength=0.6)
    found = transfer(network, later)
    scores = module._logits(shared(network, found.share), later.signals)
    assert loss(scores, later) == pytest.approx(found.loss, rel=1e-5)
    assert found.loss <= found.blend_loss


def test_rows_are_scored_in_parts_as_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = random_rows(100, 7, seed=1)
    network = fit_network(random_rows(400, 8, seed=0, strength=1.0), seed=0, schedule=Schedule(steps=60)).network
    whole = module._logits(network, rows.signals)
    monkeypatch.setattr(module, "_ROWS_AT_ONCE", 33)
    np.testing.assert_allclose(module._logits(network, rows.signals), whole, rtol=1e-5, atol=1e-6)
    assert len(module._logits(network, rows.signals[:0])) == 0
    assert (rows.signals[:, COLUMN["blend"]] != whole).any()


def at(rows: Rows, first: int) -> Rows:
    """The same carts, of orders from `first` on."""
    return replace(rows, groups=rows.groups + first)


def test_carts_are_chosen_with_all_their_rows() -> None:
    rows = rows_of([[(0.1, True, 1)], [(0.2, False, 2), (0.3, True, 1)], [], [(0.4, False, 3)]])
    chosen = rows.of(np.array([False, True, True, True]))
    assert chosen.offsets.tolist() == [0, 2, 2, 3]
    assert chosen.hits.tolist() == [False, True, False]
    assert chosen.weights.tolist() == [2, 1, 3]
    assert chosen.groups.tolist() == rows.groups[1:].tolist()
    assert chosen.carts == 3


def test_an_earlier_window_that_says_the_same_is_fitted_on_too() -> None:
    """Few carts in the last window, many of the same kind before it."""
    last, before = at(random_rows(120, 8, seed=0, strength=1.5), 700), random_rows(700, 8, seed=1, strength=1.5)
    both, alone = (fit_on_windows(windows, seed=0) for windows in ([last, before], [last]))
    fresh = random_rows(600, 8, seed=9, strength=1.5)
    with_both, without = (loss(module._logits(fitted.network, fresh.signals), fresh) for fitted in (both, alone))
    assert with_both < without - 0.02


def test_an_earlier_window_that_says_the_opposite_is_left_out() -> None:
    last, before = at(random_rows(800, 8, seed=0, strength=1.5), 800), random_rows(800, 8, seed=1, strength=-1.5)
    fresh = random_rows(600, 8, seed=9, strength=1.5)
    found = fit_on_windows([last, before], seed=0).network
    by_blend = loss(fresh.signals[:, COLUMN["blend"]], fresh)
    by_truth = loss(1.5 * fresh.signals[:, COLUMN["taste"]], fresh)
    assert loss(module._logits(found, fresh.signals), fresh) - by_truth < 0.5 * (by_blend - by_truth)


def test_what_turns_round_within_the_last_window_leaves_the_blend() -> None:
    early, late = random_rows(400, 8, seed=0, strength=1.5), at(random_rows(400, 8, seed=1, strength=-1.5), 400)
    fitted = fit_on_windows([at(joined([early, late]), 400), random_rows(400, 8, seed=2, strength=1.5)], seed=0)
    assert not fitted.network.last.any()
    assert fitted.loss == fitted.blend_loss


@pytest.mark.parametrize("seed", range(2))
def test_of_noise_in_one_window_nothing_is_kept(seed: int) -> None:
    fitted = fit_on_windows([random_rows(1000, 8, seed=seed)], seed)
    assert not fitted.network.last.any()
    assert fitted.loss == fitted.blend_loss
