"""Orders from files, queries and data frames into one table of lines, as they are: cleaning is the doctor's.

DuckDB parses everything. Nothing is dropped: a line that cannot be parsed is kept, with its reason, in `unreadable`.
"""

from __future__ import annotations

import os
import re
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from recommender.errors import DataError
from training import fingerprint
from training.columns import Column, as_number, as_text, as_time, as_whole_number, identifier, match_columns, quoted
from training.config import COLUMNS
from training.delimited import Unreadable, literal_path, read_layout, relation, take_unreadable
from training.sources import SourceFile, find_files

REQUIRED = ("order_id", "item_id")
_MEMORY_SHARE, _MEMORY_MOST = 0.5, 4 << 30
_QUERY = re.compile(r"\s*(sql:|(select|with|from)\s)", re.IGNORECASE)
_RAW = """
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
    connection : DuckDB's, with two tables. ``raw``: `line_number` (BIGINT, 1 for the first line after the header, one
        count through all files, unreadable lines included), `source` (VARCHAR, the file's name where there are
        several), `order_id`, `item_id`, `customer_id` (VARCHAR as they stand, NULL where blank, cut at 300 characters),
        `ordered_at_text` (VARCHAR), `ordered_at` (TIMESTAMP in UTC, NULL where the text is no ISO 8601 date or time),
        `quantity_text` (VARCHAR), `quantity`, `unit_price`, `discount`, `unit_cost` (DOUBLE, NULL where blank or no
        number, NaN and infinities as they are), `line` (BIGINT). ``unreadable``: `line_number`, `source`, `text` (cut
        at 300 characters), `reason`.
    present : our columns that the input has.
    lines : rows of ``raw``.
    unreadable : rows of ``unreadable``.
    fingerprint : sha256 of the input's bytes (of its values, where it is no file) and of the renamed columns.
    names : the files' names without the folders above them; empty where the input is no file.
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
    with _plain_errors(_place(source)):
        connection.execute(_RAW)
        if isinstance(source, str | os.PathLike) and not _is_query(source):
            return _open_files(connection, find_files(source, ("csv", "parquet", "fimi")), renamed)
        return _open_table(connection, source, renamed)


def connect() -> duckdb.DuckDBPyConnection:
    """A DuckDB connection in memory, bounded to half of the machine's memory and 4 GB, that spills to the disk."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    spill = Path(tempfile.gettempdir()) / f"goeswith-{uuid.uuid4().hex}"
    limit = min(int(memory * _MEMORY_SHARE), _MEMORY_MOST)
    return duckdb.connect(config={"memory_limit": f"{limit >> 20}MiB", "temp_directory": str(spill)})


def _is_query(source: object) -> bool:
    return isinstance(source, str) and bool(_QUERY.match(source)) and not Path(source).exists()


def _place(source: object) -> str:
    if _is_query(source):
        return "the query"
    return os.fspath(source) if isinstance(source, str | os.PathLike) else f"the {type(source).__name__} object"


@contextmanager
def _plain_errors(place: str) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise DataError(f"{place}: {_told(error)}") from error
    except UnicodeEncodeError as error:
        raise DataError(f"{place}: text that is not Unicode ({error.reason}); encode it as UTF-8") from error


def _told(error: duckdb.Error) -> str:
    text = str(error)
    if isinstance(error, duckdb.OutOfMemoryException):
        return "more memory or disk is needed than there is; free some, or give fewer orders"
    if "GZIP" in text.upper() or "zstd" in text.lower():
        return "the packed file is damaged or cut; copy or export it again"
    if "state machine" in text:
        return "lines end in different ways (\\n, \\r\\n, \\r); make them alike, as with `dos2unix`"
    first = text.strip().split("\n", maxsplit=1)[0][:300]
    return f"cannot be read ({first}); export it again, or read it with a query"


def _open_files(connection: duckdb.DuckDBPyConnection, files: Sequence[SourceFile], renamed: dict[str, str]) -> Raw:
    present: set[str] = set()
    rejected: list[tuple[int, str | None, str, str]] = []
    lines = 0
    for file in files:
        source = file.name if len(files) > 1 else None
        with _plain_errors(str(file.path)):
            found, unreadable = _READERS[file.kind](connection, file, renamed, source)
        present |= found
        before, lines = lines, _count(connection, "raw")
        for place, line in enumerate(unreadable):
            earlier = min(before + max(line.record - 1 - place, 0), lines)
            rejected.append((earlier, source, line.text, line.reason))
    _number_unreadable(connection, rejected)
    names = tuple(file.name for file in files)
    if not lines:
        raise DataError(_no_lines(files[0], rejected))
    digest = fingerprint.of_files((file.path for file in files), {**renamed, "kind": files[0].kind})
    return Raw(connection, frozenset(present), lines, len(rejected), digest, names)


def _no_lines(file: SourceFile, rejected: Sequence[tuple[int, str | None, str, str]]) -> str:
    if rejected:
        _, _, text, reason = rejected[0]
        return f"{file.path}: not one line can be read; the first, {text[:60]!r}: {reason}"
    return f"{file.path}: a header and no order line; at least one is needed: export it again"


