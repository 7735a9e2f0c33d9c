"""Recency, frequency and monetary value in fifths, and a plain name for each customer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.customers.facts import Facts

Array = NDArray[np.float64]
Fifths = NDArray[np.int64]

SEGMENTS = ("champions", "loyal", "new", "promising", "at-risk", "lost")
"""Names, the best first; `segment_of` tells who has which."""
LEAST_ALIVE = 0.5
"""Below it a customer is thought to be gone."""
USUAL_GAPS = 3.0
"""Of so many usual gaps nothing was heard of who may be won back."""
UNKNOWN = 0


def fifths(values: Array) -> Fifths:
    """int64 (customers,): 1 for the lowest fifth to 5 for the highest, `UNKNOWN` for NaN.

    Equal values stand in the fifth that the middle of them is in, so that the order of the file decides nothing.

    >>> fifths(np.array([10.0, 50.0, 20.0, 40.0, 30.0])).tolist()
    [1, 5, 2, 4, 3]
    >>> fifths(np.array([1.0, 1.0, 1.0, 1.0, 9.0, np.nan])).tolist()
    [3, 3, 3, 3, 5, 0]
    """
    known = np.sort(values[~np.isnan(values)])
    below, upto = (np.searchsorted(known, values, side) for side in ("left", "right"))
    scores = 5 * (below + upto) // max(2 * len(known), 1) + 1
    return np.where(np.isnan(values), UNKNOWN, scores).astype(np.int64)


def scores_of(facts: Facts) -> tuple[Fifths, Fifths, Fifths]:
    """Fifths of recency (5 came last), frequency (orders) monetary value (revenue); `UNKNOWN` where unknown."""
    recency = fifths(-facts.days_since) if facts.end is not None else np.full(len(facts), UNKNOWN)
    return recency, fifths(facts.orders), fifths(facts.revenue)


def segment_of(recency: Fifths, frequency: Fifths, monetary: Fifths, orders: Array) -> NDArray[np.int64]:
    """int64 (customers,): place in `SEGMENTS` by the first rule that holds, -1 where the recency is unknown.

    Who came lately (recency 3 and above): champions where all three are 4 or 5; loyal where the frequency is; new with
    one order and a recency of 4 or 5; promising otherwise. Who did not: at risk where frequency or monetary value is 4
    or 5, lost otherwise. Where no prices are known, the frequency stands for the monetary value.
    """
    money = np.where(monetary == UNKNOWN, frequency, monetary)
    lately, often, dear = recency >= 3, frequency >= 4, money >= 4
    rules = [
        recency == UNKNOWN,
        (recency >= 4) & often & dear,
        lately & often,
        (recency >= 4) & (orders == 1),
        lately,
        often | dear,
    ]
    return np.select(rules, [-1, 0, 1, 2, 3, 4], 5).astype(np.int64)


def to_win_back(alive: Array, overdue: Array, recency: Fifths, monetary: Fifths, profit: Array) -> NDArray[np.bool_]:
    """bool (customers,): worth much, and probably gone.

    Worth much: among the two highest fifths by revenue, at a profit. Gone: among the two fifths who have not come for
    longest, and less likely alive than not, or silent for more than `USUAL_GAPS` usual gaps.
    """
    gone = (recency <= 2) & ((alive < LEAST_ALIVE) | (overdue > USUAL_GAPS))
    return (monetary >= 4) & (profit > 0) & gone
