"""What is known of an item by itself: how it sells, how lately, how often again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.catalog import Catalog
from recommender.ranker.compiled import compiled
from recommender.ranker.signals import ITEM_SIGNALS
from training.baskets import Baskets

_PRIOR = 5.0
_LONGEST_IDLE_DAYS = 3650.0
_SECONDS_A_DAY = 86_400.0
RECENT_SHARE = 0.1


def item_signals(baskets: Baskets, catalog: Catalog) -> NDArray[np.float32]:
    """float32 (items, ITEM_SIGNALS): the columns that `recommender.ranker.signals` names.

    Parameters
    ----------
    baskets : over the rows of `catalog`; giant orders count in none of it.
    """
    orders = np.flatnonzero(baskets.countable)
    number = np.repeat(np.cumsum(baskets.countable) - 1, baskets.sizes)
    lines = np.repeat(baskets.countable, baskets.sizes)
    number, items = number[lines], baskets.items[lines]
    total = max(len(orders), 1)
    share = (np.bincount(items, minlength=len(catalog)) + 0.5) / (len(orders) + 1)
    columns = {
        "log_share": np.log(share),
        "trend_30": np.log(_recent_share(items, number, total, share, 0.3) / share),
        "trend_10": np.log(_recent_share(items, number, total, share, RECENT_SHARE) / share),
        "trend_2": np.log(_recent_share(items, number, total, share, 0.02) / share),
        "age": _age(items, number, total, len(catalog)),
        "idle": _idle(baskets, lines, items, len(catalog)),
        "repeat": _repeat(baskets, lines, items, len(catalog)),
        "log_price": np.log(np.where(catalog.price > 0, catalog.price, np.nan)),
    }
    return np.column_stack([columns[name] for name in ITEM_SIGNALS]).astype(np.float32)


def recent_bestsellers(signals: NDArray[np.float32], item_orders: NDArray[np.int32], keep: int) -> NDArray[np.int32]:
    """int32: the `keep` items of the largest share in the recent window, best first, ties by row.

    Parameters
    ----------
    signals : float32 (items, ITEM_SIGNALS).
    """
    recent = signals[:, ITEM_SIGNALS.index("log_share")] + signals[:, ITEM_SIGNALS.index("trend_10")]
    rows = np.flatnonzero(item_orders > 0).astype(np.int32)
    return rows[np.lexsort((rows, -recent[rows]))][:keep]


def _recent_share(
    items: NDArray[np.int32], number: NDArray[np.int64], total: int, share: NDArray[np.float64], part: float
) -> NDArray[np.float64]:
    first = int(total * (1 - part))
    recent = np.bincount(items[number >= first], minlength=len(share))
    return (recent + _PRIOR * share) / (max(total - first, 1) + _PRIOR)


def _age(items: NDArray[np.int32], number: NDArray[np.int64], total: int, rows: int) -> NDArray[np.float64]:
    first = np.full(rows, total, np.int64)
    np.minimum.at(first, items, number)
    return np.log((total - first + 1) / (total + 1))


def _idle(baskets: Baskets, lines: NDArray[np.bool_], items: NDArray[np.int32], rows: int) -> NDArray[np.float64]:
    days = np.repeat(baskets.times, baskets.sizes)[lines] / _SECONDS_A_DAY
    last = np.full(rows, -np.inf)
    np.maximum.at(last, items, days)
    end = float(days.max()) if len(days) else 0.0
    return np.log1p(np.minimum(end - last, _LONGEST_IDLE_DAYS))


def _repeat(baskets: Baskets, lines: NDArray[np.bool_], items: NDArray[np.int32], rows: int) -> NDArray[np.float64]:
    customers = np.repeat(baskets.customers, baskets.sizes)[lines]
    known = customers >= 0
    bought = np.bincount(items[known], minlength=rows)
    buyers = _buyers(customers, items, len(baskets.customer_ids), rows)
    shop = (bought.sum() - buyers.sum()) / max(bought.sum(), 1)
    return (bought - buyers + _PRIOR * shop) / (bought + _PRIOR)


@compiled
def _buyers(
    customers: NDArray[np.int32], items: NDArray[np.int32], number_of_customers: int, rows: int
) -> NDArray[np.int64]:
    """int64 (rows,): different customers that bought each item; lines of no known customer, -1, do not count."""
    ends = np.zeros(number_of_customers + 1, np.int64)
    for customer in customers:
        ends[customer + 1] += 1
    ends[0] = 0
    ends = np.cumsum(ends)
    theirs = np.empty(ends[-1], np.int32)
    for line in range(len(customers)):
        customer = customers[line]
        if customer >= 0:
            theirs[ends[customer]] = items[line]
            ends[customer] += 1
    buyers, latest = np.zeros(rows, np.int64), np.full(rows, -1, np.int32)
    start = 0
    for customer in range(number_of_customers):
        for place in range(start, ends[customer]):
            item = theirs[place]
            if latest[item] != customer:
                latest[item] = customer
                buyers[item] += 1
        start = ends[customer]
    return buyers
