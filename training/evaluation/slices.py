"""Parts of the questions that are looked at apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.catalog import Catalog
from training.baskets import Baskets
from training.evaluation.questions import Questions

COLD_ORDERS = 5
_MOST_CATEGORIES = 8
_LEAST_CARTS = 30


@dataclass(frozen=True)
class Slice:
    """Carts with something in common: ``kind`` says in what, ``carts`` is bool (carts,)."""

    kind: str
    name: str
    carts: NDArray[np.bool_]


def slices(questions: Questions, earlier: Baskets, item_orders: NDArray[np.int64], catalog: Catalog) -> list[Slice]:
    """Slices of carts that ask for one item each; those without a cart are left out.

    Parameters
    ----------
    earlier : orders before every question.  item_orders : int64 (items,), how many of them had each item.
    """
    wanted = questions.wanted[questions.wanted_offsets[:-1]]
    found = [
        *_by_size(np.diff(questions.shown_offsets)),
        *_by_customer(questions, wanted, earlier),
        *_by_popularity(item_orders, wanted),
        Slice("cold items", f"fewer than {COLD_ORDERS} earlier orders", item_orders[wanted] < COLD_ORDERS),
        *_by_category(catalog, wanted),
    ]
    return [part for part in found if part.carts.any()]


def popularity_thirds(item_orders: NDArray[np.int64]) -> NDArray[np.int8]:
    """int8 (items,): 0 for the most sold items that make a third of all lines, 1 for the next third, 2 for the rest.

    >>> popularity_thirds(np.array([2, 4, 1, 5])).tolist()
    [2, 1, 2, 0]
    """
    order = np.argsort(-item_orders, kind="stable")
    before = np.cumsum(item_orders[order]) - item_orders[order]
    thirds = np.empty(len(item_orders), np.int8)
    thirds[order] = np.minimum(before * 3 // max(int(item_orders.sum()), 1), 2)
    return thirds


def _by_size(sizes: NDArray[np.int64]) -> list[Slice]:
    return [
        Slice("cart size", "1", sizes == 1),
        Slice("cart size", "2–4", (sizes >= 2) & (sizes <= 4)),
        Slice("cart size", "5+", sizes >= 5),
    ]


def _by_customer(questions: Questions, wanted: NDArray[np.int32], earlier: Baskets) -> list[Slice]:
    seen = np.zeros(len(earlier.customer_ids) + 1, np.bool_)
    seen[earlier.customers] = True
    seen[-1] = False
    known = seen[questions.customers]
    items = max(len(earlier.item_ids), 1)
    buyers = np.repeat(earlier.customers, earlier.sizes).astype(np.int64)
    bought = np.isin(questions.customers.astype(np.int64) * items + wanted, buyers * items + earlier.items) & known
    return [
        Slice("customer", "known", known),
        Slice("customer", "anonymous", ~known),
        Slice("hidden item", "bought before", bought),
        Slice("hidden item", "new to the customer", known & ~bought),
    ]


def _by_popularity(item_orders: NDArray[np.int64], wanted: NDArray[np.int32]) -> list[Slice]:
    third = popularity_thirds(item_orders)[wanted]
    names = ("most sold third of lines", "middle third", "least sold third")
    return [Slice("popularity", name, third == place) for place, name in enumerate(names)]


def _by_category(catalog: Catalog, wanted: NDArray[np.int32]) -> list[Slice]:
    if not len(catalog.categories):
        return []
    top = np.arange(len(catalog.categories))
    while (catalog.category_parent[top] >= 0).any():
        top = np.where(catalog.category_parent[top] >= 0, catalog.category_parent[top], top)
    category = catalog.item_category[wanted]
    branch = np.where(category >= 0, top[category], -1)
    names, counts = np.unique(branch[branch >= 0], return_counts=True)
    names = names[np.argsort(-counts, kind="stable")][:_MOST_CATEGORIES]
    parts = [Slice("category", catalog.categories[int(name)], branch == name) for name in names]
    return [part for part in parts if part.carts.sum() >= _LEAST_CARTS]
