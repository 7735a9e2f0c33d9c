"""What a peer is: a name, a way to fit it, and the parameters that it is tuned over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from training.baskets import Baskets
from training.counting import count_pairs
from training.evaluation.lists import Score

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class History:
    """Orders to fit on; what several peers need of them is counted once.

    Parameters
    ----------
    seed : for peers that draw.
    """

    baskets: Baskets
    seed: int = 0

    @cached_property
    def matrix(self) -> sparse.csr_matrix:
        """float32 (countable baskets, items) of ones."""
        return self.baskets.matrix()

    @cached_property
    def item_orders(self) -> NDArray[np.int64]:
        """int64 (items,): baskets with each item."""
        return np.bincount(self.matrix.indices, minlength=self.matrix.shape[1])

    @cached_property
    def pairs(self) -> sparse.csr_matrix:
        """int32 (items, items): baskets with both, no diagonal."""
        return count_pairs(self.matrix)

    @cached_property
    def most_sold(self) -> NDArray[np.int32]:
        """int32: items that were sold, most sold first, equal ones by row."""
        order = np.argsort(-self.item_orders, kind="stable").astype(np.int32)
        return order[self.item_orders[order] > 0]


@dataclass(frozen=True)
class Family:
    """A peer.

    Attributes
    ----------
    fit : ``fit(history, parameters) -> score``.  grid : the parameters that it may have, its default first.
    uses_customers : whether it ranks nothing better than bestsellers for a stranger.
    needs_cart : whether it does so where nothing is in the cart.
    """

    name: str
    fit: Callable[[History, Parameters], Score]
    grid: tuple[Parameters, ...] = ({},)
    uses_customers: bool = False
    needs_cart: bool = True
