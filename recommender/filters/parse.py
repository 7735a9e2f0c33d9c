"""A filter's text becomes a tree; what does not parse is told with line, column, value and what was expected."""

from __future__ import annotations

from recommender.filters.fields import check_test
from recommender.filters.tokens import Token, tokens
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
    Place,
)

MAX_LENGTH = 2000
MAX_DEPTH = 20
MAX_TESTS = 200
_SIGNS = frozenset({"=", "!=", "<", "<=", ">", ">="})


def parse(text: str) -> Node:
    """The tree of a filter; raises ``FilterError`` for text that is none, too long or too deep.

    >>> parse('price <= 50').sign
    '<='
    >>> parse('price <= "cheap"')
    Traceback (most recent call last):
        ...
    recommender.filters.tree.FilterError: line 1, column 10: "cheap" is text; price is a number: write one as in 19.99
    """
    if len(text) > MAX_LENGTH:
        raise FilterError(Place(1, 1), f"{len(text):,} characters; at most {MAX_LENGTH:,}: name fewer values")
    parser = _Parser(text)
    node = parser.either(0)
    if parser.now.kind != "end":
        raise parser.expected("and, or, or the end")
    return node


class _Parser:
    """One pass over the words; every method takes what it names and moves on."""

    def __init__(self, text: str) -> None:
        self._words = tokens(text)
        self._tests = 0
        self.now = next(self._words)

    def expected(self, what: str) -> FilterError:
        return FilterError(self.now.place, f"found {self.now.shown:.40}; expected {what}")

    def either(self, depth: int) -> Node:
        node = self._both(depth)
        while self._took("or"):
            node = Either(node, self._both(depth))
        return node

    def _both(self, depth: int) -> Node:
        node = self._part(depth)
        while self._took("and"):
            node = Both(node, self._part(depth))
        return node

    def _part(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise FilterError(self.now.place, f"nested deeper than {MAX_DEPTH} levels; write it flatter")
        if self._took("not"):
            return Not(self._part(depth + 1))
        if self._took("("):
            node = self.either(depth + 1)
            self._need(")", ") or and, or")
            return node
        return self._test()

    def _test(self) -> Node:
        if self.now.kind != "name":
            raise self.expected("a field, not, or (")
        self._tests += 1
        if self._tests > MAX_TESTS:
            raise FilterError(self.now.place, f"more than {MAX_TESTS} tests; use in (…)")
        name = self._take()
        field = Field(name.text, name.place)
        if self._took("is"):
            negated = self._took("not")
            self._need("missing", "missing, or not missing")
            return Not(Missing(field)) if negated else Missing(field)
        negated = self._took("not")
        if self._took("in"):
            among = check_test(Among(field, self._values()))
            return Not(among) if negated else among
        if negated:
            raise self.expected("in")
        return check_test(Comparison(field, self._sign(), self._literal()))

    def _sign(self) -> str:
        if self.now.kind != "sign" or self.now.text not in _SIGNS:
            raise self.expected("=, !=, <, <=, >, >=, in, not in, is missing")
        return self._take().text

    def _values(self) -> tuple[Literal, ...]:
        if not self._took("("):
            return (self._literal(),)
        values = [self._literal()]
        while self._took(","):
            values.append(self._literal())
        self._need(")", ", or )")
        return tuple(values)

    def _literal(self) -> Literal:
        word = self.now
        if word.kind == "text":
            return Literal(self._take().text, word.place)
        if word.kind == "number":
            return Literal(float(self._take().text), word.place)
        if word.kind == "word" and word.text in {"true", "false"}:
            return Literal(self._take().text == "true", word.place)
        raise self.expected('a value: text in quotes as in "Audio", a number, true or false')

    def _take(self) -> Token:
        word = self.now
        if word.kind != "end":
            self.now = next(self._words)
        return word

    def _took(self, text: str) -> bool:
        found = self.now.kind in {"word", "sign"} and self.now.text == text
        if found:
            self._take()
        return found

    def _need(self, text: str, told: str) -> None:
        if not self._took(text):
            raise self.expected(told)
