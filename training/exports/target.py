"""What an export can be made for: its columns, where its rows come from, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from training.exports.cells import Column, Row
from training.exports.source import Source
from training.exports.writers import FORMATS, Writer


def items_of(source: Source) -> int:
    """The units of most targets: items of the catalogue."""
    return len(source.catalog)


def any_id(_text: str) -> str | None:
    """For systems that take any id."""
    return None


@dataclass(frozen=True)
class Target:
    """One kind of export.

    Attributes
    ----------
    columns : of a row.
    key : how many of the first columns tell a row apart from every other.
    rows : the rows of the units ``[first, end)``, in order.
    units : what the rows are taken from.
    formats : how it can be written, by name; each is also a suffix.
    placement : whose suggestions its lists hold; None where that cannot be chosen.
    k : items of a list where nothing else is asked for; None where it holds no lists.
    most : items of a list that the system takes.
    id_problem : why the system cannot hold an id, or None.
    wants_currency : prices are written with their currency.
    whole_only : the system takes a file for all there is, so that changes alone would delete the rest.
    lost : the row that clears what the system has, for the key of a row that is no more; None where rows are deleted.
    folder : a row is a file of a folder, its name and its content; None for a content that is to be left untouched.
    of_customers : it tells of customers: their histories are read, and nobody but the owner may read the file.
    file_name : what the name of the file must hold for the system to know it.
    """

    name: str
    columns: Callable[[Source], Sequence[Column]]
    key: int
    rows: Callable[[Source, int, int], Iterable[Row]]
    units: Callable[[Source], int] = items_of
    formats: Mapping[str, Writer] = field(default_factory=lambda: FORMATS)
    placement: str | None = None
    k: int | None = None
    most: int = 100
    id_problem: Callable[[str], str | None] = any_id
    wants_currency: bool = False
    whole_only: bool = False
    lost: Callable[[Row], Row] | None = None
    folder: bool = False
    of_customers: bool = False
    file_name: str = ""
