"""What sells more than it used to, by more than luck."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from training.baskets import Baskets
from training.common_baskets import by_item, different_customers
from training.config import Config
from training.counting.customers import up_to_most
from training.pairs import item_orders
from training.significance import false_discoveries_below

KEPT = 200
_DAY = 86_400


class Trending(NamedTuple):
    """The arrays of `recommender.model.Bestsellers` that tell of trends, the largest deviation first."""

    items: NDArray[np.int32]
    recent: NDArray[np.int32]
    expected: NDArray[np.float32]
    customers: NDArray[np.uint8]


def trending(baskets: Baskets, config: Config) -> Trending:
    """Items of which more baskets lie in the recent window than luck explains, at the configured false discovery rate.

    The rate is controlled over all items that were sold. Where customers are known the window's baskets with an item
    must be of `count.min_customers` or more. Where times are not told nothing is trending. The best 200 go by
    ``(recent - expected) / sqrt(expected + 1)``, a Poisson deviation with one basket of doubt; expected is what the
    item's earlier share of baskets would have given.
    """
    days, least, rate = config.backtest.trending_days, config.count.min_customers, config.count.false_discovery_rate
    nothing = Trending(*(np.empty(0, kind) for kind in (np.int32, np.int32, np.float32, np.uint8)))
    if not baskets.timed or not baskets.has_times:
        return nothing
    border = int(np.searchsorted(baskets.times, baskets.times[-1] - days * _DAY, side="right"))
    before, late = baskets.part(0, border), baskets.part(border, len(baskets))
    if not before.countable.any() or not late.countable.any():
        return nothing
    matrix = late.matrix()
    earlier, recent = item_orders(before.matrix()), item_orders(matrix)
    orders_before, orders_late = int(before.countable.sum()), int(late.countable.sum())
    p_values = luck_of_trends(earlier, recent, orders_late / (orders_before + orders_late))
    tested = int(((earlier > 0) | (recent > 0)).sum())
    rows = np.flatnonzero(false_discoveries_below(p_values, tested, rate)).astype(np.int32)
    customers = different_customers(by_item(matrix), rows[:, None], late.customers[late.countable])
    if baskets.has_customers:
        several = customers >= least
        rows, customers = rows[several], customers[several]
        found = false_discoveries_below(p_values[rows], tested, rate)
        rows, customers = rows[found], customers[found]
    expected = (earlier[rows] + 1) / (orders_before + 1) * orders_late
    best = np.lexsort((rows, -(recent[rows] - expected) / np.sqrt(expected + 1)))[:KEPT]
    rows, customers, expected = rows[best], customers[best], expected[best]
    return Trending(rows, recent[rows], expected.astype(np.float32), up_to_most(customers))


def luck_of_trends(earlier: NDArray[np.integer], recent: NDArray[np.integer], share: float) -> NDArray[np.float64]:
    """P(X >= recent) of the `earlier` and `recent` baskets with an item, X of which fell into the window by luck.

    Two Poisson counts of one rate are compared by the binomial count of one, given both (Przyborowski & Wilenski 1940):
    so it matters how much is known of the earlier rate. 1 where the window has none.

    Parameters
    ----------
    share : of all orders that lie in the window.

    >>> luck_of_trends(np.array([1, 9]), np.array([2, 0]), 0.5).tolist()  # (3 + 1) / 8
    [0.5, 1.0]
    """
    tail = special.betainc(np.maximum(recent, 1).astype(np.float64), earlier + 1.0, share)
    return np.where(recent > 0, tail, 1.0)
