"""The bought-together box under a product: a set of two to four items with one price and one button."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from recommender.evidence import Reason


@dataclass(frozen=True)
class BoxItem:
    """One item of a box.

    Attributes
    ----------
    price : of one piece, shop's currency, None where unknown.  quantity : pieces in the box.
    reason : why it is in the box; None for the item that the box belongs to.
    """

    item_id: str
    title: str
    price: float | None
    quantity: int
    reason: Reason | None

    def as_json(self) -> dict[str, Any]:
        return {
            "item_id": self.item_id,
            "title": self.title,
            "price": self.price,
            "quantity": self.quantity,
            "reason": None if self.reason is None else self.reason.as_json(),
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
    available : whole boxes that the stock allows, the least over its parts; None where no part's stock is known.
    text : the evidence in one sentence.
    """

    bundle_id: str
    items: tuple[BoxItem, ...]
    price: float | None
    count: int
    of: int
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
            "available": self.available,
            "add_to_cart": self.add_to_cart,
            "text": self.text,
        }
