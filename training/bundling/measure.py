"""What the counted baskets say of sets of items."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from recommender.bundles import BUNDLE_WIDTH
from recommender.model import CountedBaskets, Model
from training.bundling.candidates import ItemSet, ItemSets, claimed_once
from training.bundling.kernel import Lists, count_sets
from training.in_parts import in_parts


@dataclass(frozen=True)
class Measured:
    """Sets with their baskets.

    Attributes
    ----------
    items : int32 (sets, BUNDLE_WIDTH), item rows rising, padded with -1.
    counts : int64 (sets,), baskets with all of the items.  apart : int64 (sets,), with some of them only.
    expected : float64 (sets,), expected with all by luck, with all lines or period by period: what is more.
    """

    items: ItemSets
    counts: NDArray[np.int64]
    apart: NDArray[np.int64]
    expected: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def excess(self) -> NDArray[np.float64]:
        """``(count - expected) * apart / (count + apart)``: sometimes together, and often apart."""
        return (self.counts - self.expected) * self.apart / np.maximum(self.counts + self.apart, 1)

    def where(self, kept: NDArray[np.bool_] | NDArray[np.integer]) -> Measured:
        """Those that `kept`, bool (sets,) or places, names."""
        return Measured(*(getattr(self, field.name)[kept] for field in fields(self)))


class Measure:
    """Measures sets whose pairs are all claimed, over the baskets that a model was counted from.

    Parameters
    ----------
    customers : int32 (baskets,), customer row of each, -1 unknown; None where the shop knows none.
    borders : of periods, as of `training.significance.claim_pairs`.
    """

    def __init__(
        self, model: Model, customers: NDArray[np.int32] | None, borders: NDArray[np.int64] | None = None
    ) -> None:
        self._baskets, self._orders, self._customers = model.counted_baskets, model.item_orders, customers
        first, second, self._met = claimed_once(model)
        self._codes = first.astype(np.int64) * len(model.item_orders) + second
        self._borders = [(0, model.baskets)]
        if borders is not None and len(borders) > 2:
            self._borders += pairwise(borders.tolist())

    def __call__(self, items: ItemSets) -> Measured:
        """What the baskets say of sets, int32 (sets, BUNDLE_WIDTH)."""
        sizes = (items >= 0).sum(axis=1)
        counts, some = np.empty((2, len(items)), np.int64)
        pairs = np.flatnonzero(sizes == 2)
        first, second = items[pairs, 0], items[pairs, 1]
        counts[pairs] = self._claimed(first, second)
        some[pairs] = self._orders[first].astype(np.int64) + self._orders[second] - counts[pairs]
        larger = np.flatnonzero(sizes > 2)
        counts[larger], some[larger] = self._counted(items[larger]), self._with_some(items[larger])
        return Measured(items, counts, some - counts, self._expected(items, sizes))

    def customers(self, items: ItemSet) -> int:
        """Different customers with all of the items in one basket; a basket without a customer counts as one."""
        who = self._customers
        baskets = self._common(items)
        if who is None:
            return len(baskets)
        of = who[baskets]
        return len(np.unique(of[of >= 0])) + int((of < 0).sum())

    def _expected(self, items: ItemSets, sizes: NDArray[np.integer]) -> NDArray[np.float64]:
        """float64 (sets,): see `Measured`; `sizes` are the items of each."""
        offsets, lines = self._baskets.offsets, self._baskets.items
        of_parts = np.zeros((2, len(items)))
        for number, (first, last) in enumerate(self._borders):
            held = np.bincount(lines[offsets[first] : offsets[last]], minlength=len(self._orders))
            filled = np.diff(offsets[first : last + 1]).astype(np.float64)
            chances = np.array([chance(filled, length) for length in range(BUNDLE_WIDTH + 1)])
            ways = np.append(held, 1).astype(np.float64)[items].prod(axis=1)
            of_parts[min(number, 1)] += ways * chances[sizes]
        return of_parts.max(axis=0)

    def _with_some(self, items: ItemSets) -> NDArray[np.int64]:
        """int64 (sets,): baskets with one of the items or more, by inclusion and exclusion."""
        some = np.zeros(len(items), np.int64)
        for length in range(1, BUNDLE_WIDTH + 1):
            for columns in combinations(range(BUNDLE_WIDTH), length):
                there = np.flatnonzero(items[:, columns[-1]] >= 0)
                some[there] += (-1) ** (length + 1) * self._counted(items[np.ix_(there, columns)])
        return some

    def _counted(self, items: ItemSets) -> NDArray[np.integer]:
        """Integers (sets,): baskets with all of the items of sets of one width, or padded ones of three or more."""
        if items.shape[1] == 1:
            return self._orders[items[:, 0]]
        if items.shape[1] == 2:
            return self._claimed(items[:, 0], items[:, 1])
        return baskets_with_all(self._baskets, items)

    def _claimed(self, first: NDArray[np.int32], second: NDArray[np.int32]) -> NDArray[np.int32]:
        """int32 (pairs,): the baskets with both items of claimed pairs."""
        return self._met[np.searchsorted(self._codes, first.astype(np.int64) * len(self._orders) + second)]

    def _common(self, items: ItemSet) -> NDArray[np.int32]:
        lists = sorted((_of(self._baskets, row) for row in items), key=len)
        common = lists[0]
        for other in lists[1:]:
            places = np.minimum(np.searchsorted(other, common), len(other) - 1)
            common = common[other[places] == common]
        return common


def baskets_with_all(baskets: CountedBaskets, sets: ItemSets) -> NDArray[np.int64]:
    """int64 (sets,): baskets with all items of each of int32 (sets, width), padded with -1."""
    lists = Lists(baskets.item_offsets, baskets.of_items)
    counts = np.zeros(len(sets), np.int64)
    orders = np.append(np.diff(baskets.item_offsets), np.iinfo(np.int64).max)

    def loop(first: int, last: int) -> None:
        count_sets(lists, sets, first, last, counts)

    for _ in in_parts(orders[sets].min(axis=1), loop):
        pass
    return counts


def chance(sizes: NDArray[np.float64], length: int) -> float:
    """``sum s (s - 1) ... / (sum s) ** length``: times the items' counts, the baskets with all of them by luck.

    >>> chance(np.array([2.0, 3.0, 1.0]), 2)  # (2 + 6 + 0) / 36
    0.2222222222222222
    """
    total = float(sizes.sum())
    ways = np.ones(len(sizes))
    for taken in range(length):
        ways *= np.maximum(sizes - taken, 0)
    return float(ways.sum()) / total**length if total else 0.0


def _of(baskets: CountedBaskets, row: int) -> NDArray[np.int32]:
    return baskets.of_items[baskets.item_offsets[row] : baskets.item_offsets[row + 1]]
