"""What a shop's data do not tell, and what therefore cannot be done."""

from __future__ import annotations

import numpy as np

from recommender.catalog import Catalog
from training.baskets import Baskets
from training.config import Config

_MANY = 0.1
"""Share of all items."""


def gaps(baskets: Baskets, catalog: Catalog, config: Config) -> list[str]:
    """A sentence for everything that is missing."""
    return [
        *_missing_times(baskets),
        *_missing_customers(baskets, config.count.min_customers),
        *_missing_facts(catalog),
    ]


def _missing_times(baskets: Baskets) -> list[str]:
    if baskets.has_times:
        return []
    return ["orders have no times: the order of the file stood for time"]


def _missing_customers(baskets: Baskets, least: int) -> list[str]:
    if not baskets.has_customers:
        return ["no order has a known customer: nothing rests on a customer's own orders"]
    orders = np.bincount(baskets.customers[baskets.customers >= 0])
    found: list[str] = []
    if (baskets.customers >= 0).all() and len(baskets.customer_ids) < least:
        found.append(f"fewer than {least} customers: no pair is claimed as bought together")
    if orders.max() < 2:
        found.append("no customer came back: nothing was learned from customers' own orders")
    return found


def _missing_facts(catalog: Catalog) -> list[str]:
    found: list[str] = []
    if np.isnan(catalog.price).all():
        found.append("no item has a price: prices took no part in the ranking")
    elif (free := catalog.price == 0).mean() >= _MANY:
        found.append(
            f"{free.sum():,} of {len(catalog):,} items have price 0: they are not suggested,"
            " unless the policy says price_zero = false"
        )
    if (catalog.item_category < 0).all():
        found.append("no item has a category: categories took no part in the ranking")
    return found
