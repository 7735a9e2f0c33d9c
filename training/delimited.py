"""Delimited text (CSV, TSV): its header, how DuckDB reads it, and which of its lines nobody can read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from recommender.errors import DataError
from training.columns import MAX_TEXT, Column, plain_name, quoted
from training.sources import SourceFile

MAX_LINE_BYTES = 2_000_000
MOST_LINE_BYTES = 10 * MAX_LINE_BYTES
"""Of a longer line DuckDB would tell nothing: it fits into none of its buffers."""
_HEAD_BYTES = 1 << 20
_BLOCK_BYTES = 1 << 22
_MOST_PACKED = 1_000
"""How much smaller gzip makes a file, at most."""
_MAX_RECORD_LINES = 100
_DELIMITERS = (",", ";", "\t", "|")
_REASONS = {
    "MISSING COLUMNS": "fewer cells than the header has columns",
    "TOO MANY COLUMNS": "more cells than the header has columns",
    "UNQUOTED VALUE": 'a quote " that is not closed, or text after the closing one',
    "LINE SIZE OVER MAXIMUM": f"longer than {MAX_LINE_BYTES:,} bytes",
}
_SWALLOWING = frozenset({"UNQUOTED VALUE", "LINE SIZE OVER MAXIMUM"})
_FORGET = "DROP TABLE reject_errors; DROP TABLE reject_scans"
_Rejected = tuple[int, str, str, int]


@dataclass(frozen=True)
class Layout:
    """How one delimited file is laid out.

    Attributes
    ----------
    delimiter : one character.
    columns : in the file's order; their SQL names are ``c0``, ``c1``, …, whatever the header calls them.
    blank_lines : empty lines before the header.
    """

    delimiter: str
    columns: tuple[Column, ...]
    blank_lines: int


def read_layout(file: SourceFile, wanted: Iterable[str]) -> Layout:
    """Layout from the header alone: the delimiter that gives it most of the `wanted` names, then most columns.

    Raises ``DataError`` for a header that does not end within 1 MB and for a packed file that cannot be unpacked.
    """
    head = read_head(file)
    body = head.lstrip(b"\r\n")
    blank_lines = len(head[: len(head) - len(body)].replace(b"\r\n", b"\n"))
    text = body.decode("utf-8", errors="replace")
    rows = {delimiter: _first_row(text, delimiter) for delimiter in _DELIMITERS}
    names = {plain_name(name) for name in wanted}
    delimiter = max(_DELIMITERS, key=lambda one: (sum(plain_name(cell) in names for cell in rows[one]), len(rows[one])))
    if not rows[delimiter] or (len(head) == _HEAD_BYTES and not set(body) & set(b"\r\n")):
        raise DataError(f"{file.path}: no header line in the first {_HEAD_BYTES:,} bytes; the first line names columns")
    columns = tuple(Column(f"c{place}", name) for place, name in enumerate(rows[delimiter]))
    return Layout(delimiter, columns, blank_lines)


def read_head(file: SourceFile) -> bytes:
    """The first megabyte of a file, unpacked and without a byte order mark; raises ``DataError``."""
    try:
        with open_unpacked(file) as stream:
            head = stream.read(_HEAD_BYTES)
    except (OSError, pa.ArrowException) as error:
        raise DataError(
            f"{file.path}: cannot be unpacked as {file.compression}: damaged or cut; copy or export it again"
        ) from error
    return head.removeprefix(b"\xef\xbb\xbf")


def open_unpacked(file: SourceFile) -> pa.NativeFile:
    """A file's bytes, unpacked."""
    return pa.input_stream(str(file.path), compression=None if file.compression == "none" else file.compression)


def relation(file: SourceFile, layout: Layout) -> str:
    """SQL for the rows of a file, every cell as text; lines that cannot be read go to DuckDB's ``reject_errors``."""
    columns = ", ".join(f"{quoted(column.sql)}: 'VARCHAR'" for column in layout.columns)
    return (
        f"read_csv({quoted(literal_path(file))}, auto_detect = false, header = true, skip = {layout.blank_lines},"
        f" delim = {quoted(layout.delimiter)}, quote = '\"', escape = '\"', columns = {{{columns}}},"
        f" compression = {quoted(file.compression)}, max_line_size = {MAX_LINE_BYTES}, store_rejects = true)"
    )


