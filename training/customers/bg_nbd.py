"""How often customers come, and whether they still do: the beta-geometric model of repeat visits.

While a customer is alive, visits come by a Poisson process of rate λ ~ Gamma(r, α); after each visit the customer
leaves for good with chance p ~ Beta(a, b). In BG/NBD (Fader, Hardie & Lee 2005, "Counting your customers" the easy way,
Marketing Science 24(2)) nobody leaves at the first visit, so whoever came once is alive for sure; in MBG/NBD (Batislam,
Denizel & Filiztekin 2007, Int. Journal of Research in Marketing 24(3)) the first visit may be the last. The two differ
in one place: a customer with x repeat visits was asked to leave x times in BG/NBD, x + 1 times in MBG/NBD.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaincinv, gammaln, hyp2f1

Array = NDArray[np.float64]

FITTED_ON = 100_000
_LOOSE = 3.0
_BOUND = 12.0
_NEAR_ONE = 1e-5
_LEVELS = 64
_LEAST = 1e-12


@dataclass(frozen=True)
class Visits:
    """What the model sees of each customer, float64 (customers,), in days.

    Attributes
    ----------
    repeats : visits after the first one.  recency : from the first visit to the last.  age : from the first visit to
        the end of the orders.
    """

    repeats: Array
    recency: Array
    age: Array

    def __len__(self) -> int:
        return len(self.repeats)

    def where(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> Visits:
        """Some of the customers."""
        return Visits(self.repeats[rows], self.recency[rows], self.age[rows])


@dataclass(frozen=True)
class BetaGeometric:
    """The four parameters, `alpha` in days; `first_may_be_last` is what makes it MBG/NBD."""

    r: float
    alpha: float
    a: float
    b: float
    first_may_be_last: bool = True

    def log_likelihood(self, visits: Visits) -> Array:
        """float64 (customers,): equation 6 of Fader, Hardie & Lee, in logarithms.

        >>> one = Visits(np.array([2.0]), np.array([30.43]), np.array([38.86]))
        >>> BetaGeometric(0.243, 4.414, 0.793, 2.426, first_may_be_last=False).log_likelihood(one).round(6).tolist()
        [-9.458606]
        """
        x, stays = visits.repeats, self._stays(visits)
        shape = self.r + x
        rate = gammaln(shape) - gammaln(self.r) + self.r * np.log(self.alpha)
        stayed = gammaln(self.a + self.b) + gammaln(self.b + stays) - gammaln(self.b) - gammaln(self.a + self.b + stays)
        alive = -shape * np.log(self.alpha + visits.age)
        return rate + stayed + np.logaddexp(alive, alive + self._log_odds_gone(visits))

    def alive(self, visits: Visits) -> Array:
        """float64 (customers,): the chance of not having left."""
        odds = self._log_odds_gone(visits)
        return np.exp(-np.logaddexp(0.0, odds))

    def expected(self, visits: Visits, days: float) -> Array:
        """float64 (customers,): visits in the next `days`, whether alive or not.

        Equation 10 of Fader, Hardie & Lee after Euler's transformation of its hypergeometric function. Its arguments
        grow with the visits and overflow; after it, only the third one grows, and does no harm.
        """
        a = 1 + np.copysign(max(abs(self.a - 1), _NEAR_ONE), self.a - 1)
        stays = self._stays(visits)
        since = self.alpha + visits.age
        left = np.power(since / (since + days), a - 1)
        beside = a + self.b - 1 - self.r + (1.0 if self.first_may_be_last else 0.0)
        with np.errstate(over="ignore", invalid="ignore"):
            series = hyp2f1(a - 1, beside, a + self.b + stays - 1, days / (since + days))
            of_alive = (a + self.b + stays - 1) / (a - 1) * (1 - left * series)
        beyond = np.flatnonzero(~np.isfinite(of_alive))
        of_alive[beyond] = self._by_quantiles(visits.where(beyond), days)
        return np.clip(of_alive, 0.0, self._were_nobody_to_leave(visits, days)) * self.alive(visits)

    def _were_nobody_to_leave(self, visits: Visits, days: float) -> Array:
        return (self.r + visits.repeats) * days / (self.alpha + visits.age)

    def _by_quantiles(self, visits: Visits, days: float) -> Array:
        """What those who are alive are expected to do, as a mean over quantiles of their chance to leave."""
        total = np.zeros(len(visits))
        for level in (np.arange(_LEVELS) + 0.5) / _LEVELS:
            leave = np.maximum(betaincinv(self.a, self.b + self._stays(visits), level), _LEAST)
            shape, since = self.r + visits.repeats, self.alpha + visits.age
            total += -np.expm1(-shape * np.log1p(leave * days / since)) / leave
        return total / _LEVELS

    def _stays(self, visits: Visits) -> Array:
        return visits.repeats + (1.0 if self.first_may_be_last else 0.0)

    def _log_odds_gone(self, visits: Visits) -> Array:
        stays = self._stays(visits)
        longer = np.log(self.alpha + visits.age) - np.log(self.alpha + visits.recency)
        with np.errstate(divide="ignore", invalid="ignore"):
            odds = np.log(self.a) - np.log(self.b + stays - 1) + (self.r + visits.repeats) * longer
        return np.where(stays > 0, odds, -np.inf)


def fit_visits(visits: Visits, *, first_may_be_last: bool = True, loose: float = _LOOSE) -> BetaGeometric:
    """The likeliest parameters, held softly by a prior: each one's logarithm is normal with deviation `loose`.

    The prior weighs as much in a shop of ten customers as in one of a million, where it is no longer seen. Its middle
    is 1 for r, a and b, and the mean age for alpha, so that it does not depend on the unit of time. Of more than
    `FITTED_ON` customers so many are taken, evenly spread.

    Parameters
    ----------
    loose : infinite for plain maximum likelihood.
    """
    if len(visits) > FITTED_ON:
        visits = visits.where(np.linspace(0, len(visits) - 1, FITTED_ON).astype(np.int64))
    unit = max(float(visits.age.mean()), 1.0) if len(visits) else 1.0
    rows, counts = np.unique(np.stack([visits.repeats, visits.recency, visits.age]), axis=1, return_counts=True)
    scaled = Visits(rows[0], rows[1] / unit, rows[2] / unit)

    def cost(logs: Array) -> float:
        r, alpha, a, b = np.exp(logs).tolist()
        model = BetaGeometric(r, alpha, a, b, first_may_be_last)
        return float(-(counts @ model.log_likelihood(scaled)) + 0.5 * np.sum((logs / loose) ** 2))

    found = minimize(cost, np.zeros(4), method="L-BFGS-B", bounds=[(-_BOUND, _BOUND)] * 4)
    r, alpha, a, b = np.exp(found.x).tolist()
    return BetaGeometric(r, alpha * unit, a, b, first_may_be_last)
