"""The share of an item's pieces that comes back, told carefully where few were sold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.catalog import Catalog

PRIOR_PIECES = 20.0


def return_rates(returned: NDArray[np.float64], sold: NDArray[np.float64], catalog: Catalog) -> NDArray[np.float32]:
    """float32 (items,): ``(returned + 20 * rate of the category) / (sold + 20)``, the mean of a beta posterior.

    The rate of a category is that of its whole branch, shrunk to the one above it in the same way, and that of the
    topmost ones to the shop's. An item without a category is shrunk to the shop's rate.

    Parameters
    ----------
    returned, sold : float64 (items,), pieces that came back and pieces that went out; more cannot come back than went.
    """
    back = np.minimum(returned, sold)
    parents = catalog.category_parent.astype(np.int64)
    branch_back, branch_sold = (_over_branches(pieces, catalog, parents) for pieces in (back, sold))
    shop = float(back.sum() / max(float(sold.sum()), 1.0))
    rates = np.full(len(parents) + 1, shop)  # the last entry stands for no category
    for category in range(len(parents)):  # a parent's row is lower
        rates[category] = _shrunk(branch_back[category], branch_sold[category], rates[parents[category]])
    return _shrunk(back, sold, rates[catalog.item_category]).astype(np.float32)


def _shrunk(back: NDArray[np.float64], sold: NDArray[np.float64], rate: NDArray[np.float64]) -> NDArray[np.float64]:
    return (back + PRIOR_PIECES * rate) / (sold + PRIOR_PIECES)


def _over_branches(pieces: NDArray[np.float64], catalog: Catalog, parents: NDArray[np.int64]) -> NDArray[np.float64]:
    """float64 (categories,): pieces of each category and of all below it."""
    filed = catalog.item_category >= 0
    sums = np.bincount(catalog.item_category[filed], pieces[filed], len(parents))
    for category in range(len(parents) - 1, -1, -1):
        if parents[category] >= 0:
            sums[parents[category]] += sums[category]
    return sums
