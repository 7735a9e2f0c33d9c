"""The cells of a catalogue file as values, and what was wrong with them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.shelf import MAX_AMOUNT, MAX_ID_BYTES, parse_category, parse_flag, parse_id, parse_number, shown
from training.columns import NO_ID
from training.doctor.report import Finding

CATALOG_COLUMNS = (
    "item_id",
    "title",
    "category",
    "brand",
    "price",
    "cost",
    "stock",
    "active",
    "group",
    "kind",
    "return_rate",
)
MAX_TITLE = 1000
MAX_ATTRIBUTE = 2000
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_EXAMPLES = 3
_ZERO, _NO_PRICES = "catalog-zero-prices", "catalog-prices-always-zero"
_BOUNDS = {"price": (0, MAX_AMOUNT), "cost": (0, MAX_AMOUNT), "stock": (-math.inf, math.inf), "return_rate": (0, 1)}


@dataclass
class Troubles:
    """Counts and first examples of what is wrong, by kind."""

    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, code: str, row: int, value: object, **more: Any) -> None:
        self.counts[code] = self.counts.get(code, 0) + 1
        kept = self.examples.setdefault(code, [])
        if len(kept) < _EXAMPLES:
            kept.append({"line": row + 1, "value": shown(value), **more})

    def findings(self, rows: int) -> tuple[Finding, ...]:
        """What a person should know, in a fixed order."""
        return tuple(
            Finding(
                code=code,
                severity="warning",
                what=_sentence(_TOLD[code][0], self.counts[code]),
                lines=self.counts[code],
                orders=0,
                share=self.counts[code] / max(rows, 1),
                examples=tuple(self.examples[code]),
                action=_TOLD[code][1],
                remedy=_TOLD[code][2],
            )
            for code in _TOLD
            if code in self.counts
        )


_TOLD = {
    "catalog-unreadable-lines": (
        "The catalog has {n} [line|lines] that cannot be read.",
        "They are left out.",
        "Correct them in the export: as many cells as the header has, quotes closed.",
    ),
    "catalog-blank-ids": (
        "The catalog has {n} [row|rows] without an item_id.",
        "They are left out.",
        "Give every item its id.",
    ),
    "catalog-unusable-ids": (
        f"The catalog has {{n}} [id|ids] of over {MAX_ID_BYTES} bytes, with a control character, or not Unicode.",
        "They are left out.",
        "Give these items plain ids.",
    ),
    "catalog-repeated-items": (
        "The catalog names items again in {n} [row|rows].",
        "The first row of an item counts.",
        "Give every item one row; variants of one product share a group.",
    ),
    "catalog-unusable-numbers": (
        (
            f"The catalog has {{n}} [amount that is|amounts that are] no number from 0 to {MAX_AMOUNT:.0e}"
            " (return_rate: to 1; stock: any)."
        ),
        "They count as unknown.",
        "Write numbers as in 1234.5, with a decimal point and without a currency.",
    ),
    "catalog-zero-prices": (
        "The catalog has {n} [price|prices] of 0.",
        "These items are not suggested.",
        "Leave prices empty where they are unknown; what is free is shown with `price_zero = false` in the policy.",
    ),
    "catalog-prices-always-zero": (
        "The catalog has {n} [price|prices] of 0, and none above.",
        "They count as unknown.",
        "Write the prices, or leave the column out.",
    ),
    "catalog-unusable-flags": (
        "The catalog has {n} [value of active that is|values of active that are] neither yes nor no.",
        "The items count as active.",
        "Write true or false.",
    ),
    "catalog-unknown-kinds": (
        "The catalog has {n} [value of kind that is|values of kind that are] neither product nor service.",
        "The items count as products.",
        "Write product or service.",
    ),
    "catalog-overlong-text": (
        f"The catalog has {{n}} [text|texts] of more than {MAX_TITLE:,} characters.",
        "They are cut.",
        "Give titles, categories, brands and groups short names.",
    ),
    "catalog-overlong-attributes": (
        f"The catalog has {{n}} [cell|cells] of further columns with more than {MAX_ATTRIBUTE:,} characters.",
        "The items count as having none.",
        "Leave out columns of long text that no filter asks for.",
    ),
    "catalog-unused-columns": (
        (
            "The catalog has {n} further [column that cannot be an attribute|columns that cannot be attributes]:"
            " lists, names too long, or beyond 64."
        ),
        "They are left out.",
        "Write one plain value a cell, and drop columns that no filter asks for.",
    ),
}


def _sentence(told: str, number: int) -> str:
    """A sentence with its number, and the words for one or for many.

    >>> _sentence("The catalog has {n} [row|rows].", 1)
    'The catalog has 1 row.'
    """
    worded = re.sub(r"\[([^|\]]*)\|([^\]]*)\]", r"\1" if number == 1 else r"\2", told)
    return worded.format(n=f"{number:,}")


@dataclass(frozen=True)
class CatalogColumns:
    """A catalogue file, checked: a row an item, sorted by the UTF-8 bytes of its id, each item once.

    Attributes
    ----------
    item_ids, titles, categories, brands, groups : text; "" where there is none. Category levels are joined by " > ".
    price, cost, stock, return_rate : float64 (items,), NaN where unknown.
    active, service : uint8 (items,), 1 or 0.
    attributes : further columns by name, a text an item, "" where there is none.
    present : our columns that the file has.  further : columns that are neither ours nor an attribute.
    rows : rows of the file.
    findings : what was wrong, and what was done about it.
    names : the files' names without folders.  fingerprint : sha256 of the input.
    """

    item_ids: list[str]
    titles: list[str]
    categories: list[str]
    brands: list[str]
    groups: list[str]
    price: NDArray[np.float64]
    cost: NDArray[np.float64]
    stock: NDArray[np.float64]
    return_rate: NDArray[np.float64]
    active: NDArray[np.uint8]
    service: NDArray[np.uint8]
    attributes: dict[str, list[str]]
    present: frozenset[str]
    further: tuple[str, ...]
    rows: int
    findings: tuple[Finding, ...]
    names: tuple[str, ...]
    fingerprint: str


@dataclass(frozen=True)
class CatalogSource:
    """Where the cells came from: the last fields of `CatalogColumns`."""

    further: tuple[str, ...]
    names: tuple[str, ...]
    fingerprint: str


def understand(cells: Mapping[str, Sequence[Any]], source: CatalogSource, troubles: Troubles) -> CatalogColumns:
    """Typed columns from cells of any type, one sequence of equal length a column; troubles are added to `troubles`."""
    rows = len(cells["item_id"])
    ids = [parse_id(value) for value in cells["item_id"]]
    chosen = _chosen_rows(ids, troubles)

    def column(name: str) -> list[Any]:
        return [cells[name][row] for row in chosen] if name in cells else [None] * len(chosen)

    def texts(name: str) -> list[str]:
        return [_text(value, row, name, troubles) for row, value in zip(chosen, column(name), strict=True)]

    def numbers(name: str) -> NDArray[np.float64]:
        values = [_number(value, row, name, troubles) for row, value in zip(chosen, column(name), strict=True)]
        return np.array(values, np.float64)

    active = [_active(value, row, troubles) for row, value in zip(chosen, column("active"), strict=True)]
    kinds = [_is_service(value, row, troubles) for row, value in zip(chosen, column("kind"), strict=True)]
    return CatalogColumns(
        item_ids=[ids[row] for row in chosen],
        titles=texts("title"),
        categories=[parse_category(path) for path in texts("category")],
        brands=texts("brand"),
        groups=texts("group"),
        price=_prices(numbers("price"), troubles),
        cost=numbers("cost"),
        stock=numbers("stock"),
        return_rate=numbers("return_rate"),
        active=np.array(active, np.uint8),
        service=np.array(kinds, np.uint8),
        attributes={
            name: [_attribute(cells[name][row], row, name, troubles) for row in chosen]
            for name in cells
            if name not in CATALOG_COLUMNS
        },
        present=frozenset(cells).intersection(CATALOG_COLUMNS),
        further=source.further,
        rows=rows,
        findings=troubles.findings(rows),
        names=source.names,
        fingerprint=source.fingerprint,
    )


def _chosen_rows(ids: Sequence[str], troubles: Troubles) -> list[int]:
    first: dict[str, int] = {}
    for row, item_id in enumerate(ids):
        if not item_id.strip() or item_id in NO_ID:
            troubles.add("catalog-blank-ids", row, item_id)
        elif not _usable(item_id):
            troubles.add("catalog-unusable-ids", row, item_id)
        elif item_id in first:
            troubles.add("catalog-repeated-items", row, item_id, first_line=first[item_id] + 1)
        else:
            first[item_id] = row
    return [first[item_id] for item_id in sorted(first, key=str.encode)]


def _usable(item_id: str) -> bool:
    try:
        return len(item_id.encode()) <= MAX_ID_BYTES and not _CONTROL.search(item_id)
    except UnicodeEncodeError:
        return False


def _text(value: Any, row: int, name: str, troubles: Troubles) -> str:
    text = (value if isinstance(value, str) else parse_id(value)).strip()
    if not text.isascii():
        text = text.encode(errors="replace").decode()
    if len(text) > MAX_TITLE:
        troubles.add("catalog-overlong-text", row, text, column=name)
    return text[:MAX_TITLE]


def _attribute(value: Any, row: int, name: str, troubles: Troubles) -> str:
    if isinstance(value, bool):
        value = str(value).lower()
    elif isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    text = (value if isinstance(value, str) else parse_id(value)).strip().encode(errors="replace").decode()
    if len(text) > MAX_ATTRIBUTE:
        troubles.add("catalog-overlong-attributes", row, text, column=name)
        return ""
    return text


def _number(value: Any, row: int, name: str, troubles: Troubles) -> float:
    low, high = _BOUNDS[name]
    try:
        number = parse_number(value, low)
    except ValueError:
        number = math.inf
    if number > high or math.isinf(number):
        troubles.add("catalog-unusable-numbers", row, value, column=name)
        return math.nan
    if name == "price" and number == 0:
        troubles.add(_ZERO, row, value)
    return number


def _prices(numbers: NDArray[np.float64], troubles: Troubles) -> NDArray[np.float64]:
    """The prices; unknown where none is above 0, since a shop that gives all away has nothing to suggest."""
    if _ZERO not in troubles.counts or np.any(numbers > 0):
        return numbers
    troubles.counts[_NO_PRICES] = troubles.counts.pop(_ZERO)
    troubles.examples[_NO_PRICES] = troubles.examples.pop(_ZERO)
    return np.full_like(numbers, math.nan)


def _active(value: Any, row: int, troubles: Troubles) -> bool:
    try:
        flag = parse_flag(value)
    except ValueError:
        troubles.add("catalog-unusable-flags", row, value)
        return True
    return flag is not False


def _is_service(value: Any, row: int, troubles: Troubles) -> bool:
    kind = parse_id(value).strip().lower()
    if kind not in {"", "product", "service"}:
        troubles.add("catalog-unknown-kinds", row, value)
    return kind == "service"
