"""The fourth step of a cart: what may be shown here, in which order, and how much of it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.catalog import Catalog
from recommender.model import Model
from recommender.placements import Link
from recommender.substitutes import Substitutes, Variants, replacing

_REMEMBERED = 1 << 12


class Pick(NamedTuple):
    """A candidate that got a place: item `row`, which is position `place` of `link`."""

    link: Link
    place: int
    row: int


def shown_rows(catalog: Catalog, exclude: Iterable[str]) -> list[int]:
    """Rows of what the page shows already, -1 for what the catalog does not know."""
    return [catalog.row(item_id) for item_id in exclude]


class Alternatives:
    """What replaces an item of the model, or is a variant of it: beside it that is no addition."""

    def __init__(self, model: Model, *, substitutes: bool = True, variants: bool = True) -> None:
        nothing = Substitutes.none(len(model.catalog))
        replacements = model.substitutes if substitutes else nothing
        groups = model.catalog.item_group if variants else np.full(len(model.catalog), -1, np.int32)
        self._there = ((np.diff(replacements.offsets) > 0) | (groups >= 0)).tobytes()
        self._of_item = lru_cache(_REMEMBERED)(partial(_of_item, replacements, Variants(groups)))

    def of(self, rows: NDArray[np.int32]) -> set[int]:
        """Rows that replace, or vary, one of the given items, int32 (cart,)."""
        there, of_item = self._there, self._of_item
        found: set[int] = set()
        found.update(*[of_item(row) for row in rows.tolist() if there[row]])
        return found


def _of_item(substitutes: Substitutes, variants: Variants, row: int) -> frozenset[int]:
    return frozenset(replacing(substitutes, [row]) | variants.of([row]))


def fill_places(chain: Iterable[Link], sellable: bytes, barred: set[int], k: int) -> list[Pick]:
    """The first `k` candidates along the chain that are sellable, not barred and not shown before.

    Parameters
    ----------
    sellable : a byte an item, not 0 where it may be sold.
    """
    picks: list[Pick] = []
    shown: set[int] = set()
    for link in chain:
        for place, row in enumerate(link.rows.tolist()):
            if row in barred or row in shown or not sellable[row]:
                continue
            shown.add(row)
            picks.append(Pick(link, place, row))
            if len(picks) == k:
                return picks
    return picks
