"""The bought-together box under a product: a set of two to four items with one price and one button."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from recommender.add_ons import pieces_beside
from recommender.assembling import Assembler, ClaimedPairs
from recommender.bundle_worth import whole_sets
from recommender.bundles import bundle_id
from recommender.cart import Cart
from recommender.evidence import Reason, bought_with, boxed
from recommender.merchandising.applied import AppliedPolicy
from recommender.merchandising.asked import Asked
from recommender.model import Model
from recommender.placements import Link
from recommender.policy import Alternatives

PLACEMENT = "bought-together"
DEAREST = 10.0
_CANDIDATES = 60


@dataclass(frozen=True)
class BoxItem:
    """One item of a box.

    Attributes
    ----------
    price : of one piece, shop's currency, None where unknown.  quantity : pieces in the box.
    reason : why it is in the box; None for the item that the box belongs to.
    requires_consent : a service: it is never put into a cart unless the shopper chose it.
    """

    item_id: str
    title: str
    price: float | None
    quantity: int
    reason: Reason | None
    requires_consent: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "item_id": self.item_id,
            "title": self.title,
            "price": self.price,
            "quantity": self.quantity,
            "reason": None if self.reason is None else self.reason.as_json(),
            "requires_consent": self.requires_consent,
        }


@dataclass(frozen=True)
class Box:
    """A box.

    Attributes
    ----------
    bundle_id : `recommender.bundles.bundle_id` of its items.
    items : the item that it belongs to first, then what goes with it, strongest first; two to four.
    price : of all pieces, shop's currency; None where a price is unknown.
    count : counted baskets that held all of them.  of : counted baskets with the first item.
    customers : customers behind `count` at least, as of `recommender.model.Pairs`; exact for two items, and for more
        where everything that the box would rather hold can be sold.
    available : whole boxes that the stock allows, the least over its parts; None where no part's stock is known.
    text : the evidence in one sentence.
    """

    bundle_id: str
    items: tuple[BoxItem, ...]
    price: float | None
    count: int
    of: int
    customers: int
    available: int | None
    text: str

    @property
    def add_to_cart(self) -> list[dict[str, Any]]:
        """What one click puts into the cart."""
        return [{"item_id": item.item_id, "quantity": item.quantity} for item in self.items]

    def as_json(self) -> dict[str, Any]:
        return {
            "bundle_id": self.bundle_id,
            "items": [item.as_json() for item in self.items],
            "price": self.price,
            "count": self.count,
            "of": self.of,
            "customers": self.customers,
            "available": self.available,
            "add_to_cart": self.add_to_cart,
            "text": self.text,
        }


@dataclass(frozen=True)
class BoxAnswer:
    """The box of one item, or why there is none.

    Attributes
    ----------
    missing_items : the item, where the model does not know it.
    empty_because : one sentence where there is no box.
    """

    item_id: str
    box: Box | None
    missing_items: tuple[str, ...] = ()
    empty_because: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "item_id": self.item_id,
            "bundle": None if self.box is None else self.box.as_json(),
            "missing_items": list(self.missing_items),
            "empty_because": self.empty_because,
        }


class Boxes:
    """Makes the boxes of one model and shelf under one policy; the same answer every time.

    Parameters
    ----------
    rejected : ids of sets that people rejected: the next best one takes their place.
    """

    def __init__(self, model: Model, applied: AppliedPolicy, rejected: frozenset[str] = frozenset()) -> None:
        self._model, self._applied, self._rejected = model, applied, rejected
        self._claimed = ClaimedPairs(model)
        self._assembler = Assembler(model, self._claimed, Alternatives(model))
        self._allowed = applied.allowed(None)

    def of(self, item_id: str) -> BoxAnswer:
        """The box of one item."""
        row = self._model.catalog.row(item_id)
        if row < 0:
            return BoxAnswer(item_id, None, (item_id,), "the model does not know this item")
        if not self._allowed[row]:
            return BoxAnswer(item_id, None, (), "this item cannot be sold today")
        neighbours, scores = self._claimed.entries(row)
        if not len(neighbours):
            return BoxAnswer(item_id, None, (), "nothing was bought with this item more often than luck explains")
        candidates = self._shown_beside(row, neighbours, scores)
        chosen, count = self._assembler.choose(row, candidates)
        while self._is_rejected(chosen):
            candidates.remove(chosen[-1])
            chosen, count = self._assembler.choose(row, candidates)
        if len(chosen) < 2:
            why = "what goes with this item cannot be sold today, replaces it, or may not be shown"
            return BoxAnswer(item_id, None, (), why)
        return BoxAnswer(item_id, self._box(chosen, count))

    def _is_rejected(self, chosen: list[int]) -> bool:
        if not self._rejected or len(chosen) < 2:
            return False
        return bundle_id(self._model.catalog.item_ids[row] for row in chosen) in self._rejected

    def _shown_beside(self, row: int, neighbours: Any, scores: Any) -> list[int]:
        """Rows that the policy lets be shown beside the item; none that is many times as dear, none of price 0."""
        cart = Cart(np.array([row], np.int32), row, ())
        price = self._model.catalog.price
        sane = ~(price[neighbours] > DEAREST * price[row]) & ~(price[neighbours] <= 0)
        link = Link("pairs", neighbours[sane], scores[sane].astype(np.float64))
        barred = self._applied.barred(PLACEMENT, cart, (), -1, 0)
        return self._applied.screened(link, _CANDIDATES, self._allowed, barred, Asked(PLACEMENT, PLACEMENT, cart))

    def _box(self, chosen: list[int], count: int) -> Box:
        catalog, orders = self._model.catalog, self._model.item_orders
        anchor, of = chosen[0], int(orders[chosen[0]])
        quantities = [1, *(pieces_beside(self._model, anchor, row) for row in chosen[1:])]
        prices = catalog.price[chosen]
        total = float((prices * quantities).sum())
        items = tuple(
            BoxItem(
                catalog.item_ids[row],
                catalog.title(row),
                None if np.isnan(catalog.price[row]) else float(catalog.price[row]),
                quantity,
                None if row == anchor else self._reason(anchor, row),
                row != anchor and bool(catalog.service[row]),
            )
            for row, quantity in zip(chosen, quantities, strict=True)
        )
        return Box(
            bundle_id=bundle_id(item.item_id for item in items),
            items=items,
            price=None if np.isnan(total) else round(total, 6),
            count=count,
            of=of,
            customers=self._customers(chosen, count),
            available=whole_sets(catalog.stock[chosen], np.array(quantities, np.float64)),
            text=boxed(count, of, catalog.title(anchor)),
        )

    def _customers(self, chosen: list[int], count: int) -> int:
        known = self._model.counted_sets.of(chosen) if len(chosen) > 2 else None
        return known or at_least([self._claimed.met(*pair) for pair in combinations(chosen, 2)], count)

    def _reason(self, anchor: int, row: int) -> Reason:
        catalog, orders = self._model.catalog, self._model.item_orders
        count, customers = self._claimed.met(anchor, row)
        of = int(orders[anchor])
        lift = (count / of) / (int(orders[row]) / self._model.baskets)
        because, titles = [catalog.item_ids[anchor]], [catalog.title(anchor)]
        return bought_with("bought-together", because, titles, count, of, lift, customers)


def at_least(pairs: Iterable[tuple[int, int]], count: int) -> int:
    """Customers of a set's baskets at least: a pair's baskets beyond one a customer are all that repeat a customer.

    Parameters
    ----------
    pairs : baskets and customers of each pair of the set.  count : baskets with all of the set.

    >>> at_least([(60, 30), (40, 34), (90, 20)], 12)  # 6 baskets of the second pair are not their customer's first
    6
    """
    return max(1, *(count - (baskets - customers) for baskets, customers in pairs))
