"""Periods of time with about as many orders each: what luck does is asked of each by itself."""

from __future__ import annotations

from math import isqrt

import numpy as np
from numpy.typing import NDArray

from training.baskets import Baskets

_ORDERS_OF_A_ROOT = 3
"""A period has three times the square root of all orders: borders that cut through a season cost less the more periods
there are, what a pair's own meetings add to what luck would give costs less the more orders a period has, and both
must be the smaller, the more orders there are to tell a pair from luck by."""


def periods_of(baskets: Baskets, most: int) -> NDArray[np.int64] | None:
    """The `period_borders` of the countable baskets; None where the file tells no times."""
    return period_borders(baskets.times[baskets.countable], most) if baskets.timed else None


def period_borders(times: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """int64 (periods + 1,): orders ``[borders[p], borders[p + 1])`` are period p, a third of the root of all at most.

    Orders of one time are in one period, in whatever order they came; so there are fewer periods where days are few.

    Parameters
    ----------
    times : int64 (orders,), rising.  most : periods, 1 or more.

    >>> period_borders(np.arange(144), 120).tolist()
    [0, 36, 72, 108, 144]
    >>> period_borders(np.repeat([0, 1, 2], [50, 90, 4]), 120).tolist()
    [0, 50, 144]
    """
    orders = len(times)
    periods = max(min(most, isqrt(orders) // _ORDERS_OF_A_ROOT), 1)
    firsts = np.arange(1, periods) * orders // periods
    return np.unique([0, *np.searchsorted(times, times[firsts]), orders]).astype(np.int64)
