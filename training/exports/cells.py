"""What stands in an export: columns and their cells, and what a spreadsheet must not take for a formula."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Literal

Cell = str | int | float | tuple[str, ...] | tuple[int, ...] | None
Row = tuple[Cell, ...]
Kind = Literal["id", "ids", "text", "whole", "wholes", "number", "flag"]

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes
    ----------
    kind : ``id`` and ``ids`` are read by machines and stand as they are; ``text`` is read by people, and in CSV is made
        safe for spreadsheets; ``whole``, ``wholes`` (a list) and ``number`` are numbers; ``flag`` is true or false.
    """

    name: str
    kind: Kind


def csv_cell(value: Cell, kind: Kind) -> str | int | float:
    """A cell of a CSV file: nothing for what is unknown, a list of ids as JSON, text that no spreadsheet runs.

    >>> csv_cell("=1+1", "text"), csv_cell("=1+1", "id"), csv_cell(-2.5, "number"), csv_cell(None, "number")
    ("'=1+1", '=1+1', -2.5, '')
    >>> csv_cell(True, "flag"), csv_cell(False, "flag")
    ('true', 'false')
    >>> csv_cell(("a", 'b"'), "ids")
    '["a", "b\\\\""]'
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return json.dumps(value, ensure_ascii=False)
    if kind == "text" and isinstance(value, str):
        return without_formula(value)
    return value


def without_formula(text: str) -> str:
    """Text with an apostrophe before it where a spreadsheet would take it for a formula.

    >>> without_formula("-5 °C lamp"), without_formula("lamp")
    ("'-5 °C lamp", 'lamp')
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def one_line(text: str) -> str:
    """Text without tabs and line ends, for formats that have no quoting.

    >>> one_line("Blue\\tmug\\r\\n(large)")
    'Blue mug (large)'
    """
    return " ".join(text.split())
