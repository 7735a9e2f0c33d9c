"""One slot of the scratch for each item that a cart meets, and what its sums mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled

COSINES, WEIGHTED, EASE, SIMILAR, TASTE = 0, 1, 2, 3, 4
"""Rows of `Scratch.sums`: what the cart and the customer's tastes say."""

COUNT, FAST, SLOW, CONTEXT, FIRST_DAYS, LAST_DAYS, SINCE = 0, 1, 2, 3, 4, 5, 6
"""Columns of `Scratch.own`: what the customer's own orders say of an item that they held."""


@compiled
def taken_slot(
    slot_of: NDArray[np.int32], rows: NDArray[np.int32], item: int | np.uintp, used: int
) -> tuple[np.uintp, int]:
    """An item's slot, the next one unless it has one already, and the slots in use.

    Row numbers are taken as unsigned: nothing has to be asked before they count as places. Written is whether or not
    the item is new, as the processor cannot foresee it: `rows` has one place more than there are items. The arrays are
    those of `recommender.ranker.inputs.Scratch`: handing over all of it would count references in the innermost loops.
    """
    row = np.uintp(item)
    held = slot_of[row]
    slot = np.uintp(used if held == 0 else held - 1)
    rows[np.uintp(used)] = item
    slot_of[row] = slot + np.uintp(1)
    return slot, used + (held == 0)
