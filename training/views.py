"""What DuckDB can select from: a file, a query or an Arrow object, and its errors in plain words."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from recommender.errors import DataError
from training.columns import Column, identifier, quoted
from training.delimited import Layout, Unreadable, literal_path, read_layout, relation, take_unreadable
from training.memory import free_memory
from training.sources import SourceFile
from training.spill import spill_folder

_MEMORY_SHARE, _MEMORY_LEAST, _MEMORY_MOST = 0.5, 128 << 20, 4 << 30
_SQL = re.compile(r"\s*sql:", re.IGNORECASE)
_QUERY = re.compile(r"\s*(sql:|(select|with|from)\s)", re.IGNORECASE)
_OBJECT_NAME = "arrow_input"
_TOLD = {
    ("gzip", "zstd"): "the packed file is damaged or cut; copy or export it again",
    ("state machine",): "lines end in different ways (\\n, \\r\\n, \\r); make them alike, as with `dos2unix`",
    ("unicode", "utf-8"): "not UTF-8; convert it, as with `iconv -f latin1 -t utf-8`",
    ("maximum line size",): "a line is longer than 20,000,000 bytes; divide it, or give the orders as CSV",
    ("magic bytes", "too small", "decompression failure", "tprotocolexception", "failed to read file"): (
        "the Parquet file is damaged or cut; copy or export it again"
    ),
}
"""What errors with one of these signs in their text mean."""
_ERRNO = re.compile(r'"errno":"(\d+)"')
_OF_LIBRARY = re.compile(r"^(?:[A-Z]\w+ )+Error: ")


@dataclass(frozen=True)
class View:
    """Something to select from.

    Attributes
    ----------
    place : what messages call it.
    sql : goes behind ``FROM``.
    columns : what it has.
    layout : of delimited text; its unreadable lines are to be taken after the selection.
    """

    place: str
    sql: str
    columns: tuple[Column, ...]
    layout: Layout | None = None


def connect() -> duckdb.DuckDBPyConnection:
    """A DuckDB connection in memory, bounded to half of the free memory and 4 GB, that spills to the disk."""
    spill = spill_folder() / uuid.uuid4().hex
    limit = min(max(int(free_memory() * _MEMORY_SHARE), _MEMORY_LEAST), _MEMORY_MOST)
    connection = duckdb.connect(
        config={
            "memory_limit": f"{limit >> 20}MiB",
            "temp_directory": str(spill),
            "autoinstall_known_extensions": False,
        }
    )
    connection.execute("SET enable_progress_bar = false; SET python_enable_replacements = false")
    return connection


def is_path(source: object) -> bool:
    """True for a path, a glob or a folder, False for a query or an object."""
    if isinstance(source, str):
        return not _QUERY.match(source) or Path(source).exists()
    return isinstance(source, os.PathLike)


def place_of(source: object) -> str:
    """What messages call an input."""
    if is_path(source):
        return os.fspath(source)  # type: ignore[call-overload]  # a path, as was just asked
    return "the query" if isinstance(source, str) else f"the {type(source).__name__} object"


@contextmanager
def plain_errors(place: str) -> Iterator[None]:
    """Turn what DuckDB and Arrow raise into ``DataError`` with the place, the reason and the remedy."""
    try:
        yield
    except (duckdb.Error, pa.ArrowException) as error:
        raise DataError(f"{place}: {_told(error)}") from error
    except OSError as error:
        reason = error.strerror or "damaged or cut; copy or export it again"
        raise DataError(f"{place}: cannot be read: {reason}") from error
    except UnicodeEncodeError as error:
        raise DataError(f"{place}: text that is not Unicode ({error.reason}); encode it as UTF-8") from error


def file_view(connection: duckdb.DuckDBPyConnection, file: SourceFile, wanted: Iterable[str]) -> View:
    """A delimited or Parquet file; `wanted` are column names by which the delimiter is told."""
    place = str(file.path)
    if file.kind == "csv":
        layout = read_layout(file, wanted)
        return View(place, relation(file, layout), layout.columns, layout)
    sql = f"read_parquet({quoted(literal_path(file))}, hive_partitioning = false)"
    return View(place, sql, _described(connection, sql))


def unreadable_lines(connection: duckdb.DuckDBPyConnection, file: SourceFile, view: View) -> list[Unreadable]:
    """The lines that the last selection from the view left out."""
    return [] if view.layout is None else take_unreadable(connection, file, view.layout)


@contextmanager
def table_view(connection: duckdb.DuckDBPyConnection, source: object) -> Iterator[View]:
    """A query, or an object of the Arrow stream protocol; it can be selected from once, while the context lasts."""
    place = place_of(source)
    if isinstance(source, str):
        sql = f"({_SQL.sub('', source).strip().rstrip(';')})"
        yield View(place, sql, _described(connection, sql))
        return
    connection.register(_OBJECT_NAME, _stream(source, place))
    try:
        yield View(place, _OBJECT_NAME, _described(connection, _OBJECT_NAME))
    finally:
        connection.unregister(_OBJECT_NAME)


def _told(error: Exception) -> str:
    text = str(error)
    if isinstance(error, duckdb.OutOfMemoryException):
        return "more memory or disk is needed than there is; free some, or give fewer rows"
    for signs, told in _TOLD.items():
        if any(sign in text.casefold() for sign in signs):
            return told
    first = _OF_LIBRARY.sub("", text.strip().split("\n", maxsplit=1)[0])[:300]
    return f"cannot be read ({first}); correct it or export it again"


def reason_of(text: str) -> str:
    """What the system said, without what DuckDB has put around it.

    >>> reason_of('IO Error: Cannot open file "x/y.csv": No such file or directory')
    'No such file or directory'
    """
    number = _ERRNO.search(text)
    return os.strerror(int(number[1])) if number else text.partition("\n")[0].rpartition(": ")[2]


def _described(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[Column, ...]:
    rows = connection.execute(f"DESCRIBE SELECT * FROM {sql}").fetchall()
    return tuple(Column(identifier(name), name, kind) for name, kind, *_ in rows)


def _stream(source: Any, place: str) -> pa.RecordBatchReader:
    if not hasattr(source, "__arrow_c_stream__"):
        raise DataError(
            f"{place}: give a path, a query, or an object of the Arrow stream protocol (pandas, polars, pyarrow)"
        )
    try:
        return pa.RecordBatchReader.from_stream(source)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise DataError(
            f"{place}: cannot be read as Arrow: {str(error)[:200]}; make each column of one type"
        ) from error
