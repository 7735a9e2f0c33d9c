"""Which items of a catalog a filter is true of, as a mask over its rows."""

from __future__ import annotations

import operator
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.catalog import LEVEL_SEPARATOR, Catalog
from recommender.filters.fields import FIELDS, Kind
from recommender.filters.parse import parse
from recommender.filters.tree import (
    Among,
    Both,
    Comparison,
    Either,
    Field,
    FilterError,
    Literal,
    Missing,
    Node,
    Not,
    Value,
)
from recommender.shelf import parse_category, parse_flag, parse_number
from recommender.strings import StringColumn, find

Mask = NDArray[np.bool_]
KEPT_MASKS = 64
_BRANCH = LEVEL_SEPARATOR + "*"
_SIGNS: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Masks:
    """Masks over one catalog, the latest ones kept; safe to share between threads.

    Parameters
    ----------
    within : bool (items,), the only items that a filter can be true of.
    """

    def __init__(self, catalog: Catalog, within: Mask) -> None:
        def bytes_of(text: str) -> bytes:
            return (mask_of(parse(text), catalog) & within).tobytes()

        self.of = lru_cache(KEPT_MASKS)(bytes_of)
        """A byte an item, not 0 where the filter, a text, is true of it; raises ``FilterError``."""


def mask_of(node: Node, catalog: Catalog) -> Mask:
    """bool (items,): where the filter is true.

    A missing value equals nothing and is neither above nor below anything, so that ``!=`` and ``not`` are true of it.

    Raises ``FilterError`` for an attribute that the catalog does not have.
    """
    if isinstance(node, Both):
        return mask_of(node.left, catalog) & mask_of(node.right, catalog)
    if isinstance(node, Either):
        return mask_of(node.left, catalog) | mask_of(node.right, catalog)
    if isinstance(node, Not):
        return ~mask_of(node.part, catalog)
    return _tested(node, catalog)


def check_attributes(field: Field, catalog: Catalog) -> None:
    """Raises ``FilterError`` for a field that is neither every catalog's nor an attribute of this one."""
    if field.name not in FIELDS and catalog.attributes.codes_of(field.name) is None:
        names = list(dict.fromkeys([*FIELDS, *catalog.attributes.names]))
        near = get_close_matches(field.name[:64], names, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names[:40])}"
        raise FilterError(field.place, f"{field.name:.40}: the catalogue has no such column; {hint}")


def _tested(test: Comparison | Among | Missing, catalog: Catalog) -> Mask:
    if isinstance(test, Missing):
        return _missing(test.field, catalog)
    if isinstance(test, Among):
        return np.logical_or.reduce([_equal(test.field, literal, catalog) for literal in test.literals])
    if test.sign == "!=":
        return ~_equal(test.field, test.literal, catalog)
    return _compared(test, catalog)


def _compared(test: Comparison, catalog: Catalog) -> Mask:
    value = test.literal.value
    if test.sign == "=":
        return _equal(test.field, test.literal, catalog)
    if isinstance(value, str):
        return _ordered_text(_codes(test.field, catalog), catalog.attributes.values, test.sign, value)
    return _SIGNS[test.sign](_numbers(test.field, catalog), value)


def _equal(field: Field, literal: Literal, catalog: Catalog) -> Mask:
    value, kind = literal.value, FIELDS.get(field.name)
    if isinstance(value, str):
        return _is_text(field, value, catalog)
    if kind is Kind.FLAG:
        return (catalog.active != 0) == value
    if isinstance(value, bool):
        return _of_values(field, catalog, lambda text: _flag(text) is value)
    return _numbers(field, catalog) == value


def _is_text(field: Field, value: str, catalog: Catalog) -> Mask:
    if field.name == "category":
        return _in_category(value, catalog)
    if field.name == "brand":
        return catalog.item_brand == _row(catalog.brands, value)
    if field.name == "kind":
        return (catalog.service != 0) == (value == "service")
    if field.name == "item_id":
        return np.arange(len(catalog)) == find(catalog.item_ids, value)
    if field.name == "title":
        return _same_text(catalog.titles, value)
    return _codes(field, catalog) == _row(catalog.attributes.values, value)


