"""Itemsets and rules as files for other programs: Parquet, CSV or JSON Lines, by the file's suffix."""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from recommender.errors import DataError, UsageError
from training.itemsets import Itemsets
from training.rule_metrics import METRICS, rule_metrics
from training.rules import Rules

_ROWS = 100_000
_TEXTS = pa.list_(pa.string())
ITEMSET_COLUMNS = pa.schema([("items", _TEXTS), ("count", pa.int64())])
RULE_COLUMNS = pa.schema(
    [
        ("antecedents", _TEXTS),
        ("consequents", _TEXTS),
        *((name, pa.int64()) for name in ("count", "antecedent_count", "consequent_count")),
        *((name, pa.float64()) for name in METRICS),
    ]
)


def writer_for(path: Path) -> Callable[[IO[bytes], pa.Schema, Iterable[pa.RecordBatch]], None]:
    """What writes a file of this suffix.

    Raises
    ------
    UsageError
        For any suffix but ``.parquet``, ``.csv`` and ``.jsonl``.
    """
    writers = {".parquet": _write_parquet, ".csv": _write_csv, ".jsonl": _write_jsonl}
    try:
        return writers[path.suffix.lower()]
    except KeyError:
        raise UsageError(
            f"{path}: suffix {path.suffix!r} names no format; give .parquet, .csv or .jsonl (-o)"
        ) from None


def write_batches(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    UsageError
        For an unknown suffix.
    DataError
        Where the file cannot be written; an older file of that name is left as it was.
    """
    write = writer_for(path)
    with _written_whole(path) as file:
        write(file, schema, batches)


def itemset_batches(itemsets: Itemsets, item_ids: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """`items` (texts, sorted by UTF-8 bytes) and `count`, sorted by length, then items.

    Parameters
    ----------
    item_ids : the id of every item row, sorted by UTF-8 bytes.
    """
    names = pa.array(item_ids, pa.string())
    for start in range(0, len(itemsets), _ROWS):
        stop = min(start + _ROWS, len(itemsets))
        offsets = itemsets.offsets[start : stop + 1]
        items = _texts(names, itemsets.items[offsets[0] : offsets[-1]], offsets - offsets[0])
        yield pa.record_batch([items, pa.array(itemsets.counts[start:stop], pa.int64())], schema=ITEMSET_COLUMNS)


def rule_batches(rules: Iterable[Rules], baskets: int, item_ids: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """`antecedents`, `consequents`, their counts and every metric, in the rules' order."""
    names = pa.array(item_ids, pa.string())
    for shape in rules:
        for start in range(0, len(shape), _ROWS):
            part = shape.where(np.arange(start, min(start + _ROWS, len(shape))))
            counts = (part.counts, part.antecedent_counts, part.consequent_counts)
            metrics = rule_metrics(*counts, baskets)
            columns = [
                _table_texts(names, part.antecedents),
                _table_texts(names, part.consequents),
                *(pa.array(count, pa.int64()) for count in counts),
                *(pa.array(getattr(metrics, name)) for name in METRICS),
            ]
            yield pa.record_batch(columns, schema=RULE_COLUMNS)


def _table_texts(names: pa.Array, rows: NDArray[np.int32]) -> pa.Array:
    return _texts(names, rows.ravel(), np.arange(len(rows) + 1) * rows.shape[1])


def _texts(names: pa.Array, rows: NDArray[np.int32], offsets: NDArray[np.int64]) -> pa.Array:
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), names.take(pa.array(rows)))


def _write_parquet(file: IO[bytes], schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)


def _write_csv(file: IO[bytes], schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(schema.names)
    for batch in batches:
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            writer.writerow([_json(cell) if isinstance(cell, list) else cell for cell in row])
    text.flush()
    text.detach()


def _write_jsonl(file: IO[bytes], schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    for batch in batches:
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            cells = {name: _finite(cell) for name, cell in zip(schema.names, row, strict=True)}
            file.write(_json(cells).encode() + b"\n")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _finite(cell: Any) -> Any:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


@contextmanager
def _written_whole(path: Path) -> Iterator[IO[bytes]]:
    try:
        path = path.resolve()
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with beside.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise DataError(
            f"{path}: cannot be written ({error.strerror or error}); name a file in a folder with room (-o)"
        ) from error
