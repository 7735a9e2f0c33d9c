"""The likelihood of the hidden item, against plain arithmetic."""

from __future__ import annotations

import math

import numpy as np
import pytest
from fitting_rows_made_up import rows_of

from training.ranker.objective import chances, loss, losses, sums


def test_chances_by_hand() -> None:
    """Two carts: weights 1 and 3 at logits 0 and ln 2; one alone at ln 4; a cart without candidates between them."""
    scores = np.log([1, 2, 4])
    found = chances(scores, np.array([1, 3, 1], np.float32), np.array([0, 2, 2, 3]))
    assert found.tolist() == pytest.approx([1 / 8, 6 / 8, 4 / 5])


def test_the_loss_by_hand() -> None:
    """The first cart's hidden item is its second candidate (6/8 for three like it, 2/8 for it), of the others none."""
    rows = rows_of([[(0.0, False, 1), (math.log(2), True, 3)], [], [(math.log(4), False, 1)]])
    each = [-math.log(2 / 8), 0, -math.log(1 / 5)]
    assert losses(rows.signals[:, -1], rows).tolist() == pytest.approx(each)
    assert loss(rows.signals[:, -1], rows) == pytest.approx(sum(each) / 3)


def test_scores_far_out_overflow_nothing() -> None:
    rows = rows_of([[(1e30, True, 1), (-1e30, False, 1)]])
    assert loss(rows.signals[:, -1], rows) == pytest.approx(0, abs=1e-9)
    assert np.isfinite(chances(rows.signals[:, -1], rows.weights, rows.offsets)).all()


def test_sums_of_carts() -> None:
    assert sums(np.array([1.0, 2.0, 4.0]), np.array([0, 0, 2, 3, 3])).tolist() == [0, 3, 4, 0]


def test_no_carts_at_all() -> None:
    rows = rows_of([])
    assert loss(rows.signals[:, -1], rows) == 0
