import csv
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from recommender.errors import DataError, UsageError
from training.config import OrdersConfig
from training.doctor import check_orders
from training.read import open_orders


def test_rejected_lines_are_written_with_their_reasons(examine, tmp_path):
    path = tmp_path / "it's rejected.csv"
    checked = examine(
        pa.table(
            {
                "order_id": ["1", None, "2", "3", "4"],
                "item_id": ["cup", "cup", "a\nb", "x" * 290, "jug"],
                "customer_id": ["ann", "ann", "bob", "bob", "cat"],
                "quantity": [0, 1, 1, 1, 1],
            }
        ),
        quarantine=path,
    )
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["line_number"], row["reason"]) for row in rows] == [
        ("1", "quantity 0"),
        ("2", "no order id"),
        ("3", "a control character in an id"),
        ("4", "an id of more than 256 bytes"),
    ]
    assert rows[2]["item_id"] == "a\nb"
    assert rows[0]["customer_id"] == "ann"
    assert checked.report.quarantined == 4


def test_unreadable_lines_are_in_it_too(tmp_path):
    orders, path = tmp_path / "orders.csv", tmp_path / "rejected.csv"
    orders.write_text("order_id,item_id\n1,cup\n1,jug,ann@example.org,4111 1111 1111 1111\n2,cup\n")
    raw = open_orders(orders)
    assert raw.unreadable == 1
    checked = check_orders(raw, None, OrdersConfig(), datetime(2026, 1, 1, tzinfo=UTC), path)
    assert checked.report.accounting == {"kept": 2, "unreadable": 1}
    assert checked.report.lines_read == 3
    assert "unreadable-lines" in {one.code for one in checked.report.findings}
    assert "ann@" not in path.read_text()
    assert "1111 1111 1111" not in path.read_text()


def test_nothing_left_is_told_and_still_written(examine, tmp_path):
    path = tmp_path / "rejected.csv"
    with pytest.raises(
        DataError, match=r"no valid order is left; .* \(2 rejected: no order id; 1 rejected: quantity 0\)"
    ):
        examine("order_id item_id quantity\n· cup 1\n· jug 1\n1 cup 0", quarantine=path)
    assert len(path.read_text().splitlines()) == 4


def test_an_order_of_one_item_is_enough(examine):
    assert len(examine("order_id item_id\n1 cup").baskets) == 1


def test_a_place_that_cannot_be_written(examine, tmp_path):
    with pytest.raises(UsageError, match="quarantine file cannot be written"):
        examine("order_id item_id\n1 cup", quarantine=tmp_path / "missing" / "rejected.csv")


def test_too_little_memory_is_told():
    lines = 200_000
    raw = open_orders(
        pa.table({"order_id": [str(n) for n in range(lines)], "item_id": [f"item {n}" for n in range(lines)]})
    )
    ((used,),) = raw.connection.execute("SELECT sum(memory_usage_bytes) FROM duckdb_memory()").fetchall()
    raw.connection.execute(f"SET memory_limit = '{used // 10**6 + 8}MB'; SET max_temp_directory_size = '0KiB'")
    with pytest.raises(DataError, match=r"checking 200,000 lines needs more memory"):
        check_orders(raw, None, OrdersConfig(), datetime(2026, 1, 1, tzinfo=UTC))
