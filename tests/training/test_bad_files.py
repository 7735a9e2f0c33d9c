"""Orders and catalogues that cannot be read: the place, what was found, and the remedy; never a lost line."""

import gzip
import os
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from recommender.errors import DataError
from training.catalog_file import read_catalog
from training.read import open_orders

LINES = "".join(f"{n // 3},{n * 7919 % 10007}\n" for n in range(30_000))
CSV = "order_id,item_id\n" + LINES
NO_ROWS = pa.table({"order_id": pa.array([], pa.string()), "item_id": pa.array([], pa.string())})


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(source: object, read=open_orders) -> str:
    with pytest.raises(DataError) as caught:
        read(source)
    message = str(caught.value)
    assert caught.value.exit_code == 3
    assert "\n" not in message
    assert "duckdb" not in message.lower()
    assert len(message) < 700
    return message


def item_ids(path: Path) -> list[str]:
    raw = open_orders(path)
    return [row[0] for row in raw.connection.execute("SELECT item_id FROM raw ORDER BY line_number").fetchall()]


@pytest.mark.parametrize("name", ["o.csv", "o.parquet", "o.dat", "o.csv.gz", "o"])
def test_an_empty_file(tmp_path, name):
    path = write(tmp_path / name, b"")
    assert refusal(path) == f"{path}: the file is empty (0 bytes); export it again, or take it out"


@pytest.mark.parametrize("text", ["order_id,item_id\n", "order_id,item_id", "\ufefforder_id,item_id\r\n\r\n"])
def test_a_header_and_no_line(tmp_path, text):
    assert "a header and no order line; at least one is needed" in refusal(write(tmp_path / "o.csv", text))


def test_a_parquet_file_without_rows(tmp_path):
    pq.write_table(
        pa.table({"order_id": pa.array([], pa.string()), "item_id": pa.array([], pa.string())}), tmp_path / "o.pq"
    )
    assert "no order line" in refusal(tmp_path / "o.pq")


def test_nothing_but_line_ends(tmp_path):
    assert "no header line" in refusal(write(tmp_path / "o.csv", "\n\n\n"))


def test_a_missing_column_names_those_that_are_there(tmp_path):
    path = write(tmp_path / "o.csv", "InvoiceNo,StockCode\n1,a\n")
    assert refusal(path) == (
        f"{path}: no column order_id among 'InvoiceNo', 'StockCode'; say which it is: --column order_id=NAME"
    )


def test_a_renamed_column_that_is_not_there_names_the_nearest(tmp_path):
    path = write(tmp_path / "o.csv", "InvoiceNo,item_id\n1,a\n")
    with pytest.raises(
        DataError, match=r"no column 'invoice' for order_id among .*; did you mean order_id=InvoiceNo\?"
    ):
        open_orders(path, {"order_id": "invoice"})
    with pytest.raises(DataError, match=r"no column 'Nope' for item_id .*; did you mean item_id=item_id\?"):
        open_orders(path, {"order_id": "InvoiceNo", "item_id": "Nope"})
    with pytest.raises(DataError, match=r"no column 'zzz' for order_id among 'InvoiceNo', 'item_id'$"):
        open_orders(path, {"order_id": "zzz"})


def test_a_column_that_is_named_twice(tmp_path):
    path = write(tmp_path / "o.csv", "order_id,item_id,Item_ID,item_id\n1,a,b,c\n")
    assert "2 columns are called 'item_id'; rename all but one" in refusal(path)


def test_a_header_of_a_thousand_columns_is_not_told_in_full(tmp_path):
    message = refusal(write(tmp_path / "o.csv", ",".join(f"c{n}" for n in range(1000)) + "\n"))
    assert "and 970 more; say which it is" in message


def test_a_parquet_that_is_a_csv_and_the_reverse(tmp_path):
    assert "named as Parquet, but it begins with b'orde'" in refusal(write(tmp_path / "o.parquet", CSV))
    pq.write_table(pa.table({"order_id": ["1"], "item_id": ["a"]}), tmp_path / "p.csv")
    assert "a Parquet file by its first bytes; name it .parquet" in refusal(tmp_path / "p.csv")


def test_a_parquet_without_an_ending_is_known_by_its_first_bytes(tmp_path):
    pq.write_table(pa.table({"order_id": ["1"], "item_id": ["a"]}), tmp_path / "orders")
    assert item_ids(tmp_path / "orders") == ["a"]


