"""Which pairs are claimed as bought together: those that luck does not explain.

Baskets differ in size, so in shuffled data too a pair meets more often than ``c_i c_j / N``: big baskets hold
everything. The expectation here is that of a shop that fills its baskets, each as big as it was, with lines at random.
What is sold differs from season to season, too: so it does that once with all of its lines, and once period by period.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import special

from training.config import CountConfig
from training.counting import BasketLines
from training.counting.customers import Buyers
from training.counting.kernel import count_unlikely
from training.in_parts import in_parts
from training.pairs import pair_codes

_TWO_PERIODS = 3
"""Borders of them."""

_CHANCE_OF_THE_MEAN = 0.5
"""A Poisson count is its mean, where that is a whole number, or more at least so often."""


@dataclass(frozen=True)
class Claims:
    """Pairs that are more than luck, sorted by row, then column; ``rows < columns``.

    Attributes
    ----------
    rows, columns : int32 (claims,), item rows.
    counts : int32 (claims,), baskets that held both.
    expected : float64 (claims,), baskets that luck would have given, with all lines or period by period: what is more.
    p_values : float64 (claims,), chance of so many or more by luck; 0 where it is below 1e-308.
    tested : pairs that the false discovery rate was controlled over, those that never met included.
    """

    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    counts: NDArray[np.int32]
    expected: NDArray[np.float64]
    p_values: NDArray[np.float64]
    tested: int

    def __len__(self) -> int:
        return len(self.rows)

    def codes(self, items: int) -> NDArray[np.int64]:
        """int64 (claims,): `pair_codes`, ascending, for `neighbours`."""
        return pair_codes(self.rows, self.columns, items)

    def where(self, kept: NDArray[np.bool_]) -> Claims:
        """The claims that `kept`, bool (claims,), marks."""
        arrays = (self.rows, self.columns, self.counts, self.expected, self.p_values)
        return Claims(*(array[kept] for array in arrays), tested=self.tested)


def claim_pairs(lines: BasketLines, buyers: Buyers, config: CountConfig) -> Claims:
    """Pairs that met more often than luck explains, at the configured false discovery rate.

    Luck is a Poisson count around ``E_ij = c_i c_j sum s(s-1) / (sum s)^2``, s the basket sizes. The rate is controlled
    over all pairs of eligible items, those that never met included; a pair that may not be claimed (it met too seldom,
    or in too few customers' baskets) counts as tested and not found.

    That luck may put an item into a basket twice, so it expects too little where nearly all baskets hold both items:
    what does not meet more often than ``c_i c_j / N``, at a lift above 1, is no claim either.

    Parameters
    ----------
    buyers : of the same baskets. One without a customer counts as a customer of its own.
    config : its `min_item_orders`, `min_pair_count`, `min_customers` and `false_discovery_rate` apply.
    """
    rate = config.false_discovery_rate
    candidates = _candidates(lines, config)
    found = candidates.where(false_discoveries_below(candidates.p_values, candidates.tested, rate))
    if buyers.order_customers is None or config.min_customers == 1:
        return found
    shared = found.where(buyers.of_pairs(found.rows, found.columns) >= config.min_customers)
    return shared.where(false_discoveries_below(shared.p_values, shared.tested, rate))


def claims_within_periods(
    claims: Claims, lines: BasketLines, borders: NDArray[np.int64] | None, config: CountConfig
) -> Claims:
    """The claims that stand where luck fills each period's baskets with that period's lines.

    Items of one season meet more often than `claim_pairs` expects, without any connection. Here luck is a Poisson count
    around ``sum_t c_it c_jt sum_t s(s-1) / (sum_t s)^2``, t over periods of time, where that is more; and what does not
    meet more often than ``sum_t c_it c_jt / N_t`` is no claim.

    Parameters
    ----------
    claims : of the same baskets, which are in the order of time.
    borders : int64 (periods + 1,), see `training.periods`; None where no times are known, and every claim stands.
    """
    if borders is None or len(borders) < _TWO_PERIODS:
        return claims
    sizes, items = lines.sizes, len(lines.item_orders)
    expected, apart = np.zeros((2, len(claims)))
    for first, last in pairwise(borders.tolist()):
        held = np.bincount(lines.items[lines.offsets[first] : lines.offsets[last]], minlength=items).astype(np.float64)
        ways = held[claims.rows] * held[claims.columns]
        expected += ways * chance_per_pair(sizes[first:last])
        apart += ways / (last - first)
    expected = np.maximum(expected, claims.expected)
    asked = replace(claims, expected=expected, p_values=luck(claims.counts, expected)).where(claims.counts > apart)
    return asked.where(false_discoveries_below(asked.p_values, asked.tested, config.false_discovery_rate))


def chance_per_pair(sizes: NDArray[np.integer]) -> float:
    """``sum s(s-1) / (sum s)^2``: times ``c_i c_j`` it is the expected count of a pair in baskets of sizes s.

    >>> chance_per_pair(np.array([2, 3, 1]))
    0.2222222222222222
    """
    lines = sizes.astype(np.float64)
    total = float(lines.sum())
    return float((lines * (lines - 1)).sum()) / total**2 if total else 0.0


def lift_of(claims: Claims, item_orders: NDArray[np.integer], baskets: int) -> NDArray[np.float64]:
    """float64 (claims,): ``N c_ij / (c_i c_j)``, how many times more often than if the two were bought apart."""
    orders = item_orders.astype(np.float64)
    return claims.counts * float(baskets) / (orders[claims.rows] * orders[claims.columns])


def luck(counts: NDArray[np.integer], expected: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(X >= count) for a Poisson X of mean `expected`: the regularized lower incomplete gamma function.

    Computed as a tail, never as one minus the rest, so it keeps its precision down to 1e-308.

    >>> float(luck(np.array([1]), np.array([1.0]))[0])  # 1 - 1/e
    0.632120558828557...
    """
    return special.gammainc(counts.astype(np.float64), expected)


def false_discoveries_below(p_values: NDArray[np.float64], tested: int, rate: float) -> NDArray[np.bool_]:
    """Benjamini & Hochberg (1995): which tests to call found so that at most `rate` of them are expected to be luck.

    Parameters
    ----------
    p_values : float64 (n,), of the tests that can be found.
    tested : number of all tests, n or more; those not listed count as not found.

    >>> false_discoveries_below(np.array([0.001, 0.04, 0.012]), tested=4, rate=0.05).tolist()
    [True, False, True]
    """
    order = np.argsort(p_values, kind="stable")
    bounds = rate * np.arange(1, len(order) + 1) / max(tested, 1)
    passed = np.flatnonzero(p_values[order] <= bounds)
    found = np.zeros(len(order), np.bool_)
    found[order[: passed[-1] + 1 if len(passed) else 0]] = True
    return found


def _candidates(lines: BasketLines, config: CountConfig) -> Claims:
    """Pairs that may be claimed; those above the rate by themselves never can be, and are left out."""
    orders, chance, rate = lines.item_orders, chance_per_pair(lines.sizes), config.false_discovery_rate
    eligible = orders >= config.min_item_orders
    mean_may_do = rate >= _CHANCE_OF_THE_MEAN
    expecting = np.where(eligible, 0.0 if mean_may_do else orders.astype(np.float64), -1.0)
    items, work = int(eligible.sum()), lines.meetings()

    def loop(first: int, last: int) -> Claims:
        room = int(np.minimum(work[first:last], len(orders)).sum())
        lengths, columns, both = count_unlikely(lines.walk, expecting, chance, config.min_pair_count, first, last, room)
        rows = np.repeat(np.arange(first, last, dtype=np.int32), lengths)
        expected = orders[rows].astype(np.float64) * orders[columns] * chance
        found = Claims(rows, columns, both, expected, luck(both, expected), tested=items * (items - 1) // 2)
        return found.where((found.p_values <= rate) & (lift_of(found, orders, len(lines.sizes)) > 1))

    return _joined([part for part, _ in in_parts(work, loop)] or [loop(0, 0)])


def _joined(parts: list[Claims]) -> Claims:
    names = ("rows", "columns", "counts", "expected", "p_values")
    return Claims(*(np.concatenate([getattr(part, name) for part in parts]) for name in names), parts[0].tested)
