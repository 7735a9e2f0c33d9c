"""The bundles that a model keeps: those whose nudge is worth most, no two of them nearly the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from recommender.bundles import BUNDLE_WIDTH, Bundles
from recommender.model import Model
from recommender.worth import Worth, worth_of
from training.bundling.candidates import ItemSet, candidate_sets
from training.bundling.measure import Measure, Measured
from training.config import Config

LEAST_TOGETHER = 5
MOST_ALIKE = 0.5
MOST_OF_ONE_ITEM = 5


def find_bundles(model: Model, order_customers: NDArray[np.int32] | None, config: Config) -> Bundles:
    """The bundles of the whole shop, those first whose nudge is worth most at the catalogue's prices.

    What nudging a set is worth: `Measured.excess` times the profit of its parts; an unknown profit counts as the
    median. A set is left out if a larger one is in as many baskets (it is not closed), if fewer than `LEAST_TOGETHER`
    baskets or `count.min_customers` customers had all of it, if a better one shares half of the items of both, or if
    `MOST_OF_ONE_ITEM` better ones hold one of its items.

    Parameters
    ----------
    order_customers : int32 (counted baskets,), customer row of each, -1 unknown, or None.
    """
    measure = Measure(model, order_customers)
    measured = _closed([measure(items) for items in candidate_sets(model)])
    often = [one for one in measured if one.count >= LEAST_TOGETHER and one.excess > 0]
    profits = _profits(worth_of(model.catalog, config.worth.return_cost), often)
    order = np.lexsort((np.arange(len(often)), -np.array([one.excess for one in often]) * profits))
    least = config.count.min_customers if order_customers is not None else 1
    sound = (often[place] for place in order.tolist() if measure.customers(often[place].items) >= least)
    chosen = _different(sound, config.bundles.most)
    return _as_arrays(chosen, [measure.customers(one.items) for one in chosen])


def _closed(measured: Sequence[Measured]) -> list[Measured]:
    """Those without a superset, among the given ones, in as many baskets."""
    covered: set[tuple[ItemSet, int]] = set()
    for one in measured:
        for left_out in one.items:
            rest = tuple(item for item in one.items if item != left_out)
            if len(rest) > 1:
                covered.add((rest, one.count))
    return [one for one in measured if (one.items, one.count) not in covered]


def _profits(worth: Worth, measured: Sequence[Measured]) -> NDArray[np.float64]:
    profits = np.array([worth.profit[list(one.items)].sum() for one in measured], np.float64)
    known = profits[~np.isnan(profits)]
    return np.where(np.isnan(profits), np.median(known) if len(known) else 1.0, profits)


def _different(measured: Iterable[Measured], most: int) -> list[Measured]:
    """The first `most` that are not nearly an earlier one."""
    chosen: list[Measured] = []
    holding: defaultdict[int, list[int]] = defaultdict(list)
    for one in measured:
        if len(chosen) == most:
            break
        if any(len(holding[item]) >= MOST_OF_ONE_ITEM for item in one.items):
            continue
        shared = Counter(place for item in one.items for place in holding[item])
        sizes = {place: len(one.items) + len(chosen[place].items) - both for place, both in shared.items()}
        if any(both >= MOST_ALIKE * sizes[place] for place, both in shared.items()):
            continue
        for item in one.items:
            holding[item].append(len(chosen))
        chosen.append(one)
    return chosen


def _as_arrays(chosen: Sequence[Measured], customers: Sequence[int]) -> Bundles:
    items = np.full((len(chosen), BUNDLE_WIDTH), -1, np.int32)
    for place, one in enumerate(chosen):
        items[place, : len(one.items)] = one.items
    return Bundles(
        items=items,
        counts=np.array([one.count for one in chosen], np.int32),
        apart=np.array([one.apart for one in chosen], np.int32),
        expected=np.maximum(np.array([one.expected for one in chosen], np.float32), np.float32(1e-30)),
        customers=np.array(customers, np.int32),
    )
