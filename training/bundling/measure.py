"""What the counted baskets say of a set of items."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from recommender.model import CountedBaskets, Model
from training.bundling.candidates import ItemSet


@dataclass(frozen=True)
class Measured:
    """A set with its baskets: with all of its items, with some of them only, and expected with all by luck."""

    items: ItemSet
    count: int
    apart: int
    expected: float

    @property
    def excess(self) -> float:
        """``(count - expected) * apart / (count + apart)``: sometimes together, and often apart."""
        return (self.count - self.expected) * self.apart / max(self.count + self.apart, 1)


class Measure:
    """Measures sets whose pairs are all claimed, over the baskets that a model was counted from.

    Parameters
    ----------
    customers : int32 (baskets,), customer row of each, -1 unknown; None where the shop knows none.
    """

    def __init__(self, model: Model, customers: NDArray[np.int32] | None) -> None:
        self._baskets, self._orders, self._customers = model.counted_baskets, model.item_orders, customers
        self._counts: dict[ItemSet, int] = _claimed_counts(model)
        sizes = np.diff(model.counted_baskets.offsets).astype(np.float64)
        self._chances = [chance(sizes, length) for length in range(5)]

    def __call__(self, items: ItemSet) -> Measured:
        together = self._count(items)
        some = sum(
            (-1) ** (length + 1) * sum(self._count(part) for part in combinations(items, length))
            for length in range(1, len(items) + 1)
        )
        expected = float(np.prod(self._orders[list(items)].astype(np.float64))) * self._chances[len(items)]
        return Measured(items, together, some - together, expected)

    def customers(self, items: ItemSet) -> int:
        """Different customers with all of the items in one basket; a basket without a customer counts as one."""
        who = self._customers
        baskets = self._common(items)
        if who is None:
            return len(baskets)
        of = who[baskets]
        return len(np.unique(of[of >= 0])) + int((of < 0).sum())

    def _count(self, items: ItemSet) -> int:
        if len(items) == 1:
            return int(self._orders[items[0]])
        if items not in self._counts:
            self._counts[items] = len(self._common(items))
        return self._counts[items]

    def _common(self, items: ItemSet) -> NDArray[np.int32]:
        lists = sorted((_of(self._baskets, row) for row in items), key=len)
        common = lists[0]
        for other in lists[1:]:
            places = np.minimum(np.searchsorted(other, common), len(other) - 1)
            common = common[other[places] == common]
        return common


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


def _claimed_counts(model: Model) -> dict[ItemSet, int]:
    pairs = model.pairs
    entries = np.flatnonzero(pairs.claimed)
    rows = np.repeat(np.arange(len(pairs.offsets) - 1), np.diff(pairs.offsets))[entries]
    others, counts = pairs.items[entries], pairs.counts[entries]
    up = rows < others
    both = zip(rows[up].tolist(), others[up].tolist(), strict=True)
    return dict(zip(both, counts[up].tolist(), strict=True))
