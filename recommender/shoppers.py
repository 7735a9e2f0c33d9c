"""What shoppers are told: evidence that rests on fewer than five baskets is for the merchant alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

LEAST_BASKETS = 5
_PLAIN = {
    "bought-together": "often bought with what is in the cart",
    "similar-baskets": "bought with what is in the cart",
    "similar": "bought instead",
    "category": "a bestseller of its category",
    "bestseller": "a bestseller",
    "trending": "sells more than it used to",
    "upsell": "bought instead",
}
_RULE = re.compile(r"by the rule [^,]*")


def reason_for_shoppers(reason: Mapping[str, Any]) -> dict[str, Any]:
    """The reason as it is, or without counts and in general words where it rests on fewer than five baskets.

    A trend tells its baskets in words alone, so that it is always told in general ones.

    >>> reason_for_shoppers({"kind": "bestseller", "because": [], "count": 4, "of": 9, "text": "in 4 of 9"})
    {'kind': 'bestseller', 'because': [], 'text': 'a bestseller'}
    """
    kind = str(reason["kind"])
    if kind != "trending" and reason.get("count", LEAST_BASKETS) >= LEAST_BASKETS:
        return dict(reason)
    text = _PLAIN.get(kind, "suggested by this shop's orders")
    if kind == "promoted":
        text = str(reason["text"]).partition(": ")[0]
    return {"kind": kind, "because": reason["because"], "text": text}


def document_for_shoppers(document: dict[str, Any]) -> None:
    """Take out of an answer what is for the merchant alone: profits, evidence of few baskets, names of rules."""
    for suggestion in document["suggestions"]:
        suggestion.update(expected_profit=None, profit_basis=None, incremental_profit=None)
        suggestion["reason"] = reason_for_shoppers(suggestion["reason"])
    if document["empty_because"] is not None:
        document["empty_because"] = _RULE.sub("by a rule", document["empty_because"])


def box_for_shoppers(box: dict[str, Any] | None) -> None:
    """The same of a box."""
    for item in box["items"] if box is not None else ():
        if item["reason"] is not None:
            item["reason"] = reason_for_shoppers(item["reason"])
    if box is not None and box["count"] < LEAST_BASKETS:
        box.update(count=None, of=None, text="often bought together")
