"""What filters can ask for, and which values and signs each field takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum

from recommender.filters.tree import Among, Comparison, FilterError, Literal, Value


class Kind(Enum):
    """What a field holds."""

    NUMBER = "a number"
    TEXT = "text"
    FLAG = "true or false"


FIELDS: Mapping[str, Kind] = {
    "item_id": Kind.TEXT,
    "title": Kind.TEXT,
    "category": Kind.TEXT,
    "brand": Kind.TEXT,
    "group": Kind.TEXT,
    "kind": Kind.TEXT,
    "price": Kind.NUMBER,
    "cost": Kind.NUMBER,
    "margin": Kind.NUMBER,
    "stock": Kind.NUMBER,
    "return_rate": Kind.NUMBER,
    "active": Kind.FLAG,
}
"""Fields of every catalogue; any other name is an attribute, which takes each kind of value."""

MERCHANTS_FIELDS = frozenset({"cost", "margin", "stock", "return_rate"})
"""Fields whose values no shopper may find out by asking."""
KINDS_OF_ITEMS = ("product", "service")
_EXAMPLES = {
    Kind.NUMBER: "write one as in 19.99",
    Kind.TEXT: 'write it in quotes, as in "Audio"',
    Kind.FLAG: "write it",
}


def check_test(test: Comparison | Among) -> Comparison | Among:
    """The test itself; raises ``FilterError`` where its field cannot be compared with its values like that."""
    literals = test.literals if isinstance(test, Among) else (test.literal,)
    for literal in literals:
        _check_value(test.field.name, literal)
    if isinstance(test, Comparison) and test.sign not in {"=", "!="}:
        kind = FIELDS.get(test.field.name)
        if kind not in {Kind.NUMBER, None} or isinstance(test.literal.value, bool):
            told = kind.value if kind else "true or false"
            raise FilterError(test.field.place, f"{test.field.name} is {told}: compare it with =, != or in")
    return test


def _check_value(name: str, literal: Literal) -> None:
    kind = FIELDS.get(name)
    if kind is not None and kind is not _kind_of(literal.value):
        found = f"{shown(literal.value)} is {_kind_of(literal.value).value}"
        raise FilterError(literal.place, f"{found}; {name} is {kind.value}: {_EXAMPLES[kind]}")
    if name == "kind" and literal.value not in KINDS_OF_ITEMS:
        raise FilterError(literal.place, f"{shown(literal.value)} is no kind of item; expected {_either_kind()}")
    if isinstance(literal.value, float) and literal.value in {float("inf"), float("-inf")}:
        raise FilterError(literal.place, "too large a number; expected at most 1.8e308")


def shown(value: Value) -> str:
    """A value as filters write it, cut short.

    >>> shown("Audio"), shown(5.0), shown(True)
    ('"Audio"', '5', 'true')
    """
    text = f"{value:g}" if isinstance(value, float) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:39] + "…"


def _kind_of(value: Value) -> Kind:
    if isinstance(value, bool):
        return Kind.FLAG
    return Kind.TEXT if isinstance(value, str) else Kind.NUMBER


def _either_kind() -> str:
    return " or ".join(shown(kind) for kind in KINDS_OF_ITEMS)
