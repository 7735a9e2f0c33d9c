"""One slot of the scratch for each item that a cart meets, and what its columns mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled

COSINE_SUM, COSINE_MAX, CONFIDENCE_SUM, CONFIDENCE_MAX, WEIGHTED_SUM, WEIGHTED_MAX = 0, 1, 2, 3, 4, 5
EASE_SUM, EASE_MAX, LIFT_MAX, MET, SIMILAR, TASTE = 6, 7, 8, 9, 10, 11
"""Columns of `Scratch.pair`."""

COUNT, FAST, SLOW, LAST_DAYS, CONTEXT, SINCE, FIRST_DAYS = 0, 1, 2, 3, 4, 5, 6
"""Columns of `Scratch.own`."""


@compiled
def take_slot(slot_of: NDArray[np.int32], rows: NDArray[np.int32], item: int, used: int) -> int:
    """Give an item the next slot unless it has one; returns the slots in use.

    The arrays are those of `recommender.ranker.inputs.Scratch`: handing over all of it would count references in the
    innermost loops.
    """
    if slot_of[item] == 0:
        rows[used] = item
        used += 1
        slot_of[item] = used
    return used
