"""Customers' histories: who bought what, when, and how many."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.customers import Customers
from recommender.ranker.inputs import Shop
from recommender.ranker.shop import past_of
from recommender.strings import StringColumn
from training.baskets import Baskets
from training.ranker.tastes import tastes


def purchases(baskets: Baskets) -> sparse.csr_matrix:
    """float32 (customers, items): in how many orders of a known customer each item was."""
    customers = np.repeat(baskets.customers, baskets.sizes)
    known = customers >= 0
    shape = (len(baskets.customer_ids), len(baskets.item_ids))
    ones = np.ones(int(known.sum()), np.float32)
    return sparse.csr_matrix((ones, (customers[known], baskets.items[known])), shape=shape)


def histories(baskets: Baskets, factors: NDArray[np.float32], shop: Shop) -> Customers | None:
    """All lines of known customers, oldest first within a customer; None where the shop knows none.

    Parameters
    ----------
    baskets : perhaps the earlier ones of a shop alone: who comes later has no lines.
    factors : float32 (customers, f).  shop : of the same baskets, for what goes with each history.
    """
    if not baskets.customer_ids:
        return None
    order_of_line = np.repeat(np.arange(len(baskets)), baskets.sizes)
    opens_order = np.zeros(len(baskets.items), np.uint8)
    opens_order[baskets.offsets[:-1][baskets.sizes > 0]] = 1
    customers = baskets.customers[order_of_line]
    lines = np.argsort(customers, kind="stable")[int((customers < 0).sum()) :]
    known = len(baskets.customer_ids)
    plain = Customers(
        customer_ids=StringColumn.of(baskets.customer_ids),
        offsets=np.searchsorted(customers[lines], np.arange(known + 1)).astype(np.int64),
        items=baskets.items[lines],
        opens_order=opens_order[lines],
        times=baskets.times[order_of_line[lines]],
        quantities=baskets.quantities[lines],
        taste_offsets=np.zeros(known + 1, np.int64),
        taste_items=np.empty(0, np.int32),
        taste_scores=np.empty(0, np.float32),
        factors=factors,
    )
    liked = tastes(shop, past_of(plain))
    return replace(plain, taste_offsets=liked.offsets, taste_items=liked.items, taste_scores=liked.scores)
