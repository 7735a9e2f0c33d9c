"""Today's stock, price and active from a refreshed catalogue file, and how the cells of a catalogue are understood.

Training and the service understand the same cells the same way: both parse them here.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from numbers import Integral, Real
from typing import Any

import numpy as np

from recommender.catalog import LEVEL_SEPARATOR, Catalog
from recommender.errors import DataError

MAX_ID_BYTES = 256
MAX_AMOUNT = 1e12
"""What a price or a cost may be at most: sums of carts of them stay far from what a number can hold."""
SHELF_COLUMNS = ("price", "stock", "active")
_EXAMPLES = 3
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_MAX_NUMBER = 64
_YES = frozenset({"true", "t", "yes", "y", "1", "1.0", "on"})
_NO = frozenset({"false", "f", "no", "n", "0", "0.0", "off"})


def parse_id(value: object) -> str:
    """An id as text, exactly as it stands; whole numbers lose their ``.0``, nothing at all is an empty text.

    >>> parse_id("0007"), parse_id(7), parse_id(17850.0), parse_id(None)
    ('0007', '7', '17850', '')
    """
    if _missing(value):
        return ""
    number = float(value) if isinstance(value, Real) and not isinstance(value, Integral) else math.nan
    return str(int(number)) if number.is_integer() else str(value)


def parse_number(value: object, low: float = -math.inf, high: float = math.inf) -> float:
    """A finite number from `low` to `high`, or NaN where the cell is blank.

    Raises ``ValueError`` with the value and the bound for anything else; thousands separators and currency signs are
    not guessed at.

    >>> parse_number(" 2.50 "), parse_number(""), parse_number(3)
    (2.5, nan, 3.0)
    """
    if _missing(value):
        return math.nan
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return math.nan
        plain = len(text) <= _MAX_NUMBER and _NUMBER.fullmatch(text)
        number = float(text) if plain else math.nan
    else:
        number = _as_float(value)
    if not math.isfinite(number):
        raise ValueError(f"{shown(value)} is not a finite number, written as in 1234.5")
    if number < low:
        raise ValueError(f"{shown(value)} is below {low:g}")
    if number > high:
        raise ValueError(f"{shown(value)} is above {high:,.0f}")
    return number


def parse_flag(value: object) -> bool | None:
    """True or false in the usual spellings, or None where the cell is blank; raises ``ValueError`` for anything else.

    >>> parse_flag("Yes"), parse_flag(0), parse_flag("")
    (True, False, None)
    """
    text = "" if _missing(value) else str(value).strip().lower()
    if not text:
        return None
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise ValueError(f"{shown(value)} is not one of true, false, 1, 0, yes, no")


def parse_category(value: object) -> str:
    """A category path with its levels joined by ``" > "``; empty levels are dropped.

    >>> parse_category("Drinks>Tea  > > Green ")
    'Drinks > Tea > Green'
    """
    levels = (level.strip() for level in ("" if _missing(value) else str(value)).split(LEVEL_SEPARATOR.strip()))
    return LEVEL_SEPARATOR.join(level for level in levels if level)


def shown(value: object, limit: int = 40) -> str:
    """A value for a message: quoted, on one line, and cut.

    >>> shown("a" * 100)
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'… (100 characters)"
    """
    text = value if isinstance(value, str) else str(value)
    if len(text) <= limit:
        return repr(text)
    return f"{text[:limit]!r}… ({len(text):,} characters)"


@dataclass(frozen=True)
class ShelfReport:
    """What a refreshed catalogue file said.

    Attributes
    ----------
    rows : rows of the file.
    columns : which of price, stock and active the file has.
    known : items of the model that the file names.  absent : items of the model that it does not name; they keep
        their values.
    unknown : rows whose item the model does not know, with up to three of the ids in `unknown_examples`.
    duplicates : rows whose item an earlier row named already; the first one counts.
    blank : rows without an item id.
    problems : cells that could not be understood and rows of too many cells; what they would have set keeps its value.
        `problem_examples` holds up to three, with row, value and bound.
    """

    rows: int
    columns: tuple[str, ...]
    known: int
    absent: int
    unknown: int
    unknown_examples: tuple[str, ...]
    duplicates: int
    duplicate_examples: tuple[str, ...]
    blank: int
    problems: int
    problem_examples: tuple[str, ...]

    def lines(self) -> list[str]:
        """What a person should know, a sentence each; empty where all is well."""
        unknown, twice = ", ".join(self.unknown_examples), ", ".join(self.duplicate_examples)
        problems = "; ".join(self.problem_examples)
        told = (
            (not self.columns, "the file has none of price, stock and active: nothing was refreshed"),
            (self.unknown, f"{self.unknown:,} items that the model does not know, such as {unknown}"),
            (self.duplicates, f"{self.duplicates:,} rows name an item again, such as {twice}: the first counts"),
            (self.blank, f"{self.blank:,} rows without an item_id were left out"),
            (
                self.problems,
                f"{self.problems:,} cells or rows could not be understood and change nothing: {problems}",
            ),
        )
        return [text for said, text in told if said]


@dataclass
class _Tally:
    rows: int = 0
    seen: set[int] = field(default_factory=set[int])
    counts: dict[str, int] = field(default_factory=dict[str, int])
    examples: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def add(self, kind: str, example: str) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + 1
        known = self.examples.setdefault(kind, [])
        if len(known) < _EXAMPLES:
            known.append(example)

    def count(self, kind: str) -> int:
        return self.counts.get(kind, 0)

    def of(self, kind: str) -> tuple[str, ...]:
        return tuple(self.examples.get(kind, ()))


def read_shelf(rows: Iterable[Mapping[str, Any]], catalog: Catalog) -> tuple[Catalog, ShelfReport]:
    """The catalogue with today's price, stock and active, and what the file said.

    Rows are those of a catalogue file by column name, as ``csv.DictReader`` or a Parquet reader gives them; only
    `item_id`, `price`, `stock` and `active` are looked at, upper and lower case alike. An item that the file does not
    name keeps its values, and so does what a blank cell or one that cannot be understood would have set. The items
    stay those of the model: a new one needs training.

    Raises ``DataError`` where there is no row or no column `item_id`, or where the rows cannot be read.
    """
    layouts: dict[tuple[str, ...], dict[str, str]] = {}
    places = {item_id: row for row, item_id in enumerate(catalog.item_ids)}
    values = {name: np.array(getattr(catalog, name), np.float64) for name in SHELF_COLUMNS}
    tally = _Tally()
    for number, cells in enumerate(_readable(rows), 1):
        tally.rows = number
        heading = tuple(cells)
        if heading not in layouts:
            layouts[heading] = _column_names(heading)
        names = layouts[heading]
        place = _place(cells, parse_id(cells.get(names.get("item_id", ""))), places, tally)
        if place is None:
            continue
        for column, value in _understood(cells, names, tally):
            values[column][place] = value
    columns = _columns_of(layouts)
    refreshed = catalog.with_shelf(values["stock"], values["price"], values["active"].astype(np.uint8))
    return refreshed, _report(tally, columns, len(catalog))


def _missing(value: object) -> bool:
    return value is None or value != value  # noqa: PLR0124  # NaN of any library, the one value unlike itself


def _as_float(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]  # anything a Parquet reader gives: int, Decimal, numpy's scalars
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _readable(rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    try:
        yield from rows
    except (csv.Error, UnicodeDecodeError) as error:
        raise DataError(f"catalogue: not readable as CSV in UTF-8: {error}; save it again as such") from error


def _column_names(heading: Iterable[str]) -> dict[str, str]:
    plain = {str(name).lstrip("\ufeff").strip().lower(): name for name in heading}
    return {column: plain[column] for column in ("item_id", *SHELF_COLUMNS) if column in plain}


def _columns_of(layouts: Mapping[tuple[str, ...], Mapping[str, str]]) -> set[str]:
    if not layouts:
        raise DataError("catalogue: no rows; write a header and a row for every item")
    columns = {column for names in layouts.values() for column in names}
    if "item_id" not in columns:
        there = ", ".join(shown(name) for name in next(iter(layouts))[:20])
        raise DataError(f"catalogue: no column item_id among {there}; name the column of the ids item_id")
    return columns


def _place(cells: Mapping[Any, Any], item_id: str, places: Mapping[str, int], tally: _Tally) -> int | None:
    place = places.get(item_id)
    if not item_id.strip():
        tally.add("blank", f"row {tally.rows:,}")
    elif None in cells:  # where csv.DictReader puts cells beyond the header: those before may be shifted
        tally.add("problem", f"row {tally.rows:,}: more cells than the header has columns")
    elif place is None:
        tally.add("unknown", shown(item_id))
    elif place in tally.seen:
        tally.add("duplicate", shown(item_id))
    else:
        tally.seen.add(place)
        return place
    return None


def _understood(cells: Mapping[str, Any], names: Mapping[str, str], tally: _Tally) -> Iterator[tuple[str, float]]:
    for column in SHELF_COLUMNS:
        if column not in names:
            continue
        try:
            value = _PARSERS[column](cells.get(names[column]))
        except ValueError as error:
            tally.add("problem", f"row {tally.rows:,}, {column}: {error}")
            continue
        if value is not None and not math.isnan(value):
            yield column, float(value)


def _report(tally: _Tally, columns: set[str], items: int) -> ShelfReport:
    return ShelfReport(
        rows=tally.rows,
        columns=tuple(column for column in SHELF_COLUMNS if column in columns),
        known=len(tally.seen),
        absent=items - len(tally.seen),
        unknown=tally.count("unknown"),
        unknown_examples=tally.of("unknown"),
        duplicates=tally.count("duplicate"),
        duplicate_examples=tally.of("duplicate"),
        blank=tally.count("blank"),
        problems=tally.count("problem"),
        problem_examples=tally.of("problem"),
    )


_PARSERS: Mapping[str, Callable[[object], float | bool | None]] = {
    "price": partial(parse_number, low=0, high=MAX_AMOUNT),
    "stock": parse_number,
    "active": parse_flag,
}
