"""The factorization on a budget: most iterations on some of the rows, the last on all."""

from __future__ import annotations

import numpy as np
import pytest
from implicit.cpu.als import AlternatingLeastSquares
from implicit.recommender_base import ModelFitError
from scipy import sparse

from training.config import FactorConfig
from training.factorize import factorize

ROWS, SAMPLE, RARE = 3000, 1000, 16
SAMPLED = np.linspace(0, ROWS - 1, SAMPLE).astype(np.int64)


def checkerboard() -> sparse.csr_matrix:
    """Even rows hold four of the even items 0 to 14, odd rows of the odd; `RARE` is in ten even rows of no sample."""
    random = np.random.default_rng(0)
    held = np.zeros((ROWS, RARE + 1), np.float32)
    for row in range(ROWS):
        held[row, 2 * random.choice(8, 4, replace=False) + row % 2] = 1
    others = np.setdiff1d(np.arange(0, ROWS, 2), SAMPLED)
    held[others[:10], RARE] = 1
    return sparse.csr_matrix(held)


@pytest.fixture(scope="module")
def budgeted() -> tuple[np.ndarray, np.ndarray]:
    return factorize(checkerboard(), FactorConfig(factors=2, iterations=12, sample=SAMPLE), 0)


def test_every_row_and_every_item_has_its_vector(budgeted) -> None:
    rows, items = budgeted
    assert rows.shape == (ROWS, 2)
    assert (np.abs(rows).sum(axis=1) > 0).all()
    assert (np.abs(items).sum(axis=1) > 0).all()


def test_an_item_that_no_sampled_row_holds_is_placed_by_the_last_iteration(budgeted) -> None:
    _, items = budgeted
    likeness = items[:RARE] @ items[RARE]
    assert likeness[0::2].min() > 10 * np.abs(likeness[1::2]).max()


def test_worlds_are_told_apart_as_by_all_rows(budgeted) -> None:
    _, whole = factorize(checkerboard(), FactorConfig(factors=2, iterations=12), 0)
    for items in (budgeted[1], whole):
        likeness = items[:RARE] @ items[:RARE].T
        same = np.add.outer(np.arange(RARE), np.arange(RARE)) % 2 == 0
        assert likeness[same].min() > 10 * np.abs(likeness[~same]).max()


def test_the_same_seed_gives_the_same_and_one_iteration_takes_all_rows(budgeted) -> None:
    again = factorize(checkerboard(), FactorConfig(factors=2, iterations=12, sample=SAMPLE), 0)
    np.testing.assert_array_equal(again[1], budgeted[1])
    once = [factorize(checkerboard(), FactorConfig(factors=2, iterations=1, sample=n), 0)[1] for n in (SAMPLE, ROWS)]
    np.testing.assert_array_equal(*once)


def test_progress_counts_all_iterations_once() -> None:
    seen: list[tuple[int, int]] = []
    config = FactorConfig(factors=2, iterations=4, sample=SAMPLE)
    factorize(checkerboard(), config, 0, lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_numbers_that_are_not_finite_are_nothing_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where 200,000 rows are the same."""

    def diverges(*_: object, **__: object) -> None:
        raise ModelFitError("NaN encountered in factors")

    monkeypatch.setattr(AlternatingLeastSquares, "fit", diverges)
    rows, items = factorize(checkerboard(), FactorConfig(), 0)
    assert rows.shape == (ROWS, 0)
    assert items.shape == (RARE + 1, 0)
