"""What a customer's visit brings on average: the Gamma-Gamma model.

A visit's money is Gamma(p, ν) and ν ~ Gamma(q, γ) varies between customers, independent of how often they come (Fader &
Hardie 2013, "The Gamma-Gamma model of monetary value"). What is expected of a customer is then a mean of their own
average and the shop's, weighed by the number of visits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import gammaln

Array = NDArray[np.float64]

FITTED_ON = 100_000
LEAST_CUSTOMERS = 10
_LOOSE = 3.0
_BOUND = 12.0


@dataclass(frozen=True)
class GammaGamma:
    """The three parameters, `gamma` in the shop's currency; q is above 1."""

    p: float
    q: float
    gamma: float

    @property
    def of_population(self) -> float:
        """What a visit of a customer brings of whom nothing is known."""
        return self.p * self.gamma / (self.q - 1)

    def log_likelihood(self, visits: Array, means: Array) -> Array:
        """float64 (customers,): of an average above 0 over so many visits (equation 1a of the note, in logarithms)."""
        px = self.p * visits
        shapes = gammaln(px + self.q) - gammaln(px) - gammaln(self.q)
        rates = self.q * np.log(self.gamma) + (px - 1) * np.log(means) + px * np.log(visits)
        return shapes + rates - (px + self.q) * np.log(self.gamma + means * visits)

    def expected(self, visits: Array, means: Array) -> Array:
        """float64 (customers,): what the next visit brings; an average of 0 or below counts as it is.

        >>> shop = GammaGamma(p=6.0, q=4.0, gamma=15.0)
        >>> shop.of_population, shop.expected(np.array([0.0, 2.0]), np.array([0.0, 40.0])).tolist()
        (30.0, [30.0, 38.0])
        """
        return self.p * (self.gamma + means * visits) / (self.p * visits + self.q - 1)


def fit_money(visits: Array, means: Array, *, loose: float = _LOOSE) -> GammaGamma | None:
    """The likeliest parameters among customers of two visits or more whose average is above 0, held softly by a prior.

    The logarithms of p, of q - 1 and of gamma over the median average are normal with deviation `loose` around 0. None
    where fewer than `LEAST_CUSTOMERS` can tell.
    """
    told = np.flatnonzero((visits >= 2) & (means > 0))
    if len(told) < LEAST_CUSTOMERS:
        return None
    if len(told) > FITTED_ON:
        told = told[np.linspace(0, len(told) - 1, FITTED_ON).astype(np.int64)]
    unit = float(np.median(means[told]))
    often, scaled = visits[told], means[told] / unit

    def model_of(logs: Array) -> GammaGamma:
        p, above_one, gamma = np.exp(logs).tolist()
        return GammaGamma(p, 1 + above_one, gamma)

    def cost(logs: Array) -> float:
        return float(-model_of(logs).log_likelihood(often, scaled).sum() + 0.5 * np.sum((logs / loose) ** 2))

    found = minimize(cost, np.zeros(3), method="L-BFGS-B", bounds=[(-_BOUND, _BOUND)] * 3)
    model = model_of(found.x)
    return GammaGamma(model.p, model.q, model.gamma * unit)
