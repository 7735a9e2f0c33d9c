"""The blend's weights: where the slope is right, they follow a planted signal and stay put without evidence."""

from __future__ import annotations

import numpy as np
import pytest
from fitting_rows_made_up import BEST_LOG_SHARE, random_rows, rows_of
from scipy.optimize import minimize

import training.ranker.fit_blend as module
from recommender.ranker.signals import BLEND, BLEND_SCALES, BLEND_WEIGHTS, COLUMN
from training.ranker.fit_blend import blend_terms, fit_blend
from training.ranker.objective import loss

NAMES = [name for name, _, _ in BLEND]


def test_terms_are_squashed_signals() -> None:
    rows = random_rows(1, 3)
    terms = blend_terms(rows.signals, BEST_LOG_SHARE)
    assert terms.shape == (3, len(BLEND))
    for place, name in enumerate(NAMES):
        values = rows.signals[:, COLUMN["log_share" if name == "share_relative" else name]]
        if name == "share_relative":
            values = np.exp(values - np.float32(BEST_LOG_SHARE))
        np.testing.assert_allclose(terms[:, place], values / (np.abs(values) + BLEND_SCALES[place]), rtol=1e-5)


def test_the_slope_is_that_of_finite_differences(monkeypatch: pytest.MonkeyPatch) -> None:
    """Caught on the way to the optimizer, at the start and away from it."""
    caught = {}

    def catching(function, start, **options):
        caught["function"], caught["start"] = function, start
        return minimize(function, start, **options)

    monkeypatch.setattr(module, "minimize", catching)
    fit_blend(random_rows(40, 6, seed=1), BEST_LOG_SHARE)
    value, start = caught["function"], caught["start"]
    random = np.random.default_rng(0)
    for point in (start, start + random.normal(0, 0.3, len(start))):
        _, slope = value(point.copy())
        for place in range(len(point)):
            step = np.zeros(len(point))
            step[place] = 0.05
            rise = (value(point + step)[0] - value(point - step)[0]) / 0.1
            assert slope[place] == pytest.approx(rise, rel=0.02, abs=0.02)


def test_without_rows_the_documented_weights_stay() -> None:
    np.testing.assert_allclose(fit_blend(rows_of([]), BEST_LOG_SHARE), BLEND_WEIGHTS)


def test_a_planted_signal_gets_weight_and_the_loss_falls() -> None:
    rows = random_rows(800, 8, strength=2.0, signal="cosine_sum")
    found = fit_blend(rows, BEST_LOG_SHARE)
    place = NAMES.index("cosine_sum")
    assert found[place] > BLEND_WEIGHTS[place] - 0.5
    others = [NAMES.index(name) for name in ("weighted_sum", "own_slow", "own_context")]
    assert found[place] > 4 * np.abs(found[others]).max()

    def blended(weights: np.ndarray) -> np.ndarray:
        return blend_terms(rows.signals, BEST_LOG_SHARE) @ weights[:-1] + weights[-1]

    assert loss(blended(found), rows) < loss(blended(BLEND_WEIGHTS), rows)


def test_the_bias_tells_how_often_no_candidate_was_it() -> None:
    """Without any signal: the hidden item is one of 4 candidates in three carts of four, so e^bias = 3/4 each."""
    carts = [[(0.0, place == cart % 4, 1) for place in range(4)] for cart in range(3)] + [[(0.0, False, 1)] * 4]
    rows = rows_of(carts * 200)
    rows.signals[:, COLUMN["log_share"]] = 0
    found = fit_blend(rows, 0.0)
    terms = blend_terms(rows.signals, 0.0)
    probabilities = np.exp(terms @ found[:-1] + found[-1])
    assert probabilities == pytest.approx(np.full(len(probabilities), 3 / 4), rel=0.02)
