"""A shop described by a few numbers, for people without data: a year of groceries.

The numbers are those of a year of a grocer's baskets (2,469 households, 155,848 orders, 68,509 items): quantiles of
order sizes and of orders a customer, the popularity of items by rank, weekdays. What goes together is not described but
made up: each order has a purpose with a small assortment of its own, and each customer has favourites.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.baskets import Baskets

_ITEMS = 10_000
_CUSTOMERS = 800
_QUANTILES = np.array([0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9, 100]) / 100
_SIZES = np.array([1, 1, 1, 1, 2, 5, 12, 24, 35, 59, 90, 161], float)
_ORDERS = np.array([1, 1, 5, 9, 20, 43, 83, 137, 183, 335, 698, 780], float)
_RANKS = np.array([1, 2, 5, 10, 30, 100, 300, 1000, 3000, 10000], float)
_SHARES = np.array([0.01156, 0.00788, 0.00369, 0.00224, 0.00163, 6.35e-4, 3.0e-4, 1.39e-4, 6.4e-5, 2.04e-5])
_WEEKDAYS = np.array([0.138, 0.135, 0.131, 0.135, 0.135, 0.160, 0.166])  # Monday first
_HOURS = np.array(
    [
        0.3,
        0.2,
        0.2,
        0.2,
        0.3,
        0.7,
        1.4,
        2.3,
        3.3,
        4.4,
        5.4,
        6.2,
        6.6,
        6.8,
        7.1,
        7.7,
        8.9,
        9.7,
        9.3,
        7.4,
        5.0,
        3.3,
        2.0,
        1.3,
    ]
)
_PURPOSES = 120
_PURPOSE_ITEMS = 60
_FAVOURITES = 40
_FAVOURITE_SHARE, _PURPOSE_SHARE = 0.35, 0.4
_START = 1_483_228_800  # 2017-01-01
_DAYS = 365
_DAY = 86_400


def groceries(seed: int) -> Baskets:
    """About 50,000 orders of 800 customers in a year; the same seed gives the same."""
    rng = np.random.default_rng([seed, 1])
    popularity = np.exp(np.interp(np.log(np.arange(1, _ITEMS + 1)), np.log(_RANKS), np.log(_SHARES)))
    popularity = popularity[rng.permutation(_ITEMS)] / popularity.sum()
    rising = np.cumsum(popularity)
    purposes = _assortments(rng, rising, _PURPOSES, _PURPOSE_ITEMS)
    favourites = _assortments(rng, rising, _CUSTOMERS, _FAVOURITES)
    number = np.maximum(1, np.interp(rng.random(_CUSTOMERS), _QUANTILES, _ORDERS)).astype(np.int64)
    customers = np.repeat(np.arange(_CUSTOMERS, dtype=np.int32), number)
    times = _times(rng, len(customers))
    order = np.argsort(times, kind="stable")
    customers, times = customers[order], times[order]
    sizes = np.interp(rng.random(len(customers)), _QUANTILES, _SIZES).astype(np.int64)
    items, offsets = _lines(rng, sizes, favourites[customers], purposes, rising)
    prices = np.round(np.exp(rng.normal(0.9, 0.7, _ITEMS)), 2)
    return Baskets(
        item_ids=[f"i{row:05}" for row in range(_ITEMS)],
        customer_ids=[f"c{row:05}" for row in range(_CUSTOMERS)],
        offsets=offsets,
        items=items,
        quantities=(1 + (rng.random(len(items)) < 0.2) + (rng.random(len(items)) < 0.05)).astype(np.float32),
        prices=prices[items],
        costs=np.full(len(items), np.nan),
        times=times,
        customers=customers,
        countable=np.ones(len(customers), np.bool_),
        returned=np.zeros(_ITEMS),
        sold=np.bincount(items, minlength=_ITEMS).astype(np.float64),
    )


def _assortments(rng: np.random.Generator, rising: NDArray[np.float64], many: int, items: int) -> NDArray[np.int64]:
    """int64 (many, items), drawn by popularity, evened out so that each assortment has something of its own."""
    even = rng.random((many, items)) < 0.5
    drawn = np.searchsorted(rising, rng.random((many, items)) * rising[-1])
    return np.where(even, rng.integers(0, len(rising), (many, items)), np.minimum(drawn, len(rising) - 1))


def _times(rng: np.random.Generator, orders: int) -> NDArray[np.int64]:
    days = np.arange(_DAYS)
    weights = _WEEKDAYS[(days + 6) % 7] * (1 + 0.06 * np.sin(2 * np.pi * days / _DAYS)) * (1 + 0.1 * days / _DAYS)
    day = rng.choice(_DAYS, orders, p=weights / weights.sum())
    hour = rng.choice(24, orders, p=_HOURS / _HOURS.sum())
    return _START + day * _DAY + hour * 3600 + rng.integers(0, 3600, orders)


def _lines(
    rng: np.random.Generator,
    sizes: NDArray[np.int64],
    favourites: NDArray[np.int64],
    purposes: NDArray[np.int64],
    rising: NDArray[np.float64],
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Lines of every order: favourites of its customer, its purpose's assortment, and anything; an item once."""
    order = np.repeat(np.arange(len(sizes)), sizes)
    purpose = rng.integers(0, len(purposes), len(sizes))[order]
    kind = rng.random(len(order))
    # a line's place in an assortment is skewed, so that each has its own bestsellers
    own = favourites[order, (rng.random(len(order)) ** 2 * favourites.shape[1]).astype(np.int64)]
    aimed = purposes[purpose, (rng.random(len(order)) ** 2 * purposes.shape[1]).astype(np.int64)]
    anything = np.minimum(np.searchsorted(rising, rng.random(len(order)) * rising[-1]), len(rising) - 1)
    aim = kind < _FAVOURITE_SHARE + _PURPOSE_SHARE
    items = np.where(kind < _FAVOURITE_SHARE, own, np.where(aim, aimed, anything))
    pairs = np.unique(order * len(rising) + items)
    counts = np.bincount(pairs // len(rising), minlength=len(sizes))
    return (pairs % len(rising)).astype(np.int32), np.concatenate(([0], np.cumsum(counts)))
