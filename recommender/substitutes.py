"""Which items replace which: what must not be offered beside an item, and what may be offered instead of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Substitutes:
    """For every item those that replace it, best first (by score, then by row); symmetric.

    Attributes
    ----------
    offsets : int64 (items + 1,), substitutes of item i are ``[offsets[i], offsets[i + 1])``.
    items : int32 (substitutes,), row of the substitute.
    scores : float32 (substitutes,), likeness of contexts times the missing share of the expected meetings, above 0.
    counts : int32 (substitutes,), baskets that held both.
    expected : float32 (substitutes,), baskets that luck would have given.
    customers : uint8 (substitutes,), of `counts`, as of `recommender.model.Pairs`.
    """

    offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    scores: NDArray[np.float32]
    counts: NDArray[np.int32]
    expected: NDArray[np.float32]
    customers: NDArray[np.uint8]

    @classmethod
    def none(cls, items: int) -> Substitutes:
        """Of a shop in which nothing is known to replace anything."""
        nothing = np.empty(0, np.int32)
        shares = np.empty(0, np.float32)
        return cls(np.zeros(items + 1, np.int64), nothing, shares, nothing, shares, np.empty(0, np.uint8))

    def entries(self, row: int) -> slice:
        """Where the substitutes of an item stand."""
        return slice(int(self.offsets[row]), int(self.offsets[row + 1]))


def replacing(substitutes: Substitutes, rows: Iterable[int]) -> set[int]:
    """Rows that replace one of the given items."""
    found: set[int] = set()
    for row in rows:
        found.update(substitutes.items[substitutes.entries(row)].tolist())
    return found


class Variants:
    """Which items are variants of one product: those that share a group.

    Parameters
    ----------
    group : int32 (items,), -1 for none.
    """

    def __init__(self, group: NDArray[np.int32]) -> None:
        self._group = group
        grouped = np.flatnonzero(group >= 0)
        self._rows = grouped[np.argsort(group[grouped], kind="stable")]
        self._groups = group[self._rows]

    def of(self, rows: Iterable[int]) -> set[int]:
        """Rows of the groups that the given items belong to, themselves included."""
        found: set[int] = set()
        for row in rows:
            group = int(self._group[row])
            if group >= 0:
                start, end = np.searchsorted(self._groups, (group, group + 1))
                found.update(self._rows[start:end].tolist())
        return found