def _in_category(value: str, catalog: Catalog) -> Mask:
    """The items of one category; of ``"Audio > *"`` those of Audio and of everything below it."""
    path = parse_category(value)
    if not path.endswith(_BRANCH):
        return catalog.item_category == _row(catalog.categories, path)
    top = find(catalog.categories, path.removesuffix(_BRANCH))
    inside = np.zeros(len(catalog.categories) + 1, np.bool_)  # the last entry stands for no category
    if top >= 0:
        inside[top] = True
        for row, parent in enumerate(catalog.category_parent.tolist()):  # a parent's path sorts before its children's
            inside[row] |= parent >= 0 and inside[parent]
    return inside[catalog.item_category]


def _same_text(column: StringColumn, value: str) -> Mask:
    key = value.encode(errors="surrogatepass")
    found = np.zeros(len(column), np.bool_)
    for row in np.flatnonzero(np.diff(column.offsets) == len(key)).tolist():
        found[row] = column.raw(row) == key
    return found if key else np.zeros(len(column), np.bool_)


def _numbers(field: Field, catalog: Catalog) -> NDArray[np.float64]:
    """float64 (items,): a number an item, NaN where there is none."""
    if field.name == "margin":
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            share = (catalog.price - catalog.cost) / catalog.price
        return np.where(np.isfinite(share), share, np.nan)
    if field.name in FIELDS:
        return np.asarray(getattr(catalog, field.name), np.float64)
    codes = _codes(field, catalog)
    used, places = np.unique(codes, return_inverse=True)
    return np.array([_number(_text(catalog, code)) for code in used.tolist()], np.float64)[places]


def _ordered_text(codes: NDArray[np.int32], values: StringColumn, sign: str, value: str) -> Mask:
    key, rows = value.encode(errors="surrogatepass"), range(len(values))
    low, high = bisect_left(rows, key, key=values.raw), bisect_right(rows, key, key=values.raw)
    bound = {"<": codes < low, "<=": codes < high, ">": codes >= high, ">=": codes >= low}[sign]
    return bound & (codes >= 0)


def _of_values(field: Field, catalog: Catalog, is_wanted: Callable[[str], bool]) -> Mask:
    used, places = np.unique(_codes(field, catalog), return_inverse=True)
    return np.array([is_wanted(_text(catalog, code)) for code in used.tolist()], np.bool_)[places]


def _missing(field: Field, catalog: Catalog) -> Mask:
    if FIELDS.get(field.name) is Kind.NUMBER:
        return np.isnan(_numbers(field, catalog))
    rows = {"category": catalog.item_category, "brand": catalog.item_brand}.get(field.name)
    if rows is not None:
        return rows < 0
    if field.name == "title":
        return np.diff(catalog.titles.offsets) == 0
    if field.name in {"item_id", "kind", "active"}:
        return np.zeros(len(catalog), np.bool_)
    return _codes(field, catalog) < 0


def _codes(field: Field, catalog: Catalog) -> NDArray[np.int32]:
    """int32 (items,), rows in the attributes' values, -1 where an item has none."""
    check_attributes(field, catalog)
    codes = catalog.attributes.codes_of(field.name)
    return np.full(len(catalog), -1, np.int32) if codes is None else codes


def _text(catalog: Catalog, code: int) -> str:
    return catalog.attributes.values[code] if code >= 0 else ""


def _row(column: StringColumn, value: str) -> int:
    """Row of a text, or -2, which no item has."""
    row = find(column, value)
    return row if row >= 0 else -2


def _number(text: str) -> float:
    try:
        return parse_number(text)
    except ValueError:
        return float("nan")


def _flag(text: Value) -> bool | None:
    try:
        return parse_flag(text)
    except ValueError:
        return None
