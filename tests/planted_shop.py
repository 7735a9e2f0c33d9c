"""Shops whose structure is known, as baskets in memory: one with groups that go together, one without any signal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np
from made_up_shops import baskets_of
from plain_catalog import plain_catalog

from recommender.catalog import Catalog
from recommender.strings import StringColumn
from training.baskets import Baskets

ITEMS, GROUPS = 30, 6
IN_A_GROUP = ITEMS // GROUPS


def planted(orders: int, *, seed: int = 0, customers: int = 30) -> Baskets:
    """Ten orders a day of 30 items in six groups, each item in every sixth: a basket stays in its group four times of
    five, and half of the orders repeat an item that the customer prefers."""
    random = np.random.default_rng(seed)
    prefers = random.integers(ITEMS, size=max(customers, 1))
    baskets, buyers = [], []
    for _ in range(orders):
        group, size = int(random.integers(GROUPS)), int(random.integers(2, 5))
        inside = group + GROUPS * random.integers(IN_A_GROUP, size=size)
        items = set(np.where(random.random(size) < 0.8, inside, random.integers(ITEMS, size=size)).tolist())
        customer = int(random.integers(customers)) if customers else -1
        if customers and random.random() < 0.5:
            items.add(int(prefers[customer]))
        baskets.append(sorted(items))
        buyers.append(customer)
    return baskets_of(baskets, items=ITEMS, days=days(orders), customers=buyers)


def alone(orders: int, *, seed: int = 0, customers: int = 30) -> Baskets:
    """The same number of orders of items that have nothing to do with each other, some more popular than others."""
    random = np.random.default_rng(seed)
    share = 1 / np.arange(4, ITEMS + 4)
    sizes = random.integers(2, 5, size=orders)
    baskets = [sorted(random.choice(ITEMS, n, replace=False, p=share / share.sum()).tolist()) for n in sizes]
    buyers = random.integers(customers, size=orders).tolist() if customers else [-1] * orders
    return baskets_of(baskets, items=ITEMS, days=days(orders), customers=buyers)


def shuffled(baskets: Baskets, seed: int = 0) -> Baskets:
    """The same sizes, popularity, times and customers, and no pair that goes together: swaps between baskets."""
    random = Random(seed)
    lists = [baskets.items[a:b].tolist() for a, b in zip(baskets.offsets[:-1], baskets.offsets[1:], strict=True)]
    for _ in range(20 * len(baskets.items)):
        one, other = random.choices(lists, k=2)
        here, there = int(random.random() * len(one)), int(random.random() * len(other))
        if one[here] not in other and other[there] not in one:
            one[here], other[there] = other[there], one[here]
    days_of = (baskets.times / 86_400).tolist()
    orders = [sorted(basket) for basket in lists]
    return baskets_of(orders, items=ITEMS, days=days_of, customers=baskets.customers.tolist())


def days(orders: int) -> list[float]:
    return [order / 10 for order in range(orders)]


def lines_of(baskets: Baskets) -> list[dict[str, str]]:
    """The orders as lines of a file, from 2025-01-01 on; `write_csv` leaves columns out."""
    lines = []
    for order in range(len(baskets)):
        at = datetime(2025, 1, 1, 8, tzinfo=UTC) + timedelta(seconds=int(baskets.times[order]))
        customer = int(baskets.customers[order])
        for item in baskets.items[baskets.offsets[order] : baskets.offsets[order + 1]].tolist():
            lines.append(
                {
                    "order_id": f"o{order:05}",
                    "item_id": baskets.item_ids[item],
                    "customer_id": baskets.customer_ids[customer] if customer >= 0 else "",
                    "ordered_at": at.strftime("%Y-%m-%dT%H:%M:%S"),
                    "unit_price": f"{1 + item % 7}.50",
                }
            )
    return lines


def planted_catalog(baskets: Baskets, *, categories: bool = True) -> Catalog:
    """Every item listed, for sale, without price; its group is its category."""
    items = len(baskets.item_ids)
    names = [f"Group {group}" for group in range(GROUPS)] if categories else []
    filed = [item % GROUPS if categories else -1 for item in range(items)]
    catalog = plain_catalog([""] * items, filed, names, [-1] * len(names))
    return replace(catalog, item_ids=StringColumn.of(baskets.item_ids))
