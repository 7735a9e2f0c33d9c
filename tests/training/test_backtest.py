"""The gate: a ranking that loses to bestsellers by more than luck."""

from __future__ import annotations

import numpy as np
import pytest

from training.backtest import PLACES, Measured


@pytest.mark.parametrize(
    ("gained", "lost", "loses"),
    [(0, 4, False), (0, 5, True), (1, 7, True), (1, 6, False), (3, 3, False), (7, 1, False), (0, 0, False)],
)
def test_carts_that_only_one_of_them_hit_decide(gained: int, lost: int, *, loses: bool) -> None:
    """Of five coins all fall on one side once in 32 times, of four once in 16; at most one of eight 9 times in 256, of
    seven 8 times in 128."""
    both = 20
    ranks = np.array([0] * (both + gained) + [PLACES] * lost)
    bestsellers = np.array([0] * both + [PLACES] * gained + [0] * lost)
    assert Measured(ranks, bestsellers, 1, 0.0).loses_to_bestsellers() == loses
