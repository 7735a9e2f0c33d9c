"""Two arms compared: the difference of what a visitor brings, with intervals that say how sure it is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
PLANNED = 10_000
LEAST_VISITORS = 100
LEAST_BUYERS = 20
_NORMAL_975, _NORMAL_80 = 1.959964, 0.841621
SEEN_FOUR_IN_FIVE = _NORMAL_975 + _NORMAL_80


@dataclass(frozen=True)
class Difference:
    """What an arm brings a visitor more than the control, in units of the measure.

    Attributes
    ----------
    arm, control : means a visitor.
    absolute : their difference; `low` to `high` holds the true one with 95%, asked once.
    always_low, always_high : holds it at every look that was or will be taken at the experiment, with 95%.
    relative : of the control's mean, None where that is not above 0.
    would_be_seen : smallest difference that this many visitors show four times out of five.
    visitors_needed : of both arms together, to show four times out of five a difference as large as the one found.
    """

    arm: float
    control: float
    absolute: float
    low: float
    high: float
    always_low: float
    always_high: float
    relative: float | None
    would_be_seen: float
    visitors_needed: int | None


def difference(arm: NDArray[np.float64], control: NDArray[np.float64], comparisons: int = 1) -> Difference:
    """Compare what each visitor of two arms brought, float64 (visitors,), two or more in each.

    The interval is Welch's with the normal law. The one that holds at every look is the asymptotic confidence sequence
    of Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, "Time-uniform central limit theory and asymptotic confidence
    sequences" (2024), theorem 2.2, tight about `PLANNED` visitors. `comparisons` shares its 5% among that many arms.

    >>> found = difference(np.array([3.0, 5.0]), np.array([1.0, 3.0]))
    >>> found.absolute, found.relative, round(found.low, 3), round(found.high, 3)
    (2.0, 1.0, -0.772, 4.772)
    """
    visitors = len(arm) + len(control)
    error = math.sqrt(arm.var(ddof=1) / len(arm) + control.var(ddof=1) / len(control))
    absolute, base = float(arm.mean() - control.mean()), float(control.mean())
    once, always = _NORMAL_975 * error, error * sequence_factor(visitors, (1 - LEVEL) / comparisons)
    needed = None
    if absolute:
        needed = math.ceil(visitors * (SEEN_FOUR_IN_FIVE * error / absolute) ** 2)
    return Difference(
        float(arm.mean()),
        base,
        absolute,
        absolute - once,
        absolute + once,
        absolute - always,
        absolute + always,
        absolute / base if base > 0 else None,
        SEEN_FOUR_IN_FIVE * error,
        needed,
    )


def sequence_factor(visitors: int, alpha: float) -> float:
    """Standard errors that the interval reaches to each side after so many visitors, valid at every look.

    ``sqrt(2 (t r^2 + 1) / (t r^2) * log(sqrt(t r^2 + 1) / alpha))`` with t visitors, and r such that it is tightest
    about `PLANNED`: ``r^2 = (-2 log alpha + log(1 - 2 log alpha)) / PLANNED``.

    >>> round(sequence_factor(10_000, 0.05), 3)
    3.035
    """
    spread = (-2 * math.log(alpha) + math.log(1 - 2 * math.log(alpha))) / PLANNED * visitors
    return math.sqrt(2 * (spread + 1) / spread * math.log(math.sqrt(spread + 1) / alpha))


def share_mismatch(counts: NDArray[np.int64], shares: NDArray[np.float64]) -> float:
    """The probability of arms as uneven as these by luck alone, by Pearson's chi-square test.

    >>> round(share_mismatch(np.array([5100, 4900]), np.array([0.5, 0.5])), 4)
    0.0455
    """
    from scipy.stats import chisquare  # noqa: PLC0415  # a second of import, and `--help` needs none of it

    shares = shares / shares.sum()
    return float(chisquare(counts, counts.sum() * shares).pvalue)
