"""Orders of every kind of input, as they come."""

import gzip
import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.errors import DataError, UsageError
from training.read import Raw, connect, open_orders

HEADER = "order_id,item_id,customer_id,ordered_at,quantity,unit_price,discount,unit_cost,line\n"


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def rows(raw: Raw, columns: str = "order_id, item_id") -> list[tuple]:
    return raw.connection.execute(f"SELECT {columns} FROM raw ORDER BY line_number").fetchall()


def unreadable(raw: Raw) -> list[tuple]:
    return raw.connection.execute("FROM unreadable ORDER BY line_number").fetchall()


def csv_rows(tmp_path: Path, text: str | bytes, columns: str = "order_id, item_id", **renamed: str) -> list[tuple]:
    return rows(open_orders(write(tmp_path / "orders.csv", text), renamed), columns)


def test_every_column_of_a_csv(tmp_path):
    raw = open_orders(write(tmp_path / "o.csv", HEADER + "7,A,c1,2026-11-21T10:00:00Z,2,1.5,0.1,0.75,3\n8,B,,,,,,,\n"))
    assert rows(raw, "*") == [
        (1, None, "7", "A", "c1", "2026-11-21T10:00:00Z", at(2026, 11, 21, 10), "2", 2.0, 1.5, 0.1, 0.75, 3),
        (2, None, "8", "B", None, None, None, None, None, None, None, None, None),
    ]
    assert (raw.lines, raw.unreadable, raw.names) == (2, 0, ("o.csv",))
    assert raw.present == set(HEADER.strip().split(","))


def test_the_tables_have_the_types_that_the_doctor_builds_on(tmp_path):
    raw = open_orders(write(tmp_path / "o.csv", "order_id,item_id\n1,a\n"))
    described = {table: raw.connection.execute(f"DESCRIBE {table}").fetchall() for table in ("raw", "unreadable")}
    assert {name: kind for name, kind, *_ in described["raw"]} == {
        "line_number": "BIGINT",
        "source": "VARCHAR",
        "order_id": "VARCHAR",
        "item_id": "VARCHAR",
        "customer_id": "VARCHAR",
        "ordered_at_text": "VARCHAR",
        "ordered_at": "TIMESTAMP",
        "quantity_text": "VARCHAR",
        "quantity": "DOUBLE",
        "unit_price": "DOUBLE",
        "discount": "DOUBLE",
        "unit_cost": "DOUBLE",
        "line": "BIGINT",
    }
    assert [name for name, *_ in described["unreadable"]] == ["line_number", "source", "text", "reason"]


