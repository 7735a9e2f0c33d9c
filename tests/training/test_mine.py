"""Mining a file: what is read, what is written, and what is refused."""

from __future__ import annotations

import csv
import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from mining_oracle import shop
from typed import typed

from recommender.errors import DataError, UsageError
from training.config import with_values
from training.mine import mine
from training.rule_metrics import METRICS

ORDERS = """order_id,item_id,quantity
1,bread,1
1,butter,2
1,bread,3
2,butter,1
2,bread,-1
3,bread,1
3,été,1
4,butter,1
4,0007,1
4,bread,1
5,7,1
"""


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS, encoding="utf-8")
    return path


def rows(path: Path) -> list[dict]:
    return pq.read_table(path).to_pylist()


def test_the_file_exactly_as_it_is_an_item_once_an_order(orders: Path, tmp_path: Path) -> None:
    output = tmp_path / "itemsets.parquet"

    mined = mine(str(orders), output, min_count=1)

    assert rows(output) == [
        {"items": ["0007"], "count": 1},
        {"items": ["7"], "count": 1},
        {"items": ["bread"], "count": 4},
        {"items": ["butter"], "count": 3},
        {"items": ["été"], "count": 1},
        {"items": ["0007", "bread"], "count": 1},
        {"items": ["0007", "butter"], "count": 1},
        {"items": ["bread", "butter"], "count": 3},
        {"items": ["bread", "été"], "count": 1},
        {"items": ["0007", "bread", "butter"], "count": 1},
    ]
    assert (mined.baskets, mined.min_count, mined.lengths, mined.rules, mined.left_out) == (5, 1, (5, 4, 1), None, 0)
    assert pq.read_schema(output).equals(pa.schema([("items", pa.list_(pa.string())), ("count", pa.int64())]))
    assert mined.text() == f"{output}: 10 itemsets (5 of 1, 4 of 2, 1 of 3) in 1 of 5 baskets or more"


def test_length_and_count_are_bounds(orders: Path, tmp_path: Path) -> None:
    output = tmp_path / "itemsets.parquet"

    mine(str(orders), output, min_count=3, max_len=1)

    assert rows(output) == [{"items": ["bread"], "count": 4}, {"items": ["butter"], "count": 3}]


@pytest.mark.parametrize(("support", "least"), [(0.6, 3), (0.61, 4), (0.2, 1), (1.0, 5), (1e-9, 1)])
def test_a_support_is_a_count_rounded_up(orders: Path, tmp_path: Path, support: float, least: int) -> None:
    assert mine(str(orders), tmp_path / "o.parquet", min_support=support).min_count == least


