"""One slot of the scratch for each item that a cart meets, and what its sums mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled

COSINES, WEIGHTED, EASE, SIMILAR, TASTE = 0, 1, 2, 3, 4
"""Rows of `Scratch.sums` for what the cart and the customer's tastes say."""

COUNT, FAST, SLOW, CONTEXT, FIRST_DAYS, LAST_DAYS, SINCE = 5, 6, 7, 8, 9, 10, 11
"""Rows of `Scratch.sums` for what the customer's own orders say."""


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
