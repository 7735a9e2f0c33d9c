"""How many pieces of one item go with so many of another: three detectors, three batteries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MOST_PIECES = 10_000


@dataclass(frozen=True)
class PairQuantities:
    """Pieces of a neighbour, learned from the baskets that held both; only where it is not plainly one.

    Attributes
    ----------
    entries : int64 (quantities,), places in `recommender.model.Pairs`, rising.
    single : float32 (quantities,), pieces of the neighbour beside one piece of the item: two baskets of three held as
        many or more.
    several : float32 (quantities,), median pieces of the neighbour for each of two or more pieces of the item; 0 where
        too few baskets tell.
    """

    entries: NDArray[np.int64]
    single: NDArray[np.float32]
    several: NDArray[np.float32]

    @classmethod
    def none(cls) -> PairQuantities:
        """Of a shop where a piece goes with a piece, however many there are."""
        return cls(np.empty(0, np.int64), np.empty(0, np.float32), np.empty(0, np.float32))

    def pieces(self, entry: int, quantity: float = 1.0) -> int:
        """Pieces of the neighbour at `entry` beside `quantity` pieces of the item: a whole number, at least 1.

        >>> three_each = PairQuantities(np.array([7]), np.array([1.0]), np.array([1.0]))
        >>> three_each.pieces(7, 3), three_each.pieces(7), three_each.pieces(8, 3)
        (3, 1, 1)
        """
        place = int(np.searchsorted(self.entries, entry))
        if place == len(self.entries) or self.entries[place] != entry:
            return 1
        several = float(self.several[place])
        wanted = several * quantity if quantity > 1 and several > 0 else float(self.single[place])
        return int(min(max(1.0, np.ceil(wanted - 0.5)), _MOST_PIECES))