def test_csv_and_json_lines_say_the_same(orders: Path, tmp_path: Path) -> None:
    for suffix in (".parquet", ".csv", ".jsonl"):
        mine(str(orders), tmp_path / f"itemsets{suffix}", min_count=1)

    expected = rows(tmp_path / "itemsets.parquet")
    with open(tmp_path / "itemsets.csv", encoding="utf-8", newline="") as file:
        cells = [{"items": json.loads(row["items"]), "count": int(row["count"])} for row in csv.DictReader(file)]
    assert cells == expected
    lines = (tmp_path / "itemsets.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == expected


def test_rules_have_every_metric(orders: Path, tmp_path: Path) -> None:
    output = tmp_path / "rules.parquet"

    mined = mine(str(orders), output, min_count=3, rules=True)

    assert mined.rules == 2
    there, back = rows(output)
    assert list(there) == ["antecedents", "consequents", "count", "antecedent_count", "consequent_count", *METRICS]
    assert (there["antecedents"], there["consequents"]) == (["bread"], ["butter"])
    assert (there["count"], there["antecedent_count"], there["consequent_count"]) == (3, 4, 3)
    assert (there["support"], there["confidence"], there["lift"]) == (0.6, 0.75, 1.25)
    assert (back["confidence"], back["conviction"]) == (1.0, math.inf)


def test_json_has_no_infinity(orders: Path, tmp_path: Path) -> None:
    output = tmp_path / "rules.jsonl"

    mine(str(orders), output, min_count=3, rules=True)

    values = [json.loads(line) for line in output.read_text().splitlines()]
    assert [value["conviction"] for value in values] == [pytest.approx(1.6), None]


def test_ids_with_anything_in_them_survive(tmp_path: Path) -> None:
    ids = ["a b", 'say "x"', "a,b", "😀", "line\nbreak", "tab\t"]
    source = pa.table({"order_id": ["1"] * len(ids), "item_id": ids})
    for suffix in (".parquet", ".csv", ".jsonl"):
        mine(source, tmp_path / f"o{suffix}", min_count=1, max_len=1)

    found = [row["items"][0] for row in rows(tmp_path / "o.parquet")]
    assert found == sorted(found, key=str.encode)
    assert len(found) == len(ids)
    assert [json.loads(line)["items"][0] for line in (tmp_path / "o.jsonl").read_text().splitlines()] == found
    with open(tmp_path / "o.csv", encoding="utf-8", newline="") as file:
        assert [json.loads(row["items"])[0] for row in csv.DictReader(file)] == found


@pytest.mark.parametrize("min_count", [5, 30])
def test_a_fimi_file_gives_what_pyfim_gives(tmp_path: Path, min_count: int) -> None:
    fim = pytest.importorskip("fim", reason="pyfim comes as C source and needs a compiler")
    baskets = [sorted(basket) for basket in shop(9, 500, 30, size=6)]
    source, output = tmp_path / "shop.dat", tmp_path / "itemsets.parquet"
    source.write_text("\n".join(" ".join(map(str, basket)) for basket in baskets) + "\n")

    mine(str(source), output, min_count=min_count)

    theirs = fim.fpgrowth(baskets, supp=-min_count, report="a")
    assert {tuple(row["items"]): row["count"] for row in rows(output)} == {
        tuple(sorted(map(str, items))): count for items, count in theirs
    }
    keys = [(len(row["items"]), [item.encode() for item in row["items"]]) for row in rows(output)]
    assert keys == sorted(keys)


def test_the_doctor_cleans_first_when_asked(orders: Path, tmp_path: Path) -> None:
    config = with_values({"orders": {"non_products": ["été"]}})

    mine(str(orders), tmp_path / "o.parquet", min_count=1, max_len=1, clean=True, config=config)

    assert ["été"] not in [row["items"] for row in rows(tmp_path / "o.parquet")]


def test_lines_without_an_id_are_told(tmp_path: Path) -> None:
    source = tmp_path / "orders.csv"
    source.write_text("order_id,item_id\n1,a\n1,\n,b\n2,a\n")

    mined = mine(str(source), tmp_path / "o.parquet", min_count=1)

    assert mined.left_out == 2
    assert mined.text().endswith("; 2 lines without an order id or an item id left out")
    source.write_text("order_id,item_id\n1,\n,b\n")
    with pytest.raises(DataError, match="none of 2 lines has an order id and an item id"):
        mine(str(source), tmp_path / "o.parquet", min_count=1)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({}, "--min-count"),
        ({"min_count": 2, "min_support": 0.1}, "either"),
        ({"min_count": 0}, "minimum count 0"),
        ({"min_support": 0.0}, "minimum support 0.0"),
        ({"min_support": 1.1}, "minimum support 1.1"),
        ({"min_support": math.nan}, "minimum support nan"),
        ({"min_count": 1, "max_len": 0}, "maximum length 0"),
    ],
)
def test_wrong_bounds_are_told(orders: Path, tmp_path: Path, arguments: dict, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        mine(str(orders), tmp_path / "o.parquet", **arguments)
    assert not list(tmp_path.glob("*.parquet"))


@pytest.mark.parametrize("name", ["o.txt", "o", "o.parquet.gz"])
def test_an_unknown_suffix_is_told_before_the_work(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"give \.parquet, \.csv or \.jsonl"):
        mine("no such file", tmp_path / name, min_count=1)


def test_a_folder_that_is_not_there(orders: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere: no such folder"):
        mine(str(orders), tmp_path / "nowhere" / "o.parquet", min_count=1)


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl"])
def test_a_full_disk_leaves_the_old_file(orders: Path, tmp_path: Path, suffix: str, monkeypatch) -> None:
    output = tmp_path / f"o{suffix}"
    output.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match="No space left on device"):
        mine(str(orders), output, min_count=1)

    assert output.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == [output.name, "orders.csv"]


def test_the_same_input_gives_the_same_bytes(orders: Path, tmp_path: Path) -> None:
    for name in ("a.parquet", "b.parquet"):
        mine(str(orders), tmp_path / name, min_count=1)

    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


GOESWITH = str(Path(sys.executable).with_name("goeswith"))


def test_as_a_person_types_it(orders: Path, tmp_path: Path) -> None:
    output = tmp_path / "o.parquet"

    done = subprocess.run(
        [GOESWITH, "mine", orders, "--min-count", "3", "-o", output], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, f"{output}: 3 itemsets (2 of 1, 1 of 2) in 3 of 5 baskets or more\n")
    assert len(rows(output)) == 3


def test_a_count_above_the_baskets_is_told(orders: Path, tmp_path: Path) -> None:
    output = tmp_path / "o.jsonl"
    done = typed("mine", orders, "--min-count", "6", "-o", output)
    told = "0 itemsets: the minimum count 6 is above the 5 baskets of the file; a lower one finds some (--min-count)"
    assert (done.returncode, done.stdout.decode(), output.read_text()) == (0, f"{output}: {told}\n", "")


def test_work_that_would_not_fit_is_refused_with_advice(tmp_path: Path) -> None:
    source = tmp_path / "clique.dat"
    source.write_text((" ".join(map(str, range(45))) + "\n") * 30)

    done = typed("mine", source, "--min-count", "30", "-o", tmp_path / "o.parquet")

    message = done.stderr.decode()
    assert done.returncode == 2
    assert re.search(r"itemsets in 30 baskets or more: .* a minimum count of 31 \(--min-count\) or itemsets", message)
    assert "Traceback" not in message
    assert not (tmp_path / "o.parquet").exists()
