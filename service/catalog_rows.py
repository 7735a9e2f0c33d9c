"""The rows of a catalogue file as they come: CSV, JSON Lines or Parquet."""

from __future__ import annotations

import csv
import errno
import hashlib
import json
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import IO, Any, AnyStr

from recommender.errors import DataError
from recommender.shelf import SHELF_COLUMNS

_CHUNK = 1 << 20
_LONGEST_LINE = 1 << 20
_SEPARATORS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class FileSignature:
    """By what a changed file is told from an unchanged one without reading it."""

    modified_ns: int
    size: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> FileSignature:
        """Raises ``OSError`` where it cannot be looked at, or is a folder, a pipe or a device: some have no end."""
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        return cls(status.st_mtime_ns, status.st_size, status.st_ino)


def fingerprint(path: Path) -> str:
    """12 hex digits that follow from the file's bytes; raises ``OSError``."""
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()[:12]


def catalog_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    """Rows by column name; the kind of file follows from its ending (`.parquet`, `.jsonl`, `.ndjson`, else CSV).

    Raises ``DataError`` naming the file and the place, ``OSError`` where it cannot be opened, and for CSV what the csv
    module raises, which `read_shelf` understands.
    """
    ending = path.suffix.lower()
    if ending in {".parquet", ".pq"}:
        yield from _parquet_rows(path)
    elif ending in {".jsonl", ".ndjson"}:
        yield from _json_rows(path)
    else:
        yield from _csv_rows(path)


def _csv_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        header = file.readline(_CHUNK)
        separator = max(_SEPARATORS, key=header.count)
        file.seek(0)
        yield from csv.DictReader(_lines(file), delimiter=separator, strict=True)


def _lines(file: IO[AnyStr]) -> Iterator[AnyStr]:
    number = 0
    while line := file.readline(_LONGEST_LINE + 1):
        number += 1
        if len(line) > _LONGEST_LINE:
            raise DataError(f"line {number:,}: longer than {_LONGEST_LINE:,} characters; write one item a line")
        yield line


def _json_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    with open(path, "rb") as file:
        for number, line in enumerate(_lines(file), 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise DataError(f"line {number:,}: not JSON ({error}); write one object a line") from error
            if not isinstance(row, dict):
                raise DataError(f"line {number:,}: no object; write one object a line")
            yield row  # pyright: ignore[reportUnknownVariableType]  # JSON objects have text for names


def _parquet_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    pyarrow: Any = import_module("pyarrow")  # heavy, and needed for this kind of file alone
    parquet: Any = import_module("pyarrow.parquet")
    wanted = {"item_id", *SHELF_COLUMNS}
    try:
        with parquet.ParquetFile(path) as file:
            columns = [name for name in file.schema_arrow.names if name.strip().lower() in wanted]
            for batch in file.iter_batches(columns=columns or None, use_threads=False):
                yield from batch.to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(f"not readable as Parquet ({error}); write it again as such") from error