def _open_table(connection: duckdb.DuckDBPyConnection, source: object, renamed: dict[str, str]) -> Raw:
    place = _place(source)
    if isinstance(source, str):
        view = f"({source.strip().removeprefix('sql:').rstrip().rstrip(';')})"
        found = _insert(connection, view, _described(connection, view), renamed, (place, None))
    else:
        connection.register("orders_input", _stream(source, place))
        try:
            columns = _described(connection, "orders_input")
            found = _insert(connection, "orders_input", columns, renamed, (place, None))
        finally:
            connection.unregister("orders_input")
    lines = _count(connection, "raw")
    if not lines:
        raise DataError(f"{place}: no order line; at least one is needed")
    digest = fingerprint.of_query(connection, "SELECT * EXCLUDE (source) FROM raw ORDER BY line_number", renamed)
    return Raw(connection, frozenset(found), lines, 0, digest, ())


def _stream(source: Any, place: str) -> pa.RecordBatchReader:
    if not hasattr(source, "__arrow_c_stream__"):
        raise DataError(
            f"{place}: orders are a path, a query, or an object of the Arrow stream protocol (pandas, polars, pyarrow)"
        )
    try:
        return pa.RecordBatchReader.from_stream(source)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise DataError(
            f"{place}: cannot be read as Arrow: {str(error)[:200]}; make each column of one type"
        ) from error


def _described(connection: duckdb.DuckDBPyConnection, view: str) -> list[Column]:
    rows = connection.execute(f"DESCRIBE SELECT * FROM {view}").fetchall()
    return [Column(identifier(name), name, kind) for name, kind, *_ in rows]


def _insert(
    connection: duckdb.DuckDBPyConnection,
    view: str,
    there: Sequence[Column],
    renamed: Mapping[str, str],
    place_and_source: tuple[str, str | None],
) -> set[str]:
    place, source = place_and_source
    found = match_columns(place, there, COLUMNS, REQUIRED, renamed)

    def cell(name: str, turned: Any) -> str:
        return turned(found[name]) if name in found else "NULL"

    texts = [cell(name, as_text) for name in ("order_id", "item_id", "customer_id")]
    time = [cell("ordered_at", as_text), cell("ordered_at", as_time)]
    quantity = [cell("quantity", as_text), cell("quantity", as_number)]
    money = [cell(name, as_number) for name in ("unit_price", "discount", "unit_cost")]
    cells = [*texts, *time, *quantity, *money, cell("line", as_whole_number)]
    name = "NULL" if source is None else quoted(source)
    first = _count(connection, "raw")
    connection.execute(f"INSERT INTO raw SELECT {first} + row_number() OVER (), {name}, {', '.join(cells)} FROM {view}")
    return set(found)


def _insert_csv(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, renamed: Mapping[str, str], source: str | None
) -> tuple[set[str], list[Unreadable]]:
    layout = read_layout(file)
    found = _insert(connection, relation(file, layout), layout.columns, renamed, (str(file.path), source))
    return found, take_unreadable(connection, file, layout)


def _insert_parquet(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, renamed: Mapping[str, str], source: str | None
) -> tuple[set[str], list[Unreadable]]:
    view = f"read_parquet({quoted(literal_path(file))}, hive_partitioning = false)"
    return _insert(connection, view, _described(connection, view), renamed, (str(file.path), source)), []


def _insert_fimi(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, renamed: Mapping[str, str], source: str | None
) -> tuple[set[str], list[Unreadable]]:
    if renamed:
        raise DataError(f"{file.path}: baskets of a .dat file have no columns to rename; leave --column out")
    lines = (
        f"read_csv({quoted(literal_path(file))}, auto_detect = false, header = false, delim = '\x01', quote = '',"
        f" escape = '', columns = {{'text': 'VARCHAR'}}, compression = {quoted(file.compression)},"
        f" max_line_size = {_FIMI_LINE_BYTES})"
    )
    order = "row_number() OVER ()::VARCHAR" if source is None else f"{quoted(source + ':')} || row_number() OVER ()"
    baskets = f"SELECT {order} AS order_id, string_split(translate(text, chr(9), ' '), ' ') AS ids FROM {lines}"
    items = f"(SELECT order_id, unnest(list_filter(ids, lambda id: id <> '')) AS item_id FROM ({baskets}))"
    there = [Column("order_id", "order_id"), Column("item_id", "item_id")]
    return _insert(connection, items, there, {}, (str(file.path), source)), []


def _number_unreadable(
    connection: duckdb.DuckDBPyConnection, rejected: Sequence[tuple[int, str | None, str, str]]
) -> None:
    if not rejected:
        return
    numbered = [(earlier + place, *line) for place, (earlier, *line) in enumerate(rejected, 1)]
    connection.executemany("INSERT INTO unreadable VALUES (?, ?, ?, ?)", numbered)
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
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])


_FIMI_LINE_BYTES = 20_000_000
_READERS = {"csv": _insert_csv, "parquet": _insert_parquet, "fimi": _insert_fimi}
