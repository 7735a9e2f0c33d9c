"""Customers' histories: who bought what, when, and how many."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.customers import Customers
from recommender.strings import StringColumn
from training.baskets import Baskets


def purchases(baskets: Baskets) -> sparse.csr_matrix:
    """float32 (customers, items): in how many orders of a known customer each item was."""
    customers = np.repeat(baskets.customers, baskets.sizes)
    known = customers >= 0
    shape = (len(baskets.customer_ids), len(baskets.item_ids))
    ones = np.ones(int(known.sum()), np.float32)
    return sparse.csr_matrix((ones, (customers[known], baskets.items[known])), shape=shape)


def histories(baskets: Baskets, factors: NDArray[np.float32]) -> Customers | None:
    """All lines of known customers, oldest first within a customer; None where the shop knows none.

    Parameters
    ----------
    factors : float32 (customers, f).
    """
    if not baskets.has_customers:
        return None
    order_of_line = np.repeat(np.arange(len(baskets)), baskets.sizes)
    customers = baskets.customers[order_of_line]
    lines = np.argsort(customers, kind="stable")[int((customers < 0).sum()) :]
    offsets = np.searchsorted(customers[lines], np.arange(len(baskets.customer_ids) + 1)).astype(np.int64)
    return Customers(
        customer_ids=StringColumn.of(baskets.customer_ids),
        offsets=offsets,
        items=baskets.items[lines],
        times=baskets.times[order_of_line[lines]],
        quantities=baskets.quantities[lines],
        factors=factors,
    )
