"""The text of a filter as words: names, texts, numbers and signs, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from recommender.filters.tree import FilterError, Place

WORDS = frozenset({"and", "or", "not", "in", "is", "missing", "true", "false"})
_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
      | (?P<quoted>`[^`]+`)
      | (?P<name>[^\W\d][\w.-]*)
      | (?P<sign><=|>=|!=|[=<>(),])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True)
class Token:
    """One word of a filter.

    Attributes
    ----------
    kind : ``name``, ``word`` (of the language), ``text``, ``number``, ``sign`` or ``end``.
    text : names and words in lower case, texts without their quotes, else as it stands.
    shown : as it stands in the filter.
    """

    kind: str
    text: str
    shown: str
    place: Place


def tokens(text: str) -> Iterator[Token]:
    """The words of a filter, and an ``end``; raises ``FilterError`` where there is none.

    >>> [token.text for token in tokens('Price <= 5 and brand != "X"')]
    ['price', '<=', '5', 'and', 'brand', '!=', 'X', '']
    """
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise FilterError(_place(text, at), _what_is_wrong(text, at))
        if match.lastgroup != "space":
            yield _token(match, _place(text, at))
        at = match.end()
    yield Token("end", "", "the end", _place(text, at))


def _token(match: re.Match[str], place: Place) -> Token:
    kind, shown = str(match.lastgroup), match.group()
    if kind == "text":
        return Token(kind, _ESCAPED.sub(r"\1", shown[1:-1]), shown, place)
    if kind == "quoted":
        return Token("name", shown[1:-1].strip().casefold(), shown, place)
    plain = shown.casefold()
    return Token("word" if plain in WORDS else kind, plain, shown, place)


def _place(text: str, at: int) -> Place:
    before = text[:at]
    return Place(before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1)


def _what_is_wrong(text: str, at: int) -> str:
    if text[at] in "\"'`":
        return f"{text[at : at + 20]!r}: a quote that is not closed; close it with {text[at]}"
    if text[at].isdigit():
        return f"{text[at : at + 20]!r}: no number; write one as in 19.99, and text in quotes"
    hint = "; write = for equal" if text[at] in "~:" else ""
    return f"{text[at]!r}: not part of a filter{hint}; expected a field, a value in quotes, a number or a sign"
