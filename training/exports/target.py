"""What an export can be made for: its columns, where its rows come from, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from training.exports.cells import Column, Row
from training.exports.source import Options, Source
from training.exports.writers import FORMATS, Writer


@dataclass(frozen=True)
class Target:
    """One kind of export.

    Attributes
    ----------
    meaning : one line for people.
    columns : of a row, given what was asked for.
    key : how many of the first columns tell a row apart from every other.
    rows : the rows of the units ``[first, end)``, in order.
    units : what the rows are taken from, items of the catalogue unless told otherwise.
    formats : how it can be written, by name; the first one is meant where neither suffix nor option says which.
    placement : whose suggestions its lists hold; None where it has no lists to choose.
    k : items of a list, and the most that the system reads.
    """

    name: str
    meaning: str
    columns: Callable[[Options], Sequence[Column]]
    key: int
    rows: Callable[[Source, int, int], Iterable[Row]]
    units: Callable[[Source], int] = lambda source: len(source.catalog)
    formats: Mapping[str, Writer] = field(default_factory=lambda: FORMATS)
    placement: str | None = None
    k: int | None = None

    def limit(self, options: Options) -> int:
        """Items of a list."""
        return options.k or self.k or 0
