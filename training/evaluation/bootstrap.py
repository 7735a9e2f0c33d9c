"""Intervals by drawing customers again: the same draws for every method, so that differences are paired."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 1000
_LEAST_GROUPS = 10


@dataclass(frozen=True)
class Interval:
    """A figure and the 2.5% and 97.5% points of its bootstrap draws; None where there is nothing to compute."""

    value: float | None
    low: float | None = None
    high: float | None = None

    def as_json(self) -> dict[str, float | None]:
        return {"value": self.value, "low": self.low, "high": self.high}


class Bootstrap:
    """One set of draws over groups of carts.

    Parameters
    ----------
    groups : int64 (carts,), what is drawn together: a customer, or an order.
    orders : int64 (carts,), drawn instead where there are fewer than ten groups.
    """

    def __init__(self, groups: NDArray[np.int64], orders: NDArray[np.int64], seed: int, draws: int = DRAWS) -> None:
        names, self._group = np.unique(groups, return_inverse=True)
        self.by_customer = len(names) >= _LEAST_GROUPS
        if not self.by_customer:
            names, self._group = np.unique(orders, return_inverse=True)
        self.groups = len(names)
        random = np.random.default_rng(seed)
        even = np.full(max(len(names), 1), 1 / max(len(names), 1))
        self._weights = random.multinomial(len(names), even, draws).astype(np.float32)

    def means(
        self, values: NDArray[np.float64], chosen: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Means over the chosen carts, float64 (columns,), and of each draw, (draws, columns); NaN where none is drawn.

        Parameters
        ----------
        values : float64 (carts, columns).  chosen : bool (carts,); all by default.
        """
        weight = np.ones(len(values)) if chosen is None else chosen.astype(np.float64)
        sums = np.column_stack([self._summed(weight), *(self._summed(column * weight) for column in values.T)])
        drawn = self._weights @ sums
        with np.errstate(invalid="ignore", divide="ignore"):
            total = sums.sum(axis=0)
            return total[1:] / total[0], drawn[:, 1:] / drawn[:, :1]

    def _summed(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(self._group, values, minlength=max(self.groups, 1))


def interval(value: float, draws: NDArray[np.float64]) -> Interval:
    """The figure with the middle 95% of its draws."""
    finite = draws[np.isfinite(draws)]
    if not np.isfinite(value):
        return Interval(None)
    if not len(finite):
        return Interval(float(value))
    low, high = np.percentile(finite, [2.5, 97.5])
    return Interval(float(value), float(low), float(high))


def ratio(value: float, draws: NDArray[np.float64], to: float, to_draws: NDArray[np.float64]) -> Interval:
    """One figure over another, draw by draw."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return interval(float(np.float64(value) / np.float64(to)), draws / to_draws)