@pytest.mark.parametrize("keep", [4, 100, 0.5, -1])
def test_a_parquet_that_is_cut(tmp_path, keep):
    path = tmp_path / "o.parquet"
    pq.write_table(pa.table({"order_id": [str(n) for n in range(5000)], "item_id": ["a"] * 5000}), path)
    content = path.read_bytes()
    write(path, content[: int(len(content) * keep) if isinstance(keep, float) else keep])
    assert refusal(path) == f"{path}: the Parquet file is damaged or cut; copy or export it again"


def test_a_parquet_with_flipped_bytes_is_read_or_refused(tmp_path):
    path = tmp_path / "o.parquet"
    pq.write_table(pa.table({"order_id": [str(n) for n in range(500)], "item_id": ["a"] * 500}), path)
    content = bytearray(path.read_bytes())
    for place in range(4, len(content), 211):
        broken = bytearray(content)
        broken[place] ^= 0xFF
        with suppress(DataError):
            open_orders(write(path, bytes(broken)))


@pytest.mark.parametrize(
    ("name", "content"), [("o.csv.gz", CSV.encode()), ("o.dat.gz", LINES.replace(",", " ").encode())]
)
def test_a_gzip_that_is_cut(tmp_path, name, content):
    packed = gzip.compress(content)
    for keep in (len(packed) // 2, len(packed) - 4, 12):
        path = write(tmp_path / name, packed[:keep])
        assert "damaged or cut; copy or export it again" in refusal(path), keep


def test_a_zstandard_that_is_cut(tmp_path):
    packed = pa.compress(CSV.encode(), codec="zstd", asbytes=True)
    assert "damaged or cut" in refusal(write(tmp_path / "o.csv.zst", packed[: len(packed) // 2]))


def test_a_plain_file_that_is_named_as_packed(tmp_path):
    assert "named as packed, but it begins with b'orde'; name it without .gz" in refusal(
        write(tmp_path / "o.csv.gz", CSV)
    )


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\x03\x04rest", "an Excel workbook or a zip archive; export CSV in UTF-8, or unpack it"),
        ("order_id,item_id\n1,a\n".encode("utf-16"), "UTF-16 text; save it as UTF-8"),
        ("order_id,item_id\n".encode("utf-16-le"), "UTF-16 text; save it as UTF-8"),
        ("order_id,item_id\n".encode("utf-16-be"), "UTF-16 text; save it as UTF-8"),
        (b"sep=;\norder_id;item_id\n1;cup\n", "CSV under Excel's line sep=; take that line out"),
    ],
)
def test_other_formats(tmp_path, content, what):
    assert what in refusal(write(tmp_path / "o.csv", content))


def test_latin_1_is_told_with_the_line_and_the_remedy(tmp_path):
    path = write(tmp_path / "o.csv", "order_id,item_id\n1,a\n2,Caf\xe9\n3,b\n".encode("latin-1"))
    message = refusal(path)
    assert "line 3, byte 24: not UTF-8; convert it, as with `iconv -f latin1 -t utf-8" in message
    remedy = message.split('"')[1].replace(path.name, str(path))
    assert open_orders(remedy).connection.execute("SELECT item_id FROM raw").fetchall() == [("a",), ("Café",), ("b",)]
    assert "not UTF-8" in refusal(write(tmp_path / "o.dat", "1 2\n3 Caf\xe9\n".encode("latin-1")))


def test_latin_1_in_a_column_that_is_not_read_does_no_harm(tmp_path):
    path = write(tmp_path / "o.csv", "order_id,item_id,Gr\xf6\xdfe\n1,a,Caf\xe9\n".encode("latin-1"))
    assert item_ids(path) == ["a"]


@pytest.mark.parametrize("quote_at", [1, 15_000, 29_999])
def test_a_quote_that_is_never_closed_does_not_swallow_lines(tmp_path, quote_at):
    lines = CSV.splitlines()
    lines[quote_at] = lines[quote_at].replace(",", ',"')
    path = write(tmp_path / "o.csv", "\n".join(lines))
    assert f'line {quote_at + 1:,}: a quote " is opened and not closed' in refusal(path)


def test_a_quote_that_a_far_one_closes_does_not_swallow_lines(tmp_path):
    lines = CSV.splitlines()
    lines[10] = lines[10].replace(",", ',"')
    lines[5000] = lines[5000].replace(",", '",')
    assert 'a quote " is opened and not closed' in refusal(write(tmp_path / "o.csv", "\n".join(lines)))


def test_mixed_line_ends(tmp_path):
    message = refusal(write(tmp_path / "o.csv", "order_id,item_id\r\n1,a\n2,b\r\n"))
    assert "lines end in different ways (\\n, \\r\\n, \\r); make them alike, as with `dos2unix`" in message


def test_a_header_that_fits_no_line(tmp_path):
    message = refusal(write(tmp_path / "o.csv", "order_id,item_id,quantity\n1,a\n2,b\n"))
    assert "not one line can be read; the first, '1,a': fewer cells than the header has columns" in message


def test_a_field_of_ten_million_characters_is_set_aside(tmp_path):
    raw = open_orders(write(tmp_path / "o.csv", "order_id,item_id\n1,a\n2," + "x" * 10_000_000 + "\n3,b\n"))
    assert raw.connection.execute("SELECT order_id FROM raw").fetchall() == [("1",), ("3",)]
    found = raw.connection.execute("SELECT line_number, strlen(text), reason FROM unreadable").fetchall()
    assert found == [(2, 300, "longer than 2,000,000 bytes")]


def test_a_long_id_is_cut_where_the_doctor_still_sees_that_it_is_too_long(tmp_path):
    assert [len(item) for item in item_ids(write(tmp_path / "o.csv", f"order_id,item_id\n1,{'x' * 1_000_000}\n"))] == [
        300
    ]
    pq.write_table(pa.table({"order_id": ["1"], "item_id": ["é" * 10_000_000]}), tmp_path / "o.parquet")
    assert [len(item) for item in item_ids(tmp_path / "o.parquet")] == [300]


def test_a_header_of_ten_million_characters(tmp_path):
    assert "no header line in the first 1,048,576 bytes" in refusal(write(tmp_path / "o.csv", "x" * 10_000_000))


def test_a_basket_line_of_thirty_million_characters(tmp_path):
    assert "a line is longer than 20,000,000 bytes" in refusal(write(tmp_path / "o.dat", "1 2\n" + "7 " * 15_000_000))


def test_an_order_of_100_000_lines(tmp_path):
    assert open_orders(write(tmp_path / "o.dat", " ".join(str(n) for n in range(100_000)))).lines == 100_000


def test_ids_with_new_lines_nul_and_emoji_are_kept(tmp_path):
    ids = ["a\nb", "a\0b", "😀", "\u202e", "'; DROP TABLE raw; --"]
    frame = pd.DataFrame({"order_id": "1", "item_id": ids})
    frame.to_csv(tmp_path / "o.csv", index=False)
    frame.to_parquet(tmp_path / "o.parquet")
    assert item_ids(tmp_path / "o.csv") == ids
    assert item_ids(tmp_path / "o.parquet") == ids


def test_a_csv_that_is_named_as_baskets(tmp_path):
    assert "the first line is b'order_id,item_id'; name it .csv" in refusal(write(tmp_path / "o.dat", CSV))


def test_baskets_have_no_columns(tmp_path):
    with pytest.raises(DataError, match="have no columns to rename; leave --column out"):
        open_orders(write(tmp_path / "o.dat", "1 2\n"), {"item_id": "x"})


def test_a_path_that_is_not_there(tmp_path):
    assert "there is no such file or folder; check the path" in refusal(tmp_path / "nothing.csv")
    assert "no file matches; check the pattern" in refusal(str(tmp_path / "*.csv"))


def test_a_folder_without_orders(tmp_path):
    write(tmp_path / "README.md", "x")
    write(tmp_path / "_SUCCESS", "")
    assert "no file to read in this folder; endings that are read: .csv, .tsv" in refusal(tmp_path)


def test_a_folder_of_two_kinds(tmp_path):
    write(tmp_path / "a.csv", CSV)
    pq.write_table(pa.table({"order_id": ["1"], "item_id": ["a"]}), tmp_path / "b.parquet")
    assert "files of 2 kinds (a.csv, b.parquet); give files of one kind" in refusal(tmp_path)


def test_a_broken_file_of_a_folder_is_named(tmp_path):
    write(tmp_path / "a.csv", CSV)
    write(tmp_path / "b.csv", "order,item_id\n1,a\n")
    assert refusal(tmp_path).startswith(f"{tmp_path}/b.csv: no column order_id")


def test_a_pipe_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "o.csv")
    assert "not a plain file; save the data to one first" in refusal(tmp_path / "o.csv")


@contextmanager
def as_nobody():
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_what_may_not_be_read(tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir()
    file = write(tmp_path / "o.csv", CSV)
    folder.chmod(0)
    file.chmod(0)
    try:
        with as_nobody():
            assert "cannot be read: Permission denied; check its name and its rights" in refusal(folder)
            assert "cannot be read: Permission denied" in refusal(file)
            assert "cannot be read: Permission denied" in refusal(folder / "o.csv")
    finally:
        folder.chmod(0o700)


def test_a_name_that_no_file_can_have():
    assert "cannot be read: File name too long" in refusal("x" * 5000)


@pytest.mark.parametrize(
    "query", ["SELECT nonsense", "FROM 'missing.csv'", "sql: DROP TABLE raw", "select 1 as x", "from source"]
)
def test_a_query_that_fails(query):
    assert refusal(query).startswith("the query: ")


@pytest.mark.parametrize("source", [7, None, ["a.csv"], {"order_id": ["1"]}])
def test_what_is_no_source(source):
    assert "give a path, a query, or an object of the Arrow stream protocol" in refusal(source)


def test_a_column_of_lists():
    table = pa.table({"order_id": ["1"], "item_id": [["a", "b"]]})
    assert "column 'item_id' holds VARCHAR[]; one plain value a row is needed: unnest it" in refusal(table)


def test_a_frame_with_a_column_of_mixed_types():
    assert "make each column of one type" in refusal(pd.DataFrame({"order_id": ["1", 2.5], "item_id": ["a", b"b"]}))


def test_an_object_without_rows():
    assert "the Table object: no order line" in refusal(NO_ROWS)


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("c.csv", "sku,title\na,Tea\n", "no column item_id among 'sku', 'title'"),
        ("c.csv", "item_id,title\n", "no item; at least one row with an item_id is needed"),
        ("c.csv", "item_id,title\n ,Tea\n", "no item"),
        ("c.csv", "item_id,title\na,Caf\xe9\n".encode("latin-1"), "line 2, byte 17: not UTF-8"),
        ("c.jsonl", '{"item_id": "a"}\n{"item_id":\n', "line 2: not JSON"),
        ("c.jsonl", "[1]\n", "line 1: list instead of an object"),
        ("c.jsonl", "[" * 100_000, "line 1: not JSON"),
        ("c.jsonl", b'{"item_id": "\xff"}\n', "line 1: not JSON"),
        ("c.jsonl", '{"id": "a"}\n', "no column item_id among 'id'"),
        ("c.parquet", "item_id\na\n", "named as Parquet"),
        ("c.dat", "1 2\n", "cannot be read here; kinds that can: csv, parquet, jsonl"),
        ("c.jsonl.gz", gzip.compress(b'{"item_id": "a"}\n' * 9, mtime=0)[:30], "damaged or cut"),
    ],
)
def test_catalogues_that_cannot_be_read(tmp_path, name, content, what):
    assert what in refusal(write(tmp_path / name, content), read_catalog)


