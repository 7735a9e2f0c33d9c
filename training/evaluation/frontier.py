"""What more money costs in hits: the top twenty, ranked again with a growing weight on what an item is worth."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from recommender.objective import log_factors
from training.evaluation.lists import Lists

WEIGHTS = (0.0, 0.5, 1.0, 2.0, 4.0)


def frontier(lists: Lists, worth: NDArray[np.float64]) -> Iterator[tuple[float, Lists]]:
    """The lists by ``p * (1 + weight * worth / median worth)``, the form that objectives are served in.

    Nothing where there are no probabilities or no worth. Weight 0 leaves the lists in their own order; an item of
    unknown worth counts as one that earns nothing.

    Parameters
    ----------
    worth : float64 (items,), margin or price, NaN unknown.
    """
    known = worth[worth > 0]
    if lists.probabilities is None or not len(known):
        return
    median = float(np.median(known))
    chance = np.where(np.isnan(lists.probabilities), 0.0, lists.probabilities)
    with np.errstate(divide="ignore"):
        log_chance = np.where(lists.rows >= 0, np.log(np.maximum(chance, 1e-300)), -np.inf)
    for weight in WEIGHTS:
        if not weight:
            yield weight, lists
            continue
        factors = log_factors(worth, weight / median)[np.maximum(lists.rows, 0)]
        order = np.argsort(-(log_chance + factors), axis=1, kind="stable")
        yield weight, Lists(np.take_along_axis(lists.rows, order, axis=1))