def literal_path(file: SourceFile) -> str:
    """The path with its own ``*``, ``?`` and ``[`` taken literally by DuckDB."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(file.path))


@dataclass(frozen=True)
class Unreadable:
    """A line that cannot be read: the number of its record (the header is not counted), its text, and why."""

    record: int
    text: str
    reason: str


def refuse_endless_line(file: SourceFile) -> None:
    """Raise ``DataError`` for a line above `MOST_LINE_BYTES`, such as a hole of zeros in a damaged file."""
    if file.path.stat().st_size * (1 if file.compression == "none" else _MOST_PACKED) <= MOST_LINE_BYTES:
        return
    read, begun = 0, 0
    with open_unpacked(file) as stream:
        while block := stream.read(_BLOCK_BYTES):
            ends = [place for mark in (b"\n", b"\r") for place in (block.find(mark), block.rfind(mark)) if place >= 0]
            if read + min(ends, default=len(block)) - begun > MOST_LINE_BYTES:
                raise DataError(
                    f"{file.path}: the line that begins at byte {begun + 1:,} is longer than {MOST_LINE_BYTES:,} bytes;"
                    " take it out, or export the file again"
                )
            begun = read + max(ends) + 1 if ends else begun
            read += len(block)


def take_unreadable(connection: duckdb.DuckDBPyConnection, file: SourceFile, layout: Layout) -> list[Unreadable]:
    """Lines that DuckDB rejected since the last call, in the order of the file.

    Raises ``DataError`` where the file is not UTF-8, or where a quote that is never closed swallowed further lines.
    """
    rejected = connection.execute(
        "SELECT line, min(error_type::VARCHAR), coalesce(min(left(csv_line, 20_000)), ''),"
        " coalesce(min(byte_position), 0) FROM reject_errors GROUP BY line ORDER BY line"
    ).fetchall()
    connection.execute(_FORGET)
    for line, kind, _, position in rejected:
        if kind == "INVALID ENCODING":
            raise DataError(not_utf8(file, f"line {line:,}, byte {position:,}"))
    for line, _, text, _ in rejected:
        if text.strip("\r\n").count("\n") > _MAX_RECORD_LINES:
            raise DataError(_unclosed(file, line, f"more than {_MAX_RECORD_LINES}"))
    if any(kind in _SWALLOWING for _, kind, _, _ in rejected):
        _refuse_swallowed_lines(connection, file, layout, rejected)
    before = 1 + layout.blank_lines
    return [
        Unreadable(max(line - before, 1), text.strip("\r\n")[:MAX_TEXT], _REASONS.get(kind, str(kind).lower()))
        for line, kind, text, _ in rejected
    ]


def not_utf8(file: SourceFile, where: str) -> str:
    """What to tell of a file in another encoding."""
    return (
        f"{file.path}: {where}: not UTF-8; convert it, as with `iconv -f latin1 -t utf-8 {file.name} > utf8.csv`,"
        f" or give \"sql:FROM read_csv('{file.name}', encoding = 'latin-1', all_varchar = true)\" instead of the path"
    )


def _first_row(text: str, delimiter: str) -> Sequence[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return []


def _refuse_swallowed_lines(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, layout: Layout, rejected: Sequence[_Rejected]
) -> None:
    cells = " || ".join(f"coalesce({column.sql}, '')" for column in layout.columns)
    breaks = "strlen(cells) - strlen(replace(cells, chr(10), ''))"
    accepted, inner = connection.execute(
        f"SELECT count(*), coalesce(sum({breaks}), 0)::BIGINT"
        f" FROM (SELECT replace({cells}, chr(13) || chr(10), chr(10)) AS cells FROM {relation(file, layout)})"
    ).fetchall()[0]
    connection.execute(_FORGET)
    inner += sum(text.strip("\r\n").count("\n") for _, kind, text, _ in rejected if kind not in _SWALLOWING)
    swallowed = _physical_lines(file) - 1 - accepted - inner - len(rejected)
    if swallowed > 0:
        first = next(line for line, kind, _, _ in rejected if kind in _SWALLOWING)
        raise DataError(_unclosed(file, first, f"{swallowed:,}"))


def _unclosed(file: SourceFile, line: int, lines: str) -> str:
    return (
        f'{file.path}: line {line:,}: a quote " is opened and not closed, {lines} further lines hang on it;'
        ' close it, or write "" for a quote inside of text'
    )


def _physical_lines(file: SourceFile) -> int:
    with (
        open_unpacked(file) as stream,
        io.TextIOWrapper(io.BufferedReader(stream, _HEAD_BYTES), encoding="latin-1") as lines,
    ):
        return sum(1 for line in lines if line != "\n")