@pytest.mark.parametrize(
    "item_id", ["0007", "1e5", "+1", "1_0", "true", "NULL", "nan", "#1", "12'", 'a"b', " a ", "é😀"]
)
def test_text_ids_stay_text(tmp_path, item_id):
    assert csv_rows(tmp_path, f"order_id,item_id\n1,{item_id}\n") == [("1", item_id)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_follows_from_the_header(tmp_path, delimiter):
    text = 'order_id,"item,;\t| id",quantity\n1,"a,b;c",2\n'
    for name in (",", ";", "\t", "|"):
        text = text.replace(name, delimiter) if name == "," else text
    assert csv_rows(tmp_path, text, item_id=f"item{delimiter};\t| id") == [("1", f"a{delimiter}b;c")]


def test_an_id_with_other_delimiters_is_not_split(tmp_path):
    assert csv_rows(tmp_path, "order_id,item_id\n1,a;b;c|d\n2,e\n") == [("1", "a;b;c|d"), ("2", "e")]
    text = "order_id;item_id;size, colour, weight, note\n1;a;x,y,z,w\n"
    assert csv_rows(tmp_path, text) == [("1", "a")]


@pytest.mark.parametrize(
    "text",
    [
        "\ufefforder_id,item_id\n1,a\n2,b\n",
        "order_id,item_id\r\n1,a\r\n2,b\r\n",
        "order_id,item_id\r1,a\r2,b\r",
        "order_id,item_id\n1,a\n2,b",
        "\n\norder_id,item_id\n1,a\n\n2,b\n\n",
        "ORDER_ID, Item_Id \n1,a\n2,b\n",
        'order_id,item_id,note\n1,a,"two\nlines"\n2,b,"say ""hi"""\n',
        "item_id,extra,order_id\na,,1\nb,,2\n",
        "order_id,item_id,\n1,a,\n2,b,\n",
    ],
)
def test_ways_to_write_the_same_csv(tmp_path, text):
    assert csv_rows(tmp_path, text) == [("1", "a"), ("2", "b")]


def test_a_quoted_header_may_span_lines(tmp_path):
    assert csv_rows(tmp_path, 'order_id,"item\nid"\n1,a\n', item_id="item\nid") == [("1", "a")]


@pytest.mark.parametrize("name", ["o.csv.gz", "o.csv", "o.tsv.GZ"])
def test_packed_text_is_known_by_its_first_bytes(tmp_path, name):
    raw = open_orders(write(tmp_path / name, gzip.compress(b"order_id,item_id\n1,a\n")))
    assert rows(raw) == [("1", "a")]


def test_zstandard(tmp_path):
    packed = pa.compress(b"order_id,item_id\n1,a\n", codec="zstd", asbytes=True)
    assert rows(open_orders(write(tmp_path / "o.csv.zst", packed))) == [("1", "a")]


def test_columns_are_renamed_and_win_over_ours(tmp_path):
    text = "order_id,InvoiceNo,StockCode\nx,536365,85123A\n"
    assert csv_rows(tmp_path, text, order_id="InvoiceNo", item_id="stockcode") == [("536365", "85123A")]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-21", at(2026, 11, 21)),
        ("20261121", at(2026, 11, 21)),
        ("2026-11-21 10:30", at(2026, 11, 21, 10, 30)),
        ("2026-11-21T10:30:05", at(2026, 11, 21, 10, 30, 5)),
        ("2026-11-21T10:30:05.25", at(2026, 11, 21, 10, 30, 5, 250000)),
        ("2026-11-21T10:30:05Z", at(2026, 11, 21, 10, 30, 5)),
        ("2026-11-21T10:30+02:00", at(2026, 11, 21, 8, 30)),
        ("2026-11-21 10:30:05.5-0530", at(2026, 11, 21, 16, 0, 5, 500000)),
        ("2026-11-21T10:30:05+02", at(2026, 11, 21, 8, 30, 5)),
        ("2026-02-30", None),
        ("2026-13-01T00:00:00Z", None),
        ("21.11.2026", None),
        ("11/21/2026 10:30", None),
        ("2026/11/21", None),
        ("1795256400", None),
        ("1795256400000", None),
        ("infinity", None),
        ("yesterday", None),
        ("2026-11-21T25:00", None),
        ("99999999", None),
    ],
)
def test_times(tmp_path, text, time):
    found = csv_rows(tmp_path, f"order_id,item_id,ordered_at\n1,a,{text}\n", "ordered_at_text, ordered_at")
    assert found == [(text, time)]


def test_times_with_a_zone_are_told_in_utc():
    zoned = [datetime(2026, 11, 21, 10, tzinfo=timezone(timedelta(hours=2)))]
    raw = open_orders(pa.table({"order_id": ["1"], "item_id": ["a"], "ordered_at": zoned}))
    assert rows(raw, "ordered_at_text, ordered_at") == [("2026-11-21T08:00:00Z", at(2026, 11, 21, 8))]


def test_numbers_and_what_is_none(tmp_path):
    text = "order_id,item_id,quantity,unit_price,line\n"
    text += '1,a,two,"1,99",x\n1,b,nan,nan,2.5\n1,c,-inf,inf, 2 \n1,d, 3 ,,\n'
    found = csv_rows(tmp_path, text, "quantity_text, quantity, unit_price, line")
    assert [(row[0], row[3]) for row in found] == [("two", None), ("nan", None), ("-inf", 2), (" 3 ", None)]
    assert (found[0][1], found[2][1], found[3][1]) == (None, -math.inf, 3.0)
    assert math.isnan(found[1][1])
    assert math.isnan(found[0][2])
    assert math.isnan(found[1][2])
    assert (found[2][2], found[3][2]) == (math.inf, None)


def test_lines_that_cannot_be_read_are_kept_with_their_reason(tmp_path):
    text = 'order_id,item_id,quantity\n1,a,1\n2,b\n3,c,1,9\n4,"d\ne",1\n5,"bro"ken,1\n6,f,1\n'
    raw = open_orders(write(tmp_path / "o.csv", text))
    assert rows(raw, "line_number, order_id, item_id") == [(1, "1", "a"), (4, "4", "d\ne"), (6, "6", "f")]
    assert unreadable(raw) == [
        (2, None, "2,b", "fewer cells than the header has columns"),
        (3, None, "3,c,1,9", "more cells than the header has columns"),
        (5, None, '5,"bro"ken,1', 'a quote " that is not closed, or text after the closing one'),
    ]
    assert (raw.lines, raw.unreadable) == (3, 3)


@settings(max_examples=60, deadline=None)
@given(lines=st.lists(st.lists(st.text("ab é;'#.", max_size=3), min_size=1, max_size=5), min_size=1, max_size=30))
def test_no_line_is_lost_and_numbers_do_not_repeat(tmp_path_factory, lines):
    texts = [text for line in lines if (text := ",".join(line))] + ["x,y,z"]
    path = tmp_path_factory.mktemp("lines") / "o.csv"
    raw = open_orders(write(path, "order_id,item_id,quantity\n" + "\n".join(texts) + "\n"), connection=_SHARED)
    numbers = raw.connection.execute("SELECT line_number FROM raw UNION ALL SELECT line_number FROM unreadable")
    assert sorted(number for (number,) in numbers.fetchall()) == list(range(1, len(texts) + 1))
    readable = [text for text in texts if text.count(",") >= 2 and not any(text.split(",")[3:])]
    assert raw.lines == len(readable)


_SHARED = connect()


def test_lines_keep_their_order_over_several_threads(tmp_path):
    many = 400_000
    numbers = np.arange(many)
    pd.DataFrame({"order_id": numbers // 3, "item_id": numbers, "note": "x" * 40}).to_csv(
        tmp_path / "o.csv", index=False
    )
    raw = open_orders(tmp_path / "o.csv", connection=duckdb.connect(config={"threads": 4}))
    wrong = (
        "SELECT count(*) FROM raw WHERE item_id::BIGINT <> line_number - 1 OR order_id::BIGINT <> item_id::BIGINT // 3"
    )
    assert raw.connection.execute(wrong).fetchall() == [(0,)]
    assert raw.lines == many


def test_files_of_a_folder_follow_one_another_by_name(tmp_path):
    (tmp_path / "2026").mkdir()
    write(tmp_path / "2026" / "b.csv", "item_id;order_id\nb;2\nragged\nc;3\n")
    write(tmp_path / "a.csv", "order_id,item_id,quantity\n1,a,5\n")
    write(tmp_path / "_SUCCESS", "")
    write(tmp_path / ".hidden.csv", "x")
    write(tmp_path / "notes.md", "x")
    raw = open_orders(tmp_path)
    assert rows(raw, "line_number, source, order_id, item_id, quantity") == [
        (1, "2026/b.csv", "2", "b", None),
        (3, "2026/b.csv", "3", "c", None),
        (4, "a.csv", "1", "a", 5.0),
    ]
    assert unreadable(raw) == [(2, "2026/b.csv", "ragged", "fewer cells than the header has columns")]
    assert raw.names == ("2026/b.csv", "a.csv")
    assert raw.present == {"order_id", "item_id", "quantity"}


def test_a_glob_and_a_name_that_looks_like_one(tmp_path):
    write(tmp_path / "o[1].csv", "order_id,item_id\n1,a\n")
    write(tmp_path / "o1.csv", "order_id,item_id\n2,b\n")
    assert rows(open_orders(tmp_path / "o[1].csv")) == [("1", "a")]
    assert rows(open_orders(str(tmp_path / "o*.csv"))) == [("2", "b"), ("1", "a")]
    assert rows(open_orders(str(tmp_path / "o?.csv"))) == [("2", "b")]


def test_files_of_a_glob_may_share_their_name(tmp_path):
    for month in ("01", "02"):
        (tmp_path / month).mkdir()
        write(tmp_path / month / "o.csv", f"order_id,item_id\n{month},a\n")
    assert rows(open_orders(str(tmp_path / "*" / "o.csv")), "source, order_id") == [
        ("01/o.csv", "01"),
        ("02/o.csv", "02"),
    ]


def test_a_parquet_column_may_change_its_type_from_file_to_file(tmp_path):
    pq.write_table(pa.table({"order_id": [1, 2], "item_id": [7, 8], "blob": [b"x", b"y"]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"item_id": ["0007", "B"], "order_id": [3.0, 4.5]}), tmp_path / "b.parquet")
    assert rows(open_orders(tmp_path)) == [("1", "7"), ("2", "8"), ("3", "0007"), ("4.5", "B")]


def test_ids_of_any_type_become_text():
    ids = {
        "int8": pa.array([7], pa.int8()),
        "uint64": pa.array([2**64 - 1], pa.uint64()),
        "float": pa.array([17850.0], pa.float32()),
        "double": pa.array([17850.5]),
        "huge": pa.array([1e20]),
        "decimal": pa.array([Decimal("17850.00")]),
        "dictionary": pa.array(["x"]).dictionary_encode(),
        "large": pa.array(["y"], pa.large_string()),
        "view": pa.array(["z"], pa.string_view()),
        "binary": pa.array([b"\xc3\xa9"]),
        "broken": pa.array([b"a\xff"]),
        "bool": pa.array([True]),
        "date": pa.array([date(2026, 11, 21)]),
        "null": pa.array([None]),
        "nan": pa.array([math.nan]),
    }
    found = {name: rows(open_orders(pa.table({"order_id": ["1"], "item_id": ids[name]})))[0][1] for name in ids}
    assert found == {
        "int8": "7",
        "uint64": "18446744073709551615",
        "float": "17850",
        "double": "17850.5",
        "huge": "1e+20",
        "decimal": "17850",
        "dictionary": "x",
        "large": "y",
        "view": "z",
        "binary": "é",
        "broken": "a\\xFF",
        "bool": "true",
        "date": "2026-11-21",
        "null": None,
        "nan": None,
    }


def test_typed_numbers_and_times():
    table = pa.table(
        {
            "order_id": ["1", "2"],
            "item_id": ["a", "b"],
            "ordered_at": pa.array([at(2026, 11, 21, 10), None], pa.timestamp("ns")),
            "quantity": pa.array([2, None], pa.int32()),
            "unit_price": pa.array([Decimal("1.25"), None]),
            "discount": pa.array([math.nan, math.inf]),
            "line": pa.array([1.0, 1.5]),
        }
    )
    first, second = rows(open_orders(table), "ordered_at_text, ordered_at, quantity_text, quantity, unit_price, line")
    assert first == ("2026-11-21 10:00:00", at(2026, 11, 21, 10), "2", 2.0, 1.25, 1)
    assert second == (None, None, None, None, None, None)


@pytest.mark.parametrize(
    "times",
    [[date(2026, 11, 21)], ["2026-11-21"], [20261121], pa.array([datetime(2026, 11, 21, tzinfo=UTC)])],
)
def test_times_of_any_type(times):
    raw = open_orders(pa.table({"order_id": ["1"], "item_id": ["a"], "ordered_at": times}))
    assert rows(raw, "ordered_at") == [(at(2026, 11, 21),)]


@pytest.mark.parametrize("values", [[1795256400], [1795256400.5], [b"x"], [True], [timedelta(days=1)]])
def test_values_that_are_no_time(values):
    raw = open_orders(pa.table({"order_id": ["1"], "item_id": ["a"], "ordered_at": values, "quantity": values}))
    assert rows(raw, "ordered_at") == [(None,)]


def test_frames_relations_and_queries_give_the_same_lines(tmp_path):
    frame = pd.DataFrame({"order_id": [1, 1, 2], "item_id": ["a", "b", "a"], "quantity": [1.0, np.nan, 2.0]})
    frame.to_parquet(tmp_path / "o.parquet")
    other = duckdb.connect()
    query = f"FROM '{tmp_path}/o.parquet'"
    sources = [frame, pa.Table.from_pandas(frame), other.sql(query), query, f"sql: {query} ;", f"select * {query}"]
    expected = [(1, None, "1", "a", "1"), (2, None, "1", "b", None), (3, None, "2", "a", "2")]
    raws = [open_orders(source) for source in sources]
    assert [rows(raw, "line_number, source, order_id, item_id, quantity_text") for raw in raws] == [expected] * 6
    assert len({raw.fingerprint for raw in raws}) == 1
    assert raws[0].names == ()


def test_fimi_baskets(tmp_path):
    raw = open_orders(write(tmp_path / "o.dat", "3 1 2 \n\n7\t7  8\n0007"))
    assert rows(raw) == [("1", "3"), ("1", "1"), ("1", "2"), ("3", "7"), ("3", "7"), ("3", "8"), ("4", "0007")]
    assert raw.present == {"order_id", "item_id"}


def test_baskets_of_several_fimi_files_are_kept_apart(tmp_path):
    write(tmp_path / "a.dat", "1 2\n")
    write(tmp_path / "b.dat", "1\n")
    assert rows(open_orders(tmp_path)) == [("a.dat:1", "1"), ("a.dat:1", "2"), ("b.dat:1", "1")]


def test_the_fingerprint_follows_the_bytes_and_the_renamed_columns(tmp_path):
    a = write(tmp_path / "a.csv", "order_id,item_id,other\n1,a,b\n")
    b = write(tmp_path / "b.csv", "order_id,item_id,other\n1,a,b\n")
    c = write(tmp_path / "c.csv", "order_id,item_id,other\n1,a,c\n")
    assert open_orders(a).fingerprint == open_orders(b).fingerprint
    assert open_orders(a).fingerprint != open_orders(c).fingerprint
    assert open_orders(a).fingerprint != open_orders(a, {"item_id": "other"}).fingerprint


def test_the_fingerprint_of_values_does_not_follow_their_chunks():
    whole = pa.table({"order_id": ["1", None, "2"], "item_id": ["a", "é", ""], "quantity": [1, None, 3]})
    parts = pa.concat_tables([whole.slice(0, 1), whole.slice(1)])
    moved = pa.table({"order_id": ["1", "2", None], "item_id": ["a", "é", ""], "quantity": [1, None, 3]})
    assert open_orders(whole).fingerprint == open_orders(parts).fingerprint
    assert open_orders(whole).fingerprint != open_orders(moved).fingerprint


def test_only_known_columns_can_be_renamed(tmp_path):
    with pytest.raises(UsageError, match="no such column; known are order_id, item_id"):
        csv_rows(tmp_path, "a,b\n1,2\n", order="a")


def test_a_used_connection_gets_new_tables(tmp_path):
    connection = connect()
    open_orders(write(tmp_path / "a.csv", "order_id,item_id\n1,a\n1\n"), connection=connection)
    raw = open_orders(write(tmp_path / "b.csv", "order_id,item_id\n2,b\n"), connection=connection)
    assert rows(raw) == [("2", "b")]
    assert unreadable(raw) == []


def test_text_is_not_read_as_unicode_that_it_is_not():
    with pytest.raises(DataError, match="the DataFrame object"):
        open_orders(pd.DataFrame({"order_id": ["1"], "item_id": ["\ud800"]}, dtype=object))
