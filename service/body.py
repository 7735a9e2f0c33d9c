"""The body of a request, read strictly: JSON in UTF-8, bounded in bytes and depth, each name once."""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import Any, NoReturn

from flask import Request
from werkzeug.exceptions import HTTPException

from service.limits import MAX_JSON_DEPTH
from service.problems import (
    BAD_REQUEST,
    BODY_TOO_LARGE,
    INVALID_FIELDS,
    MALFORMED_JSON,
    WRONG_CONTENT_TYPE,
    Problem,
)

_LONG_FRAMES = "the body in its chunks is longer than this service reads; send it whole, or in larger chunks"
_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii"})
_MAX_DIGITS = 300
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_STRING_OR_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


class StrictRequest(Request):
    """A request whose JSON is an object or a problem."""

    @cached_property
    def json_object(self) -> dict[str, Any]:
        """The body; raises ``Problem``."""
        self._check_type()
        value = parse_json(self._read())
        if isinstance(value, dict):
            return value  # pyright: ignore[reportUnknownVariableType]  # JSON objects have text for names
        wrong = {"in": "body", "path": "", "detail": "expected an object", "bound": {"type": "object"}}
        detail = f"the body is {_kind(value)}; expected an object"
        raise Problem(INVALID_FIELDS, detail, members={"errors": [wrong]})

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:  # noqa: ARG002  # the signature is Flask's
        return self.json_object

    def _check_type(self) -> None:
        charset = self.mimetype_params.get("charset", "utf-8").strip("\"'").lower()
        if self.mimetype != "application/json" or charset not in _CHARSETS:
            given = self.headers.get("Content-Type", "")[:100] or "nothing"
            detail = f"Content-Type is {given}; send application/json in UTF-8"
            raise Problem(WRONG_CONTENT_TYPE, detail, headers={"Accept": "application/json"})
        encoding = self.headers.get("Content-Encoding", "identity")
        if encoding.lower() != "identity":
            detail = f"Content-Encoding is {encoding[:100]}; send the body as it is"
            raise Problem(WRONG_CONTENT_TYPE, detail, headers={"Accept-Encoding": "identity"})

    def _read(self) -> bytes:
        limit: int = (self.max_content_length or 1) - 1
        try:
            data = self.get_data(cache=False)
        except HTTPException as error:
            if error.code == BODY_TOO_LARGE.status:
                raise _too_large(limit) from error
            if isinstance(error.__context__, BlockingIOError):
                raise Problem(BODY_TOO_LARGE, _LONG_FRAMES) from error
            raise Problem(BAD_REQUEST, "the body ended early or is not framed as HTTP says") from error
        except Exception as error:  # whatever the server's reader raises is about what the client sent
            raise Problem(BAD_REQUEST, "the body is not framed as HTTP says") from error
        if len(data) > limit:
            raise _too_large(limit)
        if len(data) < (self.content_length or 0):
            raise Problem(BAD_REQUEST, f"the body ended after {len(data):,} of {self.content_length:,} bytes")
        return data


def parse_json(data: bytes) -> Any:
    """The value of a JSON text (RFC 8259, and each name of an object once).

    Raises ``Problem`` for text that is not UTF-8, not JSON, too deep, or ambiguous.

    >>> parse_json(b'{"items": ["A", "B"]}')
    {'items': ['A', 'B']}
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise Problem(MALFORMED_JSON, f"byte {error.start} is not UTF-8; send the body in UTF-8") from error
    if is_deeper(data, MAX_JSON_DEPTH):
        raise Problem(MALFORMED_JSON, f"nested deeper than {MAX_JSON_DEPTH} levels, the bound of this service")
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refused, parse_int=_int)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Problem(MALFORMED_JSON, f"{place}: {error.msg.lower()}; send one JSON object") from error
    if _SURROGATE.search(data):
        _check_text(value)
    return value


def is_deeper(data: bytes, levels: int) -> bool:
    """Whether brackets outside strings are nested deeper than `levels`.

    >>> is_deeper(b'[[1], "[[["]', 2), is_deeper(b"[[[1]]]", 2)
    (False, True)
    """
    if data.count(b"[") + data.count(b"{") <= levels:
        return False
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(data):
        token = match.group()
        if token in {b"[", b"{"}:
            depth += 1
            if depth > levels:
                return True
        elif token in {b"]", b"}"}:
            depth -= 1
    return False


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    seen: set[str] = set()
    twice = next(name for name, _ in pairs if name in seen or seen.add(name))
    raise Problem(MALFORMED_JSON, f"the name {twice[:60]!a} occurs twice in one object; send it once")


def _check_text(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise Problem(MALFORMED_JSON, "half of a surrogate pair stands alone; send whole characters") from error


def _refused(literal: str) -> NoReturn:
    raise Problem(MALFORMED_JSON, f"{literal} is no JSON number; leave the field out or send a finite number")


def _int(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MAX_DIGITS else float(digits)


def _too_large(limit: int) -> Problem:
    return Problem(BODY_TOO_LARGE, f"the body is longer than {limit:,} bytes, the bound of this service")


def _kind(value: object) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return "text" if isinstance(value, str) else "a list" if isinstance(value, list) else "a number"
