"""Orders from files, queries and data frames into one table of lines, as they are: cleaning is the doctor's.

DuckDB parses everything. Nothing is dropped: a line that cannot be parsed is kept, with its reason, in `unreadable`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from recommender.errors import DataError
from training import fingerprint
from training.columns import as_amount, as_number, as_text, as_time, as_whole_number, match_columns, quoted
from training.config import COLUMNS
from training.delimited import Unreadable, refuse_endless_line
from training.fimi import baskets_view
from training.sources import SourceFile, find_files
from training.views import View, connect, file_view, is_path, place_of, plain_errors, table_view, unreadable_lines

REQUIRED = ("order_id", "item_id")
_RAW = """
SET preserve_insertion_order = true;
SET enable_progress_bar = false;
CREATE OR REPLACE TABLE raw (
    line_number BIGINT, source VARCHAR, order_id VARCHAR, item_id VARCHAR, customer_id VARCHAR,
    ordered_at_text VARCHAR, ordered_at TIMESTAMP, quantity_text VARCHAR, quantity DOUBLE,
    unit_price DOUBLE, discount DOUBLE, unit_cost DOUBLE, line BIGINT
);
CREATE OR REPLACE TABLE unreadable (line_number BIGINT, source VARCHAR, text VARCHAR, reason VARCHAR);
"""


@dataclass(frozen=True)
class Raw:
    """Orders as they came.

    Attributes
    ----------
    connection : DuckDB's, with the two tables below.
    present : our columns that the input has.
    lines : rows of ``raw``.
    unreadable : rows of ``unreadable``.
    fingerprint : sha256 of the input's bytes (of its values, where it is no file) and of the renamed columns.
    names : the files' names without the folders above them; empty where the input is no file.

    Table ``raw``, one row a line: `line_number` (BIGINT, 1 for the first line after the header, one count through all
    files, unreadable lines included), `source` (VARCHAR, the file's name where there are several), `order_id`,
    `item_id`, `customer_id` (VARCHAR as they stand, NULL where blank, cut at 300 characters), `ordered_at_text`
    (VARCHAR), `ordered_at` (TIMESTAMP in UTC, NULL where the text is no ISO 8601 date or time), `quantity_text`
    (VARCHAR), `quantity` (DOUBLE, NULL where blank or no number, NaN and infinities as they are), `unit_price`,
    `discount`, `unit_cost` (DOUBLE, NULL where blank, NaN where the text is no number too), `line` (BIGINT).

    Table ``unreadable``: `line_number`, `source`, `text` (VARCHAR, cut at 300 characters), `reason` (VARCHAR).
    """

    connection: duckdb.DuckDBPyConnection
    present: frozenset[str]
    lines: int
    unreadable: int
    fingerprint: str
    names: tuple[str, ...]


def open_orders(
    source: object, columns: Mapping[str, str] | None = None, connection: duckdb.DuckDBPyConnection | None = None
) -> Raw:
    """Read orders into the table ``raw``.

    Parameters
    ----------
    source : path, glob or folder of CSV, TSV or Parquet files or of FIMI ``.dat`` baskets (text may be packed with
        gzip or zstd); an SQL query that DuckDB can run, beginning with ``sql:``, ``SELECT``, ``WITH`` or ``FROM``; or
        an object of the Arrow stream protocol, such as a data frame of pandas or polars.
    columns : our name = the input's name, for columns that are called otherwise; ours are found in any letter case.
    connection : where the tables are made; a new one in memory by default.

    Raises ``DataError`` naming the place, what was found and the remedy, and ``UsageError`` for a column name that is
    not ours.
    """
    connection = connect() if connection is None else connection
    renamed = dict(columns or {})
    with plain_errors(place_of(source)):
        connection.execute(_RAW)
        if is_path(source):
            return _open_files(connection, find_files(os.fspath(source), ("csv", "parquet", "fimi")), renamed)
        return _open_table(connection, source, renamed)


def _open_files(connection: duckdb.DuckDBPyConnection, files: Sequence[SourceFile], renamed: dict[str, str]) -> Raw:
    present: set[str] = set()
    rejected: list[tuple[int, str | None, str, str]] = []
    lines = 0
    for file in files:
        source = file.name if len(files) > 1 else None
        with plain_errors(str(file.path)):
            found, unreadable = _read_file(connection, file, renamed, source)
        present |= found
        before, lines = lines, _count(connection, "raw")
        for place, line in enumerate(unreadable):
            earlier = min(before + max(line.record - 1 - place, 0), lines)
            rejected.append((earlier, source, line.text, line.reason))
    if not lines:
        raise DataError(_no_lines(files[0], rejected))
    _number_unreadable(connection, rejected)
    names = tuple(file.name for file in files)
    digest = fingerprint.of_files((file.path for file in files), {**renamed, "kind": files[0].kind})
    return Raw(connection, frozenset(present), lines, len(rejected), digest, names)


def _no_lines(file: SourceFile, rejected: Sequence[tuple[int, str | None, str, str]]) -> str:
    if rejected:
        _, _, text, reason = rejected[0]
        return f"{file.path}: not one line can be read; the first, {text[:60]!r}: {reason}"
    return f"{file.path}: a header and no order line; at least one is needed: export it again"


def _open_table(connection: duckdb.DuckDBPyConnection, source: object, renamed: dict[str, str]) -> Raw:
    with table_view(connection, source) as view:
        found = _insert(connection, view, renamed, None)
    lines = _count(connection, "raw")
    if not lines:
        raise DataError(f"{place_of(source)}: no order line; at least one is needed")
    digest = fingerprint.of_query(connection, "SELECT * EXCLUDE (line_number, source) FROM raw", renamed)
    return Raw(connection, frozenset(found), lines, 0, digest, ())


def _read_file(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, renamed: Mapping[str, str], source: str | None
) -> tuple[set[str], list[Unreadable]]:
    if file.kind == "fimi":
        if renamed:
            raise DataError(f"{file.path}: baskets of a .dat file have no columns to rename; leave --column out")
        return _insert(connection, baskets_view(file, source), {}, source), []
    if file.kind == "csv":
        refuse_endless_line(file)
    view = file_view(connection, file, [*COLUMNS, *renamed.values()])
    found = _insert(connection, view, renamed, source)
    return found, unreadable_lines(connection, file, view)


def _insert(
    connection: duckdb.DuckDBPyConnection, view: View, renamed: Mapping[str, str], source: str | None
) -> set[str]:
    found = match_columns(view.place, view.columns, COLUMNS, REQUIRED, renamed)

    def cell(name: str, turned: Any) -> str:
        return turned(found[name]) if name in found else "NULL"

    texts = [cell(name, as_text) for name in ("order_id", "item_id", "customer_id")]
    time = [cell("ordered_at", as_text), cell("ordered_at", as_time)]
    quantity = [cell("quantity", as_text), cell("quantity", as_number)]
    money = [cell(name, as_amount) for name in ("unit_price", "discount", "unit_cost")]
    cells = [*texts, *time, *quantity, *money, cell("line", as_whole_number)]
    name = "NULL" if source is None else quoted(source)
    first = _count(connection, "raw")
    connection.execute(
        f"INSERT INTO raw SELECT {first} + row_number() OVER (), {name}, {', '.join(cells)} FROM {view.sql}"
    )
    return set(found)


def _number_unreadable(
    connection: duckdb.DuckDBPyConnection, rejected: Sequence[tuple[int, str | None, str, str]]
) -> None:
    if not rejected:
        return
    numbered = [(earlier + place, *line) for place, (earlier, *line) in enumerate(rejected, 1)]
    columns = ("line_number", "source", "text", "reason")
    table = pa.table(dict(zip(columns, map(list, zip(*numbered, strict=True)), strict=True)))
    connection.register("rejected_lines", table)
    connection.execute("INSERT INTO unreadable SELECT * FROM rejected_lines")
    connection.unregister("rejected_lines")
    connection.execute(
        """
        CREATE OR REPLACE TABLE raw AS
        SELECT raw.line_number + coalesce(passed.many, 0) AS line_number, raw.* EXCLUDE (line_number)
        FROM raw ASOF LEFT JOIN (
            SELECT line_number - place AS earlier, max(place) AS many
            FROM (SELECT line_number, row_number() OVER (ORDER BY line_number) AS place FROM unreadable)
            GROUP BY earlier
        ) AS passed ON raw.line_number > passed.earlier
        ORDER BY line_number
        """
    )


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
