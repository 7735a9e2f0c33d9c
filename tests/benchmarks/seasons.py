"""Claims in made-up shops whose assortment changes with time: python tests/benchmarks/seasons.py [--shops 5]

Every line of an order is drawn alone among what is sold at its time, so nothing goes with anything, and every claim
is a fluke. Then 20 pairs are planted: three of ten orders with the first item of each have the second one, too. Two
years of orders, one shop a seed. Told are the mean claims of all time and within periods, and the planted ones of them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from training.config import Config
from training.counting import BasketLines
from training.counting.customers import Buyers
from training.periods import period_borders
from training.significance import Claims, claim_pairs, claims_within_periods

_SLICES = 500
_PLANTED, _TAKES_BOTH = 20, 0.3
_MEAN_SIZE = 4

Demand = NDArray[np.float64]
"""float64 (slices of time, items): how much an item is wanted, beside its popularity."""


def steady(rng: np.random.Generator, years: Demand, items: int) -> Demand:
    return np.ones((len(years), items))


def two_seasons(rng: np.random.Generator, years: Demand, items: int) -> Demand:
    """Each item is sold in the one or in the other half of each year."""
    summer = (years[:, None] + rng.random()) % 1 < 0.5
    return np.where(rng.integers(2, size=items) == 0, summer, ~summer).astype(np.float64)


def waves(rng: np.random.Generator, years: Demand, items: int) -> Demand:
    """Each item is wanted twenty times as much at its best time of the year as half a year later."""
    return np.exp(1.5 * np.cos(2 * np.pi * (years[:, None] - rng.random(items))))


def collections(rng: np.random.Generator, years: Demand, items: int) -> Demand:
    """A new collection each half year, sold for that time."""
    return ((years[:, None] * 2).astype(int) == rng.integers(4, size=items)).astype(np.float64)


def lifetimes(rng: np.random.Generator, years: Demand, items: int) -> Demand:
    """Each item comes at a time of its own and is sold for three months to fifteen."""
    first = rng.random(items) * 2 - 0.5
    return ((years[:, None] >= first) & (years[:, None] < first + 0.25 + rng.random(items))) + 1e-9


def offers(rng: np.random.Generator, years: Demand, items: int) -> Demand:
    """Each item is on offer in six weeks or so, and wanted six times as much there."""
    demand = np.ones((len(years), items))
    for item in range(items):
        for start in rng.integers(len(years), size=6):
            demand[start : start + 5, item] = 6.0
    return demand


SHOPS: tuple[Callable[[np.random.Generator, Demand, int], Demand], ...] = (
    steady,
    two_seasons,
    waves,
    collections,
    lifetimes,
    offers,
)


class MadeUp(NamedTuple):
    """Baskets in the order of time, their times in years, and the pairs that were planted."""

    matrix: sparse.csr_matrix
    years: NDArray[np.float64]
    planted: set[tuple[int, int]]


def make_up(kind: int, seed: int, orders: int, items: int, planted: int) -> MadeUp:
    rng = np.random.default_rng((seed, kind, orders))
    middles = (np.arange(_SLICES) + 0.5) * 2 / _SLICES
    demand = SHOPS[kind](rng, middles, items) * rng.permutation(np.arange(1, items + 1) ** -0.8)
    bounds = np.cumsum(demand / demand.sum(axis=1, keepdims=True), axis=1)
    years = np.sort(rng.random(orders)) * 2
    order = np.repeat(np.arange(orders), rng.geometric(1 / _MEAN_SIZE, orders))
    part = (years[order] * _SLICES / 2).astype(np.int64)
    starts = np.searchsorted(part, np.arange(_SLICES + 1))
    drawn = rng.random(len(order))
    item = np.empty(len(order), np.int64)
    for number in range(_SLICES):
        of_part = slice(starts[number], starts[number + 1])
        item[of_part] = np.minimum(np.searchsorted(bounds[number], drawn[of_part]), items - 1)
    pairs = rng.permutation(items)[: 2 * planted].reshape(-1, 2).tolist()
    lines = [(order, item)]
    for first, second in pairs:
        with_first = order[item == first]
        takers = with_first[rng.random(len(with_first)) < _TAKES_BOTH]
        lines.append((takers, np.full(len(takers), second)))
    rows, columns = (np.concatenate(part) for part in zip(*lines, strict=True))
    matrix = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=(orders, items))
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return MadeUp(matrix, years, {(min(pair), max(pair)) for pair in pairs})


def claimed(shop: MadeUp) -> tuple[Claims, Claims]:
    """Of all time, and within periods."""
    lines, config = BasketLines.of(shop.matrix), Config().count
    of_all_time = claim_pairs(lines, Buyers(lines, None), config)
    borders = period_borders((shop.years * 1e6).astype(np.int64), config.periods)
    return of_all_time, claims_within_periods(of_all_time, lines, borders, config)


def found(claims: Claims, planted: set[tuple[int, int]]) -> int:
    return len(planted & set(zip(claims.rows.tolist(), claims.columns.tolist(), strict=True)))


def mean_claims(kind: int, seeds: int, orders: int, items: int, planted: int) -> NDArray[np.float64]:
    """float64 (2, 2): claims of all time and within periods; all of them and the planted ones."""
    shops = (make_up(kind, seed, orders, items, planted) for seed in range(seeds))
    return np.mean([[[len(claims), found(claims, shop.planted)] for claims in claimed(shop)] for shop in shops], axis=0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shops", type=int, default=5, help="seeds of each shop")
    parser.add_argument("--orders", type=int, nargs="+", default=[3_000, 20_000, 100_000])
    asked = parser.parse_args()
    print(f"{'':24}{'nothing planted':>24}   {_PLANTED} pairs planted: claims (found)")
    print(f"{'shop':16}{'orders':>8}{'of all time':>13}{'in periods':>11}{'of all time':>18}{'in periods':>16}")
    for orders in asked.orders:
        items = int(3.2 * orders**0.5)
        for kind, shop in enumerate(SHOPS):
            (flukes, _), (fewer, _) = mean_claims(kind, asked.shops, orders, items, 0)
            (all_time, true), (within, still) = mean_claims(kind, asked.shops, orders, items, _PLANTED)
            planted = f"{all_time:>10,.1f} ({true:>4.1f}){within:>9,.1f} ({still:>4.1f})"
            print(f"{shop.__name__:16}{orders:>8,}{flukes:>13,.1f}{fewer:>11,.1f}{planted}", flush=True)


if __name__ == "__main__":
    main()
