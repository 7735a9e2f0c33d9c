"""The two cuts in time: what is counted, what is tuned on, and what is reported."""

from __future__ import annotations

from dataclasses import dataclass

from training.backtest import split
from training.baskets import Baskets


@dataclass(frozen=True)
class Windows:
    """Orders ``[0, tuning)`` are counted while tuning, ``[tuning, reported)`` tuned on, ``[reported, end)`` reported.

    What is reported is predicted from counts of ``[0, reported)``.
    """

    tuning: int
    reported: int
    end: int


def windows(baskets: Baskets, share: float) -> Windows:
    """The last `share` of all orders is reported, the last `share` of those before is tuned on, as training does.

    Parameters
    ----------
    baskets : with a time each.
    """
    reported = split(baskets, share)
    return Windows(split(baskets.part(0, reported), share), reported, len(baskets))
