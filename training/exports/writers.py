"""Rows as a file: CSV, JSON Lines, Parquet, tab-separated text, or one JSON array."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from training.exports.cells import Cell, Column, Row, csv_cell, one_line

Writer = Callable[[IO[bytes], Sequence[Column], Iterable[Row]], None]

_ROWS = 50_000
_TYPES = {
    "id": pa.string(),
    "ids": pa.list_(pa.string()),
    "text": pa.string(),
    "whole": pa.int64(),
    "wholes": pa.list_(pa.int64()),
    "number": pa.float64(),
    "flag": pa.bool_(),
}


def write_csv(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """RFC 4180 with line feeds, UTF-8, a header."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    kinds = [column.kind for column in columns]
    writer.writerows([csv_cell(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in rows)
    text.flush()
    text.detach()


def write_tsv(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """A header and a line a row, cells separated by tabs and never quoted; tabs and line ends in text become spaces."""
    plain = (tuple(one_line(cell) if isinstance(cell, str) else cell for cell in row) for row in rows)
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    text.write("\t".join(column.name for column in columns) + "\n")
    for row in plain:
        text.write("\t".join("" if cell is None else str(cell) for cell in row) + "\n")
    text.flush()
    text.detach()


def write_jsonl(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """An object a line; what is unknown is null."""
    names = [column.name for column in columns]
    for row in rows:
        file.write(_json(dict(zip(names, map(_finite, row), strict=True))) + b"\n")


def write_json_array(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """One array with an object a line; what is unknown is left out."""
    names = [column.name for column in columns]
    before = b"[\n"
    for row in rows:
        cells = ((name, _finite(cell)) for name, cell in zip(names, row, strict=True))
        file.write(before + _json({name: cell for name, cell in cells if cell is not None}))
        before = b",\n"
    file.write(b"[]\n" if before == b"[\n" else b"\n]\n")


def write_parquet(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """Zstandard; what is unknown is null."""
    schema = pa.schema([(column.name, _TYPES[column.kind]) for column in columns])
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for part in _parts(rows):
            cells = ([_finite(cell) for cell in column] for column in zip(*part, strict=True))
            arrays = [pa.array(column, field.type) for column, field in zip(cells, schema, strict=True)]
            writer.write_batch(pa.record_batch(arrays, schema=schema))


FORMATS: Mapping[str, Writer] = {"csv": write_csv, "jsonl": write_jsonl, "parquet": write_parquet}
"""What the shop's own tables can be written as, by the file's suffix."""


def _parts(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while part := list(islice(left, _ROWS)):
        yield part


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _finite(cell: Cell) -> Cell:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell
