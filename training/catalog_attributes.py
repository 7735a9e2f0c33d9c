"""Which further columns of a catalogue file become attributes of its items."""

from __future__ import annotations

from collections.abc import Container, Sequence

from training.catalog_cells import CATALOG_COLUMNS
from training.columns import Column, is_nested, plain_name

MAX_ATTRIBUTES = 64
MAX_NAME = 100


def attribute_columns(columns: Sequence[Column]) -> dict[str, Column]:
    """The attributes by the name that filters use; of columns that differ in letter case alone the first.

    >>> list(attribute_columns([Column("item_id", "item_id"), Column("c", "Colour"), Column("t", "tags", "VARCHAR[]")]))
    ['colour']
    """
    found: dict[str, Column] = {}
    for column in columns:
        name = plain_name(column.name)
        if name and len(name) <= MAX_NAME and name not in CATALOG_COLUMNS and not is_nested(column):
            found.setdefault(name, column)
    return dict(list(found.items())[:MAX_ATTRIBUTES])


def unused_columns(columns: Sequence[Column], used: Container[str]) -> tuple[str, ...]:
    """Names of the columns that are neither the catalogue's own nor an attribute: nested, nameless, or too many."""
    return tuple(
        column.name
        for column in columns
        if plain_name(column.name) not in used and plain_name(column.name) not in CATALOG_COLUMNS
    )
