"""JSON in UTF-8 without blanks, by orjson where the extra `serve` has brought it, else by the standard library.

orjson writes an answer in 6 µs and the standard library in 90: of what a cart of a night's job costs, a fifth.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any


def plain(value: Any, read_back: Callable[[Any], Any] | None = None) -> bytes:
    """By the standard library, in ASCII, as half a surrogate pair has no form in UTF-8; raises ``ValueError`` for NaN.

    >>> plain({"title": "Käse", "price": 2.5}).decode()
    '{"title":"K\\\\u00e4se","price":2.5}'
    """
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"), default=read_back).encode()


def what_is_not_json(error: Exception) -> str:
    """Why a text is no JSON, without the words of the program that reads it.

    >>> what_is_not_json(RecursionError("maximum recursion depth exceeded"))
    'lists or objects nested too deeply'
    >>> what_is_not_json(ValueError("Exceeds the limit (4300 digits) for integer string conversion"))
    'a number of more than 4,300 digits'
    """
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos + 1}"
    if isinstance(error, RecursionError):
        return "lists or objects nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start + 1} is {error.object[error.start]:#04x}, which is not UTF-8"
    return f"a number of more than {sys.get_int_max_str_digits():,} digits" if "digits" in str(error) else str(error)


def _fastest() -> tuple[Callable[[Any], bytes], Callable[[Any], Any]]:
    try:
        orjson = import_module("orjson")
    except ImportError:
        return plain, _as_it_is
    written, fragment = orjson.dumps, orjson.Fragment

    def fast(value: Any) -> bytes:
        try:
            return written(value)
        except TypeError:  # half a surrogate pair, or a number beyond 64 bits
            return plain(value, lambda part: json.loads(written(part)))

    def ready(value: Any) -> Any:
        return fragment(fast(value))

    return fast, ready


def _as_it_is(value: Any) -> Any:
    return value


compact_json, ready = _fastest()
"""Bytes of any JSON value; a number that is not finite becomes null, or raises ``ValueError`` without orjson.

`ready` makes a part of such values that `compact_json` alone knows, its bytes made once: for what many values hold.
"""
