"""Wrong fields, every one with its path and its bound."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from recommender.events import KINDS
from recommender.objective import OBJECTIVES
from service.event_schemas import EventDocument, EventLine
from service.limits import MAX_ID_LENGTH, MAX_REPORTED_FIELDS
from service.problems import INVALID_FIELDS, Problem
from service.schemas import UNION_TAGS, CartLine

_SCHEMA_WORDS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "max_length": "maxLength",
    "min_length": "minLength",
}
_TOLD = {
    "greater_than": "expected a number above {gt:,.0f}",
    "greater_than_equal": "expected {ge:,} or more",
    "less_than_equal": "expected at most {le:,.0f}",
    "string_too_long": "expected at most {max_length:,} characters",
    "string_too_short": "expected at least {min_length:,} character",
    "too_long": "expected at most {max_length:,} entries",
    "too_short": "expected at least {min_length:,} entry",
    "missing": "is required",
}
_GUESSED_NAMES = 20
_SHOWN_CHARACTERS = 80
_TYPES = {
    "int_type": "integer",
    "float_type": "number",
    "finite_number": "finite number",
    "string_type": "string",
    "bool_type": "boolean",
    "list_type": "array",
    "dict_type": "object",
    "model_type": "object",
}
_SHAPES: Mapping[str, Mapping[str, Any]] = {
    "cart_entry": {"type": ["string", "object"]},
    "event_type": {"enum": list(KINDS)},
    "objective": {"enum": list(OBJECTIVES)},
    "time": {"type": "string", "format": "date-time"},
    "scalar": {"type": ["string", "number", "boolean", "null"], "maxLength": MAX_ID_LENGTH},
}

_HOLDERS = {"items[]": CartLine, "events[]": EventDocument, "events[].items[]": EventLine}
_NUMBER = re.compile(r"\[\d+\]")

Location = tuple[int | str, ...]


def invalid_fields(error: ValidationError, where: str, names: tuple[str, ...]) -> Problem:
    """The problem that names every field that pydantic refused.

    Parameters
    ----------
    where : what was refused: body, query or path.  names : of the fields that it takes.
    """
    found = error.errors(include_url=False)
    shown = [_field(where, names, place, entry) for place, entry in enumerate(found[:MAX_REPORTED_FIELDS])]
    return fields_problem(shown, len(found))


def fields_problem(errors: Iterable[Mapping[str, Any]], count: int) -> Problem:
    """The problem of `count` wrong fields, of which `errors` describes the first ones."""
    errors = list(errors)
    first = errors[0]
    more = f", and {count - 1:,} more" if count > 1 else ""
    members: dict[str, Any] = {"errors": errors}
    if count > len(errors):
        members["errors_left_out"] = count - len(errors)
    return Problem(INVALID_FIELDS, f"{first['path'] or 'the ' + first['in']}: {first['detail']}{more}", members=members)


def unknown_placement(name: str, names: Sequence[str], where: str) -> Problem:
    """The problem of a placement that is not among `names`; `where` it was asked for: body or query."""
    detail = f"no such placement here; there are {', '.join(names)}"
    error = {"in": where, "path": "placement", "detail": detail, "bound": {"enum": list(names)}}
    return fields_problem([error | {"value": shown(name)}], 1)


def path_of(location: Location) -> str:
    """Where a field is, as one would write it.

    >>> path_of(("items", 3, "<line>", "quantity"))
    'items[3].quantity'
    """
    text = ""
    for step in location:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step not in UNION_TAGS:
            text += f".{step}" if text else step
    return text[:200]


def _field(where: str, names: tuple[str, ...], place: int, entry: Mapping[str, Any]) -> dict[str, Any]:
    location: Location = entry["loc"]
    kind: str = entry["type"]
    described: dict[str, Any] = {"in": where, "path": path_of(location)}
    if kind == "extra_forbidden":
        holder = _HOLDERS.get(_NUMBER.sub("[]", path_of(location[:-1])))
        known = names if holder is None else tuple(holder.model_fields)
        described |= {"detail": _unknown(str(location[-1]), known, place), "bound": {"enum": list(known)}}
        return described
    context: Mapping[str, Any] = entry.get("ctx") or {}
    described |= {"detail": _detail(kind, str(entry["msg"]), context), "bound": _bound(kind, context)}
    if kind != "missing":
        described["value"] = shown(entry["input"])
    return described


def _unknown(name: str, names: tuple[str, ...], place: int) -> str:
    near = get_close_matches(name[:64], names, 1) if place < _GUESSED_NAMES else []
    if not names:
        return "unknown field; this address takes none"
    return f"unknown field; did you mean {near[0]}?" if near else f"unknown field; there are {', '.join(names)}"


def _detail(kind: str, message: str, context: Mapping[str, Any]) -> str:
    if kind in _TYPES:
        return f"expected {_TYPES[kind]}"
    return _TOLD[kind].format(**context) if kind in _TOLD else message


def _bound(kind: str, context: Mapping[str, Any]) -> Mapping[str, Any]:
    if kind in _TYPES:
        return {"type": _TYPES[kind].removeprefix("finite ")}
    if kind == "missing":
        return {"required": True}
    if kind == "too_long":
        return {"maxItems": context["max_length"]}
    if kind == "too_short":
        return {"minItems": context["min_length"]}
    return _SHAPES.get(kind) or {word: context[name] for name, word in _SCHEMA_WORDS.items() if name in context}


def shown(value: object) -> str:
    """A value for a message as JSON writes it, cut short.

    >>> shown("x" * 100)[-4:], shown(True), shown({"a": [None]})
    ('xxx…', 'true', '{"a": [null]}')
    """
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
