"""What shoppers are told: evidence that rests on fewer than five customers is for the merchant alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from recommender.evidence import LEAST_CUSTOMERS

_PLAIN = {
    "bought-together": "often bought with what is in the cart",
    "similar-baskets": "bought with what is in the cart",
    "buy-again": "bought before",
    "similar": "bought instead",
    "category": "a bestseller of its category",
    "bestseller": "a bestseller",
    "trending": "sells more than it used to",
    "upsell": "bought instead",
}
_RULE = re.compile(r"by the rule [^,]*")


def reason_for_shoppers(reason: Mapping[str, Any]) -> dict[str, Any]:
    """The reason as it is, or without counts and in general words where it rests on fewer than five customers.

    How many they are is for the merchant alone. A reason without counts rests on nobody, and is told as it is.

    >>> reason_for_shoppers({"kind": "bestseller", "because": [], "count": 9, "of": 9, "customers": 4, "text": "in 9"})
    {'kind': 'bestseller', 'because': [], 'text': 'a bestseller'}
    """
    told = {name: value for name, value in reason.items() if name != "customers"}
    if reason.get("customers", 0 if "count" in reason else LEAST_CUSTOMERS) >= LEAST_CUSTOMERS:
        return told
    kind = str(reason["kind"])
    text = _PLAIN.get(kind, "suggested by this shop's orders")
    if kind == "promoted":
        text = str(reason["text"]).partition(": ")[0]
    return {"kind": kind, "because": reason["because"], "text": text}


def document_for_shoppers(document: dict[str, Any]) -> None:
    """Take out of an answer what is for the merchant alone: profits, evidence of few customers, names of rules."""
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
    if box is not None and box.pop("customers") < LEAST_CUSTOMERS:
        box.update(count=None, of=None, text="often bought together")
