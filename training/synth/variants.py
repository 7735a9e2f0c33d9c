"""More items than the shop has: an item is split into variants, which share its orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True)
class Variants:
    """Variants of every item; the first has the item's own id.

    Attributes
    ----------
    item_ids : the id of every variant by row.
    offsets : int64 (items + 1,), variants of item i are ``[offsets[i], offsets[i + 1])``, the most bought first.
    seed : who buys which.
    """

    item_ids: Sequence[str]
    offsets: NDArray[np.int64]
    seed: int

    def __len__(self) -> int:
        """Number of variants."""
        return len(self.item_ids)

    def rows(self, items: NDArray[np.int32], customers: NDArray[np.int32]) -> NDArray[np.int64]:
        """int64 (lines,): the variant of each line's item that its customer always buys.

        Of m variants the k-th is that of ``log((k + 1) / k) / log(m + 1)`` of the customers.
        """
        many = np.diff(self.offsets)[items]
        share = _uniform(items, customers, self.seed)
        return self.offsets[items] + np.minimum(np.floor((many + 1.0) ** share).astype(np.int64), many) - 1


def variants(item_ids: Sequence[str], counts: NDArray[np.integer], wanted: int, seed: int) -> Variants:
    """`wanted` items of fewer, the popular ones split the most.

    Parameters
    ----------
    counts : (items,), how often each was bought.  wanted : as many as the items, or more.

    >>> variants(["tea", "nut"], np.array([90, 10]), 4, seed=0).item_ids
    ['tea', 'tea~2', 'tea~3', 'nut']
    """
    bounds = np.round(np.cumsum(counts) * ((wanted - len(item_ids)) / counts.sum())).astype(np.int64)
    many = 1 + np.diff(bounds, prepend=0)
    mark = "~"
    while any(mark in item_id for item_id in item_ids):
        mark += "~"
    names = [
        item_id if number == 1 else f"{item_id}{mark}{number}"
        for item_id, most in zip(item_ids, many.tolist(), strict=True)
        for number in range(1, most + 1)
    ]
    return Variants(names, np.concatenate(([0], np.cumsum(many))), seed)


def _uniform(items: NDArray[np.int32], customers: NDArray[np.int32], seed: int) -> NDArray[np.float64]:
    """float64 from 0 to below 1, the same for the same item and customer (mixed as splitmix64 does)."""
    mixed = (customers.astype(np.uint64) << np.uint64(32)) ^ items.astype(np.uint64)
    mixed ^= np.uint64(seed * int(_STEP) % 2**64)
    for factor, shift in ((_STEP, 29), (_FIRST, 30), (_SECOND, 27)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * factor
    mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53
