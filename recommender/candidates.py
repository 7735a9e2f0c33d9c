"""The second step of a cart: which items come into question, and from where.

Each source gives `Candidates`; none knows of the others, and none decides what may be shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.cart import Cart
from recommender.model import Bestsellers, Model, Pairs


@dataclass(frozen=True)
class Meetings:
    """The neighbours of a cart's items, an entry for each (cart item, neighbour), cart items ascending.

    Attributes
    ----------
    sources, rows : int32 (entries,), row of the cart's item and of its neighbour.
    counts : int32, baskets with both.  scores : float32, asymmetric cosine.  claimed : bool, more than luck.
    """

    sources: NDArray[np.int32]
    rows: NDArray[np.int32]
    counts: NDArray[np.int32]
    scores: NDArray[np.float32]
    claimed: NDArray[np.bool_]

    def where(self, keep: NDArray[np.bool_]) -> Meetings:
        """The entries for which `keep`, bool (entries,), is true."""
        return self.at(keep.nonzero()[0])

    def at(self, places: NDArray[np.intp]) -> Meetings:
        """The entries at `places`, in that order."""
        return Meetings(
            self.sources[places], self.rows[places], self.counts[places], self.scores[places], self.claimed[places]
        )


def meetings(pairs: Pairs, rows: NDArray[np.int32]) -> Meetings:
    """Every kept neighbour of the given rows, int32 (cart,)."""
    entries, lengths = _slices(pairs.offsets, rows)
    return Meetings(
        np.repeat(rows, lengths),
        pairs.items[entries],
        pairs.counts[entries],
        pairs.scores[entries],
        pairs.claimed[entries] != 0,
    )


def category_bestsellers(model: Model, cart: Cart) -> NDArray[np.int32]:
    """Bestsellers of the categories of the cart's items: int32, most sold first, then by row, each once.

    Where a category's own list is empty its parent's is taken.
    """
    lists = [_branch(model, category) for category in dict.fromkeys(model.catalog.item_category[cart.rows].tolist())]
    rows = np.unique(np.concatenate([np.empty(0, np.int32), *lists]))
    return rows[np.lexsort((rows, -model.item_orders[rows]))]


def _slices(offsets: NDArray[np.int64], rows: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    starts = offsets[rows]
    lengths = offsets[rows + 1] - starts
    ends = lengths.cumsum()
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) + np.repeat(starts - ends + lengths, lengths), lengths


def _branch(model: Model, category: int) -> NDArray[np.int32]:
    best: Bestsellers = model.bestsellers
    while category >= 0:
        found = best.category_items[best.category_offsets[category] : best.category_offsets[category + 1]]
        if len(found):
            return found
        category = int(model.catalog.category_parent[category])
    return np.empty(0, np.int32)
