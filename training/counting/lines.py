"""Baskets by basket and by item, as the counting kernel walks through them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from training.counting.kernel import Walk


@dataclass(frozen=True)
class BasketLines:
    """The lines of baskets, twice.

    Attributes
    ----------
    offsets : int64 (baskets + 1,) and items : int32 (lines,), rows of items, rising within a basket.
    item_offsets : int64 (items + 1,) and of_items : int32 (lines,), baskets with each item, rising within an item.
    """

    offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    item_offsets: NDArray[np.int64]
    of_items: NDArray[np.int32]

    @classmethod
    def of(cls, matrix: sparse.csr_matrix) -> BasketLines:
        """Of a matrix (baskets, items) with sorted columns; stored values are taken as ones.

        >>> lines = BasketLines.of(sparse.csr_matrix([[1, 1], [0, 1]]))
        >>> lines.of_items.tolist(), lines.item_orders.tolist()
        ([0, 0, 1], [1, 2])
        """
        ones = np.ones(matrix.nnz, np.bool_)
        by_item = sparse.csr_matrix((ones, matrix.indices, matrix.indptr), matrix.shape).tocsc()
        return cls(
            matrix.indptr.astype(np.int64),
            matrix.indices.astype(np.int32, copy=False),
            by_item.indptr.astype(np.int64),
            by_item.indices.astype(np.int32, copy=False),
        )

    def by_trait(self, trait: NDArray[np.integer], traits: int) -> BasketLines:
        """The same baskets of traits in place of items, one as often as lines have it, rising within a basket.

        Parameters
        ----------
        trait : int (items,), -1 for an item without one, whose lines are left out.

        >>> lines = BasketLines.of(sparse.csr_matrix([[1, 1, 1], [0, 1, 1]]))
        >>> lines.by_trait(np.array([2, 0, 2]), 3).items.tolist()
        [0, 2, 2, 0, 2]
        """
        of_lines = trait[self.items]
        kept = of_lines >= 0
        offsets = np.concatenate([[0], np.cumsum(kept, dtype=np.int64)])[self.offsets]
        chosen = of_lines[kept].astype(np.int32)
        ones = np.ones(len(chosen), np.bool_)
        matrix = sparse.csr_matrix((ones, chosen, offsets), shape=(len(offsets) - 1, traits))
        matrix.sort_indices()
        return BasketLines.of(matrix)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """int64 (baskets,): different items in each."""
        return np.diff(self.offsets)

    @property
    def item_orders(self) -> NDArray[np.int32]:
        """int32 (items,): baskets with each item."""
        return np.diff(self.item_offsets).astype(np.int32)

    @property
    def walk(self) -> Walk:
        """The same for the kernel."""
        return Walk(self.offsets, self.items, self.item_offsets, self.of_items)

    def meetings(self) -> NDArray[np.int64]:
        """int64 (items,): lines of other items in the baskets with each item."""
        total = np.zeros(len(self.of_items) + 1, np.int64)
        np.cumsum(self.sizes[self.of_items] - 1, out=total[1:])
        return total[self.item_offsets[1:]] - total[self.item_offsets[:-1]]
