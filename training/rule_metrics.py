"""What is known of a rule ``antecedents => consequent`` from four counts.

Every function takes arrays (or numbers) that broadcast: baskets with `both`, with the `antecedent`, with the
`consequent`, and `baskets` in all; ``0 <= both <= antecedent, consequent <= baskets`` and both are at least 1.
It returns float64.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import xlogy

Z_95 = 1.959963984540054

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RuleMetrics:
    """Every metric of a list of rules, each float64 (rules,).

    Attributes
    ----------
    support : share of baskets with both, 0 to 1.
    confidence : share of the antecedent's baskets that hold the consequent too, 0 to 1.
    confidence_low, confidence_high : its 95% Wilson interval.
    lift : confidence over the consequent's support, 0 or more; 1 is no dependence.
    leverage : support minus the support that independence gives, -0.25 to 0.25.
    conviction : baskets expected to break the rule over those that do, 0 or more; infinite where none does.
    cosine : support over the geometric mean of the two supports, 0 to 1.
    jaccard : baskets with both over baskets with either, 0 to 1.
    llr : log-likelihood ratio of the dependence, 0 or more, in either direction.
    """

    support: Floats
    confidence: Floats
    confidence_low: Floats
    confidence_high: Floats
    lift: Floats
    leverage: Floats
    conviction: Floats
    cosine: Floats
    jaccard: Floats
    llr: Floats


METRICS = tuple(field.name for field in fields(RuleMetrics))


def rule_metrics(both: ArrayLike, antecedent: ArrayLike, consequent: ArrayLike, baskets: int) -> RuleMetrics:
    """Every metric of every rule.

    >>> m = rule_metrics([4], [6], [8], 12)
    >>> float(m.confidence[0]), float(m.lift[0]), float(m.leverage[0]), float(m.conviction[0])
    (0.6666666666666666, 1.0, 0.0, 1.0)
    """
    low, high = wilson(both, antecedent)
    return RuleMetrics(
        support=support(both, baskets),
        confidence=confidence(both, antecedent),
        confidence_low=low,
        confidence_high=high,
        lift=lift(both, antecedent, consequent, baskets),
        leverage=leverage(both, antecedent, consequent, baskets),
        conviction=conviction(both, antecedent, consequent, baskets),
        cosine=cosine(both, antecedent, consequent),
        jaccard=jaccard(both, antecedent, consequent),
        llr=llr(both, antecedent, consequent, baskets),
    )


def support(both: ArrayLike, baskets: ArrayLike) -> Floats:
    """``both / baskets`` (Agrawal, Imielinski & Swami 1993)."""
    return _f(both) / _f(baskets)


def confidence(both: ArrayLike, antecedent: ArrayLike) -> Floats:
    """``both / antecedent`` (Agrawal, Imielinski & Swami 1993)."""
    return _f(both) / _f(antecedent)


def wilson(both: ArrayLike, antecedent: ArrayLike, z: float = Z_95) -> tuple[Floats, Floats]:
    """Lower and upper bound of the score interval of the confidence (Wilson 1927), 95% for the default `z`.

    ``(p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)`` with ``p = both / antecedent``, ``n = antecedent``;
    exactly 0 at the lower end where both is 0, and exactly 1 at the upper end where both is n.

    >>> low, high = wilson([1], [10])
    >>> round(float(low[0]), 4), round(float(high[0]), 4)
    (0.0179, 0.4042)
    """
    k, n = _f(both), _f(antecedent)
    p = k / n
    center = p + z * z / (2 * n)
    reach = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low = np.where(k == 0, 0.0, np.maximum((center - reach) / scale, 0.0))
    high = np.where(k == n, 1.0, np.minimum((center + reach) / scale, 1.0))
    return low, high


def lift(both: ArrayLike, antecedent: ArrayLike, consequent: ArrayLike, baskets: ArrayLike) -> Floats:
    """``both * baskets / (antecedent * consequent)`` (Brin, Motwani, Ullman & Tsur 1997, there "interest")."""
    return _f(both) * _f(baskets) / (_f(antecedent) * _f(consequent))


def leverage(both: ArrayLike, antecedent: ArrayLike, consequent: ArrayLike, baskets: ArrayLike) -> Floats:
    """``both/baskets - antecedent/baskets * consequent/baskets`` (Piatetsky-Shapiro 1991)."""
    n = _f(baskets)
    return _f(both) / n - _f(antecedent) / n * (_f(consequent) / n)


def conviction(both: ArrayLike, antecedent: ArrayLike, consequent: ArrayLike, baskets: ArrayLike) -> Floats:
    """``antecedent * (baskets - consequent) / (baskets * (antecedent - both))`` (Brin et al. 1997).

    Infinite where no basket breaks the rule (confidence 1), even where the consequent is in every basket.
    """
    a, n = _f(antecedent), _f(baskets)
    broken = a - _f(both)
    expected = a * (n - _f(consequent)) / n
    whole = np.broadcast_to(broken == 0, np.broadcast_shapes(broken.shape, expected.shape))
    return np.divide(expected, broken, out=np.full(whole.shape, np.inf), where=~whole)


def cosine(both: ArrayLike, antecedent: ArrayLike, consequent: ArrayLike) -> Floats:
    """``both / sqrt(antecedent * consequent)``."""
    return _f(both) / np.sqrt(_f(antecedent) * _f(consequent))


def jaccard(both: ArrayLike, antecedent: ArrayLike, consequent: ArrayLike) -> Floats:
    """``both / (antecedent + consequent - both)`` (Jaccard 1901)."""
    k = _f(both)
    return k / (_f(antecedent) + _f(consequent) - k)


def llr(both: ArrayLike, antecedent: ArrayLike, consequent: ArrayLike, baskets: ArrayLike) -> Floats:
    """The log-likelihood ratio ``G^2 = 2 sum O ln(O / E)`` over the four cells of the 2 x 2 table (Dunning 1993).

    O are the observed baskets with both, one, the other and neither, E those that independence gives; an empty cell
    adds 0. It is large for attraction and for repulsion alike: read it beside the lift.
    """
    k, a, c, n = _f(both), _f(antecedent), _f(consequent), _f(baskets)
    cells = (
        (k, a * c / n),
        (a - k, a * (n - c) / n),
        (c - k, (n - a) * c / n),
        (n - a - c + k, (n - a) * (n - c) / n),
    )
    total = sum((_cell(observed, expected) for observed, expected in cells), start=np.zeros(()))
    return np.maximum(2 * total, 0.0)


def _cell(observed: Floats, expected: Floats) -> Floats:
    ratio = np.divide(observed, expected, out=np.ones(np.broadcast(observed, expected).shape), where=expected > 0)
    return xlogy(observed, ratio)


def _f(counts: ArrayLike) -> Floats:
    return np.asarray(counts, np.float64)
