"""A filter as a tree: comparisons of fields with values, joined by and, or, not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from recommender.errors import UsageError

Value = str | float | bool


@dataclass(frozen=True)
class Place:
    """Where something stands in the filter's text, both from 1."""

    line: int
    column: int


class FilterError(UsageError):
    """A filter that cannot be understood; the message names the place, what stands there and what was expected."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(f"line {place.line}, column {place.column}: {message}")
        self.place = place


@dataclass(frozen=True)
class Field:
    """A field by its name in lower case."""

    name: str
    place: Place


@dataclass(frozen=True)
class Literal:
    """A text, a number, true or false."""

    value: Value
    place: Place


@dataclass(frozen=True)
class Comparison:
    """``field sign literal``; the sign is one of ``= != < <= > >=``."""

    field: Field
    sign: str
    literal: Literal


@dataclass(frozen=True)
class Among:
    """``field in (literal, …)``."""

    field: Field
    literals: tuple[Literal, ...]


@dataclass(frozen=True)
class Missing:
    """``field is missing``."""

    field: Field


@dataclass(frozen=True)
class Not:
    """What the part is not true of."""

    part: Node


@dataclass(frozen=True)
class Both:
    """``left and right``."""

    left: Node
    right: Node


@dataclass(frozen=True)
class Either:
    """``left or right``."""

    left: Node
    right: Node


Node = Comparison | Among | Missing | Not | Both | Either


def names_of(node: Node) -> set[str]:
    """The names of all fields that a filter asks for."""
    return {test.field.name for test in tests_of(node)}


def tests_of(node: Node) -> Iterator[Comparison | Among | Missing]:
    """Every test of a field in the tree, from left to right."""
    if isinstance(node, Both | Either):
        yield from tests_of(node.left)
        yield from tests_of(node.right)
    elif isinstance(node, Not):
        yield from tests_of(node.part)
    else:
        yield node
