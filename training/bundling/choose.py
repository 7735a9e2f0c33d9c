"""The bundles that a model keeps: those whose nudge is worth most, no two of them nearly the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from recommender.bundles import Bundles, CountedSets
from recommender.model import Model
from recommender.worth import Worth, worth_of
from training.bundling.candidates import ItemSet, ItemSets, candidate_sets, usual_boxes
from training.bundling.measure import Measure, Measured
from training.config import Config
from training.counting.customers import up_to_most

LEAST_TOGETHER = 5
MOST_ALIKE = 0.5
MOST_OF_ONE_ITEM = 5
_AT_ONCE = 5000


def find_bundles(
    model: Model,
    order_customers: NDArray[np.int32] | None,
    config: Config,
    borders: NDArray[np.int64] | None = None,
) -> Bundles:
    """The bundles of the whole shop, those first whose nudge is worth most at the catalogue's prices.

    What nudging a set is worth: `Measured.excess` times the profit of its parts; an unknown profit counts as the
    median. A set is left out if a larger one is in as many baskets (it is not closed), if fewer than `LEAST_TOGETHER`
    baskets or `count.min_customers` customers had all of it, if a better one shares half of the items of both, or if
    `MOST_OF_ONE_ITEM` better ones hold one of its items.

    Parameters
    ----------
    order_customers : int32 (counted baskets,), customer row of each, -1 unknown, or None.
    borders : of periods, as of `training.significance.claim_pairs`.
    """
    measure = Measure(model, order_customers, borders)
    measured = _closed(measure(candidate_sets(model)))
    often = measured.where((measured.counts >= LEAST_TOGETHER) & (measured.excess > 0))
    worths = often.excess * _profits(worth_of(model.catalog, config.worth.return_cost), often.items)
    best_first = often.where(np.argsort(-worths, kind="stable"))
    least = config.count.min_customers if order_customers is not None else 1
    chosen = _different(best_first.items, config.bundles.most, lambda items: measure.customers(items) >= least)
    return _as_arrays(best_first.where(chosen), measure)


def count_sets(model: Model, order_customers: NDArray[np.int32] | None) -> CountedSets:
    """The sets of three or four items that the boxes under all items hold while everything can be sold.

    Parameters
    ----------
    order_customers : as of `find_bundles`.
    """
    sets, measure = usual_boxes(model), Measure(model, order_customers)
    customers = [measure.customers(_rows(items)) for items in sets]
    return CountedSets(sets, up_to_most(np.array(customers, np.int64)))


def _closed(measured: Measured) -> Measured:
    """Those without a superset, among the given ones, in as many baskets."""
    covered: set[tuple[ItemSet, int]] = set()
    for place in np.flatnonzero(measured.items[:, 2] >= 0).tolist():
        items = _rows(measured.items[place])
        count = int(measured.counts[place])
        covered.update((tuple(item for item in items if item != left_out), count) for left_out in items)
    base = int(measured.items.max(initial=0)) + 1
    inside = [items[0] * base + items[1] for items, _ in covered]
    suspects = np.isin(measured.items[:, 0].astype(np.int64) * base + measured.items[:, 1], inside)
    closed = np.ones(len(measured), np.bool_)
    for place in np.flatnonzero(suspects).tolist():
        closed[place] = (_rows(measured.items[place]), int(measured.counts[place])) not in covered
    return measured.where(closed)


def _profits(worth: Worth, items: ItemSets) -> NDArray[np.float64]:
    profits = np.append(worth.profit, 0.0)[items].sum(axis=1)
    known = profits[~np.isnan(profits)]
    return np.where(np.isnan(profits), np.median(known) if len(known) else 1.0, profits)


def _different(items: ItemSets, most: int, sound: Callable[[ItemSet], bool]) -> NDArray[np.int64]:
    """Places of the first `most` that are sound and not nearly an earlier one, int64, rising."""
    chosen: list[int] = []
    sets: list[ItemSet] = []
    holding: defaultdict[int, list[int]] = defaultdict(list)
    for place, rows in _unless_full(items, holding):
        if len(chosen) == most:
            break
        shared = Counter(number for item in rows for number in holding[item])
        if any(both >= MOST_ALIKE * (len(rows) + len(sets[number]) - both) for number, both in shared.items()):
            continue
        if not sound(rows):
            continue
        for item in rows:
            holding[item].append(len(chosen))
        chosen.append(place)
        sets.append(rows)
    return np.array(chosen, np.int64)


def _unless_full(items: ItemSets, holding: defaultdict[int, list[int]]) -> Iterator[tuple[int, ItemSet]]:
    """The sets with their places, without those of which an item is in enough chosen ones already."""
    for start in range(0, len(items), _AT_ONCE):
        part = items[start : start + _AT_ONCE]
        full = [item for item, numbers in holding.items() if len(numbers) >= MOST_OF_ONE_ITEM]
        for place in np.flatnonzero(~np.isin(part, full).any(axis=1)).tolist():
            rows = _rows(part[place])
            if all(len(holding[item]) < MOST_OF_ONE_ITEM for item in rows):
                yield start + place, rows


def _rows(items: NDArray[np.int32]) -> ItemSet:
    return tuple(items[items >= 0].tolist())


def _as_arrays(chosen: Measured, measure: Measure) -> Bundles:
    return Bundles(
        items=chosen.items,
        counts=chosen.counts.astype(np.int32),
        apart=chosen.apart.astype(np.int32),
        expected=np.maximum(chosen.expected.astype(np.float32), np.float32(1e-30)),
        customers=np.array([measure.customers(_rows(items)) for items in chosen.items], np.int32),
    )
