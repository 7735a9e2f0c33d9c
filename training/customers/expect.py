"""What is to be expected of each customer: whether they still come, how often, and what they bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.customers.bg_nbd import BetaGeometric, fit_visits
from training.customers.facts import Facts
from training.customers.gamma_gamma import GammaGamma, fit_money

Array = NDArray[np.float64]
LEAST_AGAIN = 10
"""Customers who came again; of fewer no model can tell whether the others left or come seldom."""
_VISITS_OF_SHOP = 5.0


@dataclass(frozen=True)
class Expected:
    """The future, of each customer; float64 (customers,), NaN where it cannot be told.

    Attributes
    ----------
    alive : the chance that they still are customers.
    orders : in the days asked for.  value : profit of these.
    overdue : days since the last visit over the customer's usual gap.
    visits_model, money_model : what was fitted; None without times, and where fewer than `LEAST_AGAIN` came again.
    """

    alive: Array
    orders: Array
    value: Array
    overdue: Array
    visits_model: BetaGeometric | None
    money_model: GammaGamma | None


def expect(facts: Facts, days: float, *, first_may_be_last: bool = True) -> Expected:
    """Fit both models to the past, and look `days` ahead.

    An expected order is an expected visit times the shop's orders a visit.
    """
    nothing = np.full(len(facts), np.nan)
    if facts.end is None:
        return Expected(nothing, nothing, nothing, nothing, None, None)
    seen = facts.seen()
    if np.count_nonzero(seen.repeats) < LEAST_AGAIN:
        return Expected(nothing, nothing, nothing, overdue(facts), None, None)
    model = fit_visits(seen, first_may_be_last=first_may_be_last)
    visits = model.expected(seen, days)
    money, bring = (None, nothing) if not facts.has_money else _brought(facts)
    return Expected(
        alive=model.alive(seen),
        orders=visits * (facts.orders.sum() / facts.visits.sum()),
        value=visits * bring,
        overdue=overdue(facts),
        visits_model=model,
        money_model=money,
    )


def overdue(facts: Facts) -> Array:
    """float64 (customers,): days since the last visit over the usual gap.

    The usual gap is the mean of the customer's own gaps and of one more: the median of those who came again. So who
    came once has the shop's gap, and two visits on two days following make no customer overdue after a week. NaN where
    nobody came again.
    """
    repeats, span = facts.visits - 1, (facts.last - facts.first).astype(np.float64)
    again = repeats > 0
    if not again.any():
        return np.full(len(facts), np.nan)
    of_shop = float(np.median(span[again] / repeats[again]))
    return facts.days_since / ((span + of_shop) / (repeats + 1))


def _brought(facts: Facts) -> tuple[GammaGamma | None, Array]:
    """The money model, and what a visit of each customer is expected to bring."""
    told = np.isfinite(facts.profit)
    visits, profit = np.where(told, facts.visits, 0.0), np.where(told, facts.profit, 0.0)
    means = np.divide(profit, visits, out=np.zeros(len(facts)), where=told)
    model = fit_money(visits, means)
    if model is not None:
        return model, model.expected(visits, means)
    of_shop = float(profit.sum() / visits.sum())
    return None, (profit + _VISITS_OF_SHOP * of_shop) / (visits + _VISITS_OF_SHOP)
