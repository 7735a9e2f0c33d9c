"""What the order-data doctor found, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
Example = Mapping[str, Any]

FATES: Mapping[str, str] = {
    "kept": "kept: an item of an order",
    "repeated": "added to a line of the same item in the same order",
    "sale_returned": "sales that came back whole",
    "return_netted": "returns taken off their sale",
    "return_unmatched": "returns without a sale to take them off",
    "non_product": "no products: postage, charges, vouchers, adjustments",
    "missing_order_id": "rejected: no order id",
    "missing_item_id": "rejected: no item id",
    "overlong_id": "rejected: an id of more than 256 bytes",
    "control_character_in_id": "rejected: a control character in an id",
    "zero_quantity": "rejected: quantity 0",
    "unusable_quantity": "rejected: a return whose quantity is no number",
    "unreadable": "rejected: the line could not be read",
}
"""Every way that a line of the file can go; the numbers of `Report.accounting` add up to the lines read."""


@dataclass(frozen=True)
class Finding:
    """One thing that was noticed.

    Attributes
    ----------
    code : stable name, kebab-case.
    severity : ``error`` (many lines are lost), ``warning`` (look at it), ``info`` (good to know).
    what : what was found, a sentence.
    lines, orders : how many it touches.
    share : part of all lines read, 0 to 1.
    examples : up to three, each a short mapping with the ``line`` of the file; personal data is masked.
    action : what training does about it.
    remedy : how to change that.
    """

    code: str
    severity: Severity
    what: str
    lines: int
    orders: int
    share: float
    examples: tuple[Example, ...]
    action: str
    remedy: str

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "severity": self.severity,
            "what": self.what,
            "lines": self.lines,
            "orders": self.orders,
            "share": round(self.share, 6),
            "examples": [dict(example) for example in self.examples],
            "action": self.action,
            "remedy": self.remedy,
        }


@dataclass(frozen=True)
class Readiness:
    """What each item has enough orders for: numbers of items.

    Attributes
    ----------
    rules : items in 20 counted orders or more.
    category : items in fewer, but in 5 or more, or with a category in the catalogue.
    bestsellers : the others: shown only where they sell well, and as missing data otherwise.
    """

    rules: int
    category: int
    bestsellers: int

    def as_json(self) -> dict[str, int]:
        return {"rules": self.rules, "category": self.category, "bestsellers": self.bestsellers}


@dataclass(frozen=True)
class Report:
    """The doctor's report on one file of orders.

    Attributes
    ----------
    lines_read : lines of the file, unreadable ones included; the sum of `accounting`.
    lines, orders, items, customers : what is left for training.
    countable_orders : orders that pairs are counted from (no giants); multi_item_orders : those with two items or more.
    first, last : seconds since 1970 in UTC of the first and last order, None where no order has a time.
    accounting : lines by what became of them (keys of `FATES`, zeros left out).
    findings : worst first, then by lines touched.
    quarantined : lines in the quarantine file, or that would be if one had been written.
    quarantine : that file, None where none was written.
    """

    lines_read: int
    lines: int
    orders: int
    items: int
    customers: int
    countable_orders: int
    multi_item_orders: int
    first: int | None
    last: int | None
    accounting: Mapping[str, int]
    findings: tuple[Finding, ...]
    readiness: Readiness
    quarantined: int
    quarantine: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "lines_read": self.lines_read,
            "lines": self.lines,
            "orders": self.orders,
            "items": self.items,
            "customers": self.customers,
            "countable_orders": self.countable_orders,
            "multi_item_orders": self.multi_item_orders,
            "first": iso_time(self.first),
            "last": iso_time(self.last),
            "accounting": dict(self.accounting),
            "readiness": self.readiness.as_json(),
            "quarantined": self.quarantined,
            "quarantine": self.quarantine,
            "findings": [finding.as_json() for finding in self.findings],
        }


def worst_first(findings: list[Finding]) -> tuple[Finding, ...]:
    """By severity, then by lines touched, then by code."""
    return tuple(sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), -f.lines, f.code)))


def iso_time(seconds: int | None) -> str | None:
    """ISO 8601 in UTC.

    >>> iso_time(0)
    '1970-01-01T00:00:00Z'
    """
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
