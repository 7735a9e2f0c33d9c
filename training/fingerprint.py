"""The sha256 of what a model was made from, so that the same input gives the same model id."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_CHUNK = 1 << 20


def of_files(paths: Iterable[Path], columns: Mapping[str, str]) -> str:
    """Hex sha256 over the bytes of each file in turn and the renamed columns; names and places do not count."""
    whole = hashlib.sha256(_canonical(columns))
    for path in paths:
        digest = hashlib.sha256()
        with open(path, "rb", buffering=0) as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        whole.update(digest.digest())
    return whole.hexdigest()


def of_query(connection: duckdb.DuckDBPyConnection, query: str, columns: Mapping[str, str]) -> str:
    """Hex sha256 over the values of an ordered query's result and the renamed columns."""
    whole = hashlib.sha256(_canonical(columns))
    table = connection.sql(query).to_arrow_table()
    for name in table.column_names:
        whole.update(f"{name}:{table[name].type}:".encode() + _column_digest(table[name]))
    return whole.hexdigest()


def of_cells(cells: Mapping[str, Iterable[object]]) -> str:
    """Hex sha256 over named columns of text."""
    return hashlib.sha256(json.dumps({name: list(column) for name, column in cells.items()}).encode()).hexdigest()


def _column_digest(column: pa.ChunkedArray) -> bytes:
    is_text = pa.types.is_string(column.type)
    present, lengths, values = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()
    for chunk in column.chunks:
        present.update(chunk.is_valid().to_numpy(zero_copy_only=False).tobytes())
        kept = chunk.drop_null()
        if is_text:
            lengths.update(pc.binary_length(kept).to_numpy().tobytes())
            values.update(_text_bytes(kept))
        else:
            values.update(kept.to_numpy().tobytes())
    return present.digest() + lengths.digest() + values.digest()


def _text_bytes(texts: pa.StringArray) -> bytes:
    _, offsets, data = texts.buffers()
    if data is None:
        return b""
    bounds = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return memoryview(data)[bounds[0] : bounds[-1]].tobytes()


def _canonical(columns: Mapping[str, str]) -> bytes:
    return json.dumps(dict(columns), sort_keys=True, ensure_ascii=True).encode()
