"""What more money costs in hits: the top twenty, ranked again with a growing weight on what an item is worth."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from training.evaluation.lists import Lists

WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
_LEAST_SHARE = 0.01


def frontier(lists: Lists, worth: NDArray[np.float64]) -> Iterator[tuple[float, Lists]]:
    """The lists by ``p * worth ** weight`` for each weight; nothing where there are no probabilities or no worth.

    Weight 0 leaves the lists in their own order.

    An item of unknown worth counts as the median one, and one that earns nothing as a hundredth of it.

    Parameters
    ----------
    worth : float64 (items,), margin or price, NaN unknown.
    """
    known = worth[worth > 0]
    if lists.probabilities is None or not len(known):
        return
    median = float(np.median(known))
    values = np.maximum(np.where(np.isnan(worth), median, worth), _LEAST_SHARE * median)
    chance = np.where(np.isnan(lists.probabilities), 0.0, lists.probabilities)
    with np.errstate(divide="ignore"):
        log_chance = np.where(lists.rows >= 0, np.log(np.maximum(chance, 1e-300)), -np.inf)
    log_worth = np.log(values)[np.maximum(lists.rows, 0)]
    for weight in WEIGHTS:
        if not weight:
            yield weight, lists
            continue
        order = np.argsort(-(log_chance + weight * log_worth), axis=1, kind="stable")
        yield weight, Lists(np.take_along_axis(lists.rows, order, axis=1))