def test_memory_stays_small_whatever_a_line_holds(tmp_path):
    """Measured by the process itself: what `getrusage` says of a child counts its parent's memory too."""
    path = tmp_path / "o.csv"
    with open(path, "w", encoding="utf-8") as file:
        file.write("order_id,item_id\n")
        file.writelines(f"{n},{'x' * 5_000_000}\n" for n in range(40))
        file.write("99,a\n")
    program = (
        "import re, sys; from pathlib import Path; from training.read import open_orders;"
        "raw = open_orders(sys.argv[1]);"
        "own_peak = re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text());"
        "print(raw.lines, raw.unreadable, int(own_peak[1]) // 1024)"
    )
    run = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    lines, unreadable, mebibytes = map(int, run.stdout.split())
    assert (lines, unreadable) == (1, 40)
    assert mebibytes < 700


@pytest.mark.parametrize(("place", "byte"), [(0, 18), (3, 30)])
@pytest.mark.parametrize("pack", [bytes, lambda data: gzip.compress(data, 1)], ids=["plain", "gzip"])
def test_a_line_that_fits_into_no_buffer(tmp_path: Path, pack, place: int, byte: int) -> None:
    """It would be passed over without a word."""
    lines = ["1,a", "1,b", "2,a"]
    lines.insert(place, "1," + "x" * 33_000_000)
    path = write(tmp_path / "o.csv", pack("\n".join(["order_id,item_id", *lines]).encode()))
    assert refusal(path) == (
        f"{path}: the line that begins at byte {byte} is longer than 20,000,000 bytes; take it out, or export the file"
        " again"
    )
