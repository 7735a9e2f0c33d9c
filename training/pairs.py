"""How many baskets held an item, and numbers for pairs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


def item_orders(matrix: sparse.csr_matrix) -> NDArray[np.int32]:
    """int32 (items,): baskets that held each item."""
    return np.bincount(matrix.indices, minlength=matrix.shape[1]).astype(np.int32)


def pair_codes(rows: NDArray[np.integer], columns: NDArray[np.integer], items: int) -> NDArray[np.int64]:
    """int64, one number a pair: ``row * items + column`` with the lower row first, ascending.

    >>> pair_codes([2, 0], [1, 2], items=3).tolist()
    [2, 5]
    """
    low, high = np.minimum(rows, columns).astype(np.int64), np.maximum(rows, columns).astype(np.int64)
    return np.sort(low * items + high)
