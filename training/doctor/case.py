"""One file of orders under examination: the connection, the settings, and how lines are counted and shown."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import duckdb

from training.config import OrdersConfig
from training.doctor.masking import masked
from training.doctor.report import Example, Finding, Severity

EXAMPLES = 3
_LONGEST_SHOWN = 48
MANY_LOST = 0.05
"""Share of lines lost to one reason from which the finding is an error and no warning."""


@dataclass(frozen=True)
class Case:
    """What every family of findings looks at.

    Attributes
    ----------
    connection : holds the table ``raw`` and the doctor's own tables (``doctor_…``).
    config : how orders are to be cleaned.
    present : our column names that the file has.
    lines_read : lines of the file, unreadable ones included.
    now : seconds since 1970.
    several_files : True where examples should name their file.
    """

    connection: duckdb.DuckDBPyConnection
    config: OrdersConfig
    present: frozenset[str]
    lines_read: int
    now: int
    several_files: bool = False

    def run(self, sql: str) -> None:
        """Execute a statement."""
        self.connection.execute(sql)

    def row(self, sql: str) -> tuple[Any, ...]:
        """The one row of a query that counts."""
        return self.rows(sql)[0]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self.connection.execute(sql).fetchall()

    def loss(self, lines: int) -> Severity:
        """How bad it is that `lines` are lost."""
        return "error" if lines >= MANY_LOST * max(self.lines_read, 1) else "warning"

    def finding(
        self,
        code: str,
        severity: Severity,
        what: str,
        *,
        source: str,
        show: tuple[str, ...],
        action: str,
        remedy: str,
        counts: tuple[int, int] | None = None,
    ) -> Finding:
        """A finding about the lines of ``FROM source`` (it has `line_number` and `o`), with its examples.

        `counts` gives lines and orders where they are known already; `show` names the columns of ``raw`` to show.
        """
        lines, orders = counts or self.row(f"SELECT count(*), count(DISTINCT o) FROM {source}")
        examples = self.examples(source, show)
        return self.told(code, severity, what, lines, orders, examples, action=action, remedy=remedy)

    def told(
        self,
        code: str,
        severity: Severity,
        what: str,
        lines: int,
        orders: int,
        examples: tuple[Example, ...],
        *,
        action: str,
        remedy: str,
    ) -> Finding:
        """A finding whose lines have been counted already."""
        share = lines / self.lines_read if self.lines_read else 0.0
        return Finding(code, severity, what, int(lines), int(orders), share, examples, action, remedy)

    def examples(self, source: str, show: tuple[str, ...]) -> tuple[Example, ...]:
        """The first lines of ``FROM source`` as the file has them."""
        columns = ("line_number", *(("source",) if self.several_files else ()), *show)
        chosen = f"SELECT line_number FROM {source} ORDER BY line_number LIMIT {EXAMPLES}"
        rows = self.rows(f"""
            SELECT {", ".join(columns)} FROM raw WHERE line_number IN ({chosen}) ORDER BY line_number LIMIT {EXAMPLES}
        """)
        return tuple(example(zip(columns, row, strict=True)) for row in rows)


def example(pairs: Iterable[tuple[str, Any]]) -> Example:
    """Column and value pairs as they may be shown: masked, and short.

    >>> example([("line_number", 7), ("customer_id", "anna@example.org")])
    {'line': 7, 'customer_id': 'a…@…'}
    """
    return {_NAMES.get(name, name): _shown(value) for name, value in pairs}


_NAMES = {"line_number": "line", "quantity_text": "quantity", "ordered_at_text": "ordered_at"}


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        text = masked(value)
        return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"
    if isinstance(value, float) and math.isnan(value):
        return "no number"
    if isinstance(value, float):
        return round(value, 4) if abs(value) < 1e15 else str(value)  # infinity is no JSON
    return value
