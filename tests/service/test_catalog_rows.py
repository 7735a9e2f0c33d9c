"""Catalogue files of every kind."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from recommender.errors import DataError
from service.catalog_rows import FileSignature, catalog_rows, fingerprint

ROWS = [{"item_id": "0007", "price": "2.5"}, {"item_id": "é 🍞", "price": ""}]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_csv(tmp_path, separator, encoding):
    path = tmp_path / "catalog.csv"
    lines = [separator.join(ROWS[0]), *(separator.join(row.values()) for row in ROWS)]
    path.write_text("\n".join(lines), encoding=encoding)
    assert list(catalog_rows(path)) == ROWS


@pytest.mark.parametrize("ending", ["jsonl", "ndjson", "JSONL"])
def test_json_lines(tmp_path, ending):
    path = tmp_path / f"catalog.{ending}"
    path.write_text("\n\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    assert list(catalog_rows(path)) == ROWS


@pytest.mark.parametrize("line", ["{", "3", "[1]", "[" * 100_000])
def test_json_lines_that_are_none(tmp_path, line):
    path = tmp_path / "catalog.jsonl"
    path.write_text(f'{{"item_id": "a"}}\n{line}\n')
    with pytest.raises(DataError, match=r"line 2: .*write one object a line"):
        list(catalog_rows(path))


def test_parquet_reads_the_shelf_alone(tmp_path):
    path = tmp_path / "catalog.parquet"
    table = pa.table({"Item_ID": ["a", "b"], "PRICE": [1.5, None], "title": ["A", "B"], "stock": [3, 4]})
    pq.write_table(table, path)
    assert list(catalog_rows(path)) == [
        {"Item_ID": "a", "PRICE": 1.5, "stock": 3},
        {"Item_ID": "b", "PRICE": None, "stock": 4},
    ]


def test_parquet_without_the_columns_says_what_there_is(tmp_path):
    path = tmp_path / "catalog.parquet"
    pq.write_table(pa.table({"sku": ["a"]}), path)
    assert list(catalog_rows(path)) == [{"sku": "a"}]


@pytest.mark.parametrize("content", [b"", b"item_id,price\na,1\n", b"PAR1" + b"\0" * 40 + b"PAR1"])
def test_parquet_that_is_none(tmp_path, content):
    path = tmp_path / "catalog.parquet"
    path.write_bytes(content)
    with pytest.raises(DataError, match="not readable as Parquet"):
        list(catalog_rows(path))


def test_signature_and_fingerprint(tmp_path):
    path = tmp_path / "catalog.csv"
    path.write_text("a")
    before = FileSignature.of(path), fingerprint(path)
    assert (FileSignature.of(path), fingerprint(path)) == before
    path.write_text("bb")
    assert FileSignature.of(path) != before[0]
    assert fingerprint(path) != before[1]
    with pytest.raises(OSError, match="No such file"):
        FileSignature.of(tmp_path / "none")
