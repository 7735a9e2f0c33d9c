"""Orders made up for the encoder."""

from __future__ import annotations

import numpy as np

from training.baskets import Baskets

ITEMS = 12


def baskets_of(orders: list[tuple[int, list[int]]]) -> Baskets:
    """Orders of a customer (-1 unknown) and items, one a second."""
    sizes = [len(items) for _, items in orders]
    lines = sum(sizes)
    return Baskets(
        item_ids=[f"{item:02}" for item in range(ITEMS)],
        customer_ids=["a", "b", "c"],
        offsets=np.cumsum([0, *sizes]).astype(np.int64),
        items=np.array([item for _, items in orders for item in items], np.int32),
        quantities=np.ones(lines, np.float32),
        prices=np.full(lines, np.nan),
        costs=np.full(lines, np.nan),
        times=np.arange(len(orders), dtype=np.int64),
        customers=np.array([customer for customer, _ in orders], np.int32),
        countable=np.ones(len(orders), np.bool_),
        returned=np.zeros(ITEMS),
        sold=np.bincount([item for _, items in orders for item in items], minlength=ITEMS).astype(float),
    )
