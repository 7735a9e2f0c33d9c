"""Who orders when, and how much: the new orders before their lines are drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recommender.errors import UsageError
from training.synth.shop import Shop

_DAY = 86_400
_WEEK = 7 * _DAY
_HALF_HOUR = 1800
_SPARE = 1.02


@dataclass(frozen=True)
class Size:
    """How much is wanted: lines or orders, one of the two, and customers if they are to be another number.

    Raises ``UsageError`` for what cannot be.
    """

    lines: int | None = None
    orders: int | None = None
    customers: int | None = None

    def __post_init__(self) -> None:
        if (self.lines is None) == (self.orders is None):
            raise UsageError("give either the lines (--lines 1000000) or the orders (--orders 100000)")
        for name in ("lines", "orders", "customers"):
            value = getattr(self, name)
            if value is not None and not 1 <= value < 1 << 31:
                raise UsageError(f"{value:,} {name}: give 1 to {(1 << 31) - 1:,} (--{name})")
        most = self.orders if self.orders is not None else self.lines
        if self.customers is not None and most is not None and self.customers > most:
            what = "orders" if self.orders is not None else "lines"
            raise UsageError(f"{self.customers:,} customers and {most:,} {what}: each customer orders once or more")


@dataclass(frozen=True)
class Plan:
    """New orders in the order of time.

    Attributes
    ----------
    customers : int32 (orders,), from 0 on.  templates : int32 (orders,), the old customer that each is like.
    like : int64 (orders,), the old order that each is like.  sizes : int64 (orders,).
    times : int64 (orders,), seconds since 1970, or nothing where the shop does not tell times.
    number : customers.
    """

    customers: NDArray[np.int32]
    templates: NDArray[np.int32]
    like: NDArray[np.int64]
    sizes: NDArray[np.int64]
    times: NDArray[np.int64]
    number: int

    def __len__(self) -> int:
        """Number of orders."""
        return len(self.like)

    def part(self, start: int, stop: int) -> Plan:
        """Orders ``[start, stop)``."""
        return self.where(np.arange(start, stop))

    def where(self, orders: NDArray[np.intp]) -> Plan:
        """Some orders, by their places."""
        return replace(
            self,
            customers=self.customers[orders],
            templates=self.templates[orders],
            like=self.like[orders],
            sizes=self.sizes[orders],
            times=self.times[orders] if len(self.times) else self.times,
        )


def plan(shop: Shop, size: Size, rng: np.random.Generator) -> Plan:
    """New customers, each like one of the shop's drawn at random, with as many orders in the same rhythm.

    The number of orders, or of lines, is that of `size` exactly.

    Raises
    ------
    UsageError
        For more customers than orders.
    """
    if size.orders is not None:
        made = _planned(shop, size.orders, _number_of_customers(shop, size, size.orders), rng)
    else:
        made = _with_lines(shop, size, size.lines or 0, rng)
    return _in_time(made, rng)


def _with_lines(shop: Shop, size: Size, lines: int, rng: np.random.Generator) -> Plan:
    """A few orders more than are needed, and then some left out again and the last ones cut."""
    wanted = lines / float(shop.sizes.mean())
    customers = _number_of_customers(shop, size, max(1, int(wanted)))
    orders = max(customers, int(_SPARE * wanted) + 1)
    made = _planned(shop, orders, customers, rng)
    while int(made.sizes.sum()) < lines:
        orders = int(_SPARE * orders * lines / int(made.sizes.sum())) + 1
        made = _planned(shop, orders, customers, rng)
    excess = int(made.sizes.sum()) - lines
    again = np.flatnonzero(made.customers[1:] == made.customers[:-1]) + 1
    out = rng.permutation(again)
    out = out[np.cumsum(made.sizes[out]) <= excess]
    excess -= int(made.sizes[out].sum())
    sizes = made.sizes.copy()
    sizes[out] = 0
    shorter = rng.permutation(np.flatnonzero(sizes > 1))
    cut = np.minimum(np.cumsum(sizes[shorter] - 1), excess)
    sizes[shorter] -= np.diff(cut, prepend=0)
    return replace(made, sizes=sizes).where(np.flatnonzero(sizes))


def _number_of_customers(shop: Shop, size: Size, orders: int) -> int:
    if not shop.has_customers:
        return orders
    if size.customers is None:
        return max(1, min(orders, round(orders * (len(shop.customers) - 1) / len(shop))))
    if size.customers > orders:
        raise UsageError(f"{size.customers:,} customers and about {orders:,} orders: each customer orders once or more")
    return size.customers


def _planned(shop: Shop, orders: int, customers: int, rng: np.random.Generator) -> Plan:
    templates = _drawn_evenly(len(shop.customers) - 1, customers, rng)
    old = np.diff(shop.customers)[templates]
    new = _shared_out(orders, old)
    owner = np.repeat(np.arange(customers, dtype=np.int32), new)
    number = np.arange(orders) - np.repeat(np.cumsum(new) - new, new)
    place = number * old[owner] // new[owner]
    like = shop.customers[templates[owner]] + place
    times = _times(shop, owner, templates, place, like, rng) if len(shop.times) else shop.times
    return Plan(owner, templates[owner].astype(np.int32), like, shop.sizes[like], times, customers)


def _drawn_evenly(many: int, wanted: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """`wanted` of `many`, each as often as any other or once more."""
    rounds = [rng.permutation(many) for _ in range(-(-wanted // many))]
    return np.concatenate(rounds)[:wanted]


def _shared_out(total: int, weights: NDArray[np.int64]) -> NDArray[np.int64]:
    """One or more for each, `total` together, in proportion to the weights beyond one.

    >>> _shared_out(12, np.array([1, 3, 3, 5])).tolist()
    [1, 3, 3, 5]
    """
    left = total - len(weights)
    beyond = weights - 1.0 if (weights > 1).any() else np.ones(len(weights))
    bounds = np.round(np.cumsum(beyond) * (left / beyond.sum())).astype(np.int64)
    return 1 + np.diff(bounds, prepend=0)


def _times(
    shop: Shop,
    owner: NDArray[np.int32],
    templates: NDArray[np.int64],
    place: NDArray[np.int64],
    like: NDArray[np.int64],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """The times of the old orders; of those that stand for several new ones, whole days on towards the next.

    A customer as a whole is moved by a week at most, an order by half an hour, so that no two customers are the same.
    """
    start, end = int(shop.times.min()), int(shop.times.max())
    same = np.concatenate(([False], (owner[1:] == owner[:-1]) & (place[1:] == place[:-1])))
    firsts = np.flatnonzero(~same)
    many = np.diff(np.append(firsts, len(owner)))
    repeat = np.arange(len(owner)) - np.repeat(firsts, many)
    final = like + 1 == shop.customers[templates[owner] + 1]
    following = np.where(final, end, shop.times[np.minimum(like + 1, len(shop) - 1)])
    gap = (following - shop.times[like]) // _DAY
    times = shop.times[like] + (repeat * gap // np.repeat(many, many)) * _DAY
    weeks = rng.integers(-1, 2, int(owner[-1]) + 1)[owner] * _WEEK
    moved = times + weeks
    times = np.where((moved < start) | (moved > end), times, moved)
    return np.clip(times + rng.integers(-_HALF_HOUR, _HALF_HOUR + 1, len(times)), start, end)


def _in_time(made: Plan, rng: np.random.Generator) -> Plan:
    return made.where(np.argsort(made.times, kind="stable") if len(made.times) else rng.permutation(len(made)))
