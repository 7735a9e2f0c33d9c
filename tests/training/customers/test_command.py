"""`goeswith customers` as a person types it: what stands in the file, and what is refused."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from strict_csv import read_csv

from recommender.command import main

ORDERS = """order_id,item_id,customer_id,ordered_at,quantity,unit_price
o1,A,ann,2026-01-01,2,10
o4,B,bob,2026-01-05,2,20
o2,B,ann,2026-01-11,1,20
o3,A,ann,2026-01-11,1,10
r1,A,ann,2026-01-12,-1,10
o5,A,cyd,2026-01-21,4,10
o6,B,,2026-01-21,4,20
"""
CATALOG = "item_id,price,cost\nA,10,6\nB,20,\n"
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Exit code and everything said."""

    def run(*arguments: object) -> tuple[int, str]:
        code = 0
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out + said.err

    return run


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (tmp_path / "catalog.csv").write_text(CATALOG, encoding="utf-8")
    return tmp_path


def without(column: str, text: str = ORDERS) -> str:
    rows = [line.split(",") for line in text.splitlines()]
    place = rows[0].index(column)
    return "".join(",".join(row[:place] + row[place + 1 :]) + "\n" for row in rows)


def many_orders(customers: int = 60) -> str:
    """Customers who come every few days, the even ones not any more."""
    rng, start = np.random.default_rng(1), date(2026, 1, 1)
    lines = ["order_id,item_id,customer_id,ordered_at,unit_price"]
    for customer in range(customers):
        gap, day, last = int(rng.integers(3, 20)), int(rng.integers(0, 30)), 90 if customer % 2 == 0 else 300
        while day < last:
            price = round(float(rng.uniform(5, 50)), 2)
            lines.append(f"o{len(lines)},i{rng.integers(9)},c{customer:02},{start + timedelta(days=day)},{price}")
            day += gap
    return "\n".join(lines) + "\n"


def test_the_past_of_each_customer_worked_by_hand(run: Run, shop: Path) -> None:
    out = shop / "customers.csv"

    asked = ("--catalog", shop / "catalog.csv", "--set", "worth.return_cost=3", "-o", out)
    code, said = run("customers", shop / "orders.csv", *asked)

    assert code == 0
    assert f"{out}: 3 customers ranked by profit, 0 to win back" in said
    bob, ann, cyd = read_csv(out)
    assert ann == {
        "customer_id": "ann",
        "rank": "2",
        "segment": "loyal",
        "win_back": "false",
        "orders": "2",  # the third came back whole
        "first_order": "2026-01-01",
        "last_order": "2026-01-11",
        "recency_days": "10",
        "revenue": "40.0",  # 2 * 10 + 20
        "profit": "25.0",  # 2 * (10 - 6) + 20, the cost of B is unknown; less 3 for what came back
        "profit_basis": "revenue",
        "return_rate": "0.25",
        "recency_score": "3",
        "frequency_score": "5",
        "monetary_score": "3",
        "alive": "",
        "overdue": "1.0",  # the gaps are 10 and the shop's 10
        "expected_orders": "",
        "expected_value": "",
    }
    names = ("customer_id", "rank", "segment", "revenue", "profit", "profit_basis", "return_rate", "overdue")
    assert [bob[name] for name in names] == ["bob", "1", "lost", "40.0", "40.0", "revenue", "0.0", "1.6"]
    assert [cyd[name] for name in names] == ["cyd", "3", "new", "40.0", "16.0", "cost", "0.0", "0.0"]


def test_nobody_but_the_owner_may_read_it_and_the_manifest_tells_the_file(run: Run, shop: Path) -> None:
    out = shop / "customers.jsonl"
    run("customers", shop / "orders.csv", "-o", out)
    manifest = out.with_name("customers.jsonl.manifest.json")

    assert {stat.S_IMODE(path.stat().st_mode) for path in (out, manifest)} == {0o600}
    told = json.loads(manifest.read_text(encoding="utf-8"))
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert (told["rows"], told["columns"], told["ranked_by"]) == (3, list(rows[0]), "profit")
    assert told["models"] == {"visits": None, "money": None}
    assert told["created_from"]["until"] == "2026-01-21"
    assert rows[0]["win_back"] is False
    assert rows[0]["alive"] is None


def test_who_stopped_coming_is_likely_gone_and_expected_to_bring_less(run: Run, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(many_orders(), encoding="utf-8")
    out = tmp_path / "customers.parquet"

    code, said = run("customers", tmp_path / "orders.csv", "--days", "100", "--rank-by", "expected-value", "-o", out)

    assert code == 0, said
    table = pq.read_table(out).to_pandas()
    assert table["rank"].tolist() == list(range(1, 61))
    assert table["expected_value"].is_monotonic_decreasing
    gone = table["customer_id"].str[1:].astype(int) % 2 == 0
    assert table.loc[gone, "alive"].max() < 0.5 < table.loc[~gone, "alive"].min()
    assert table.loc[~gone, "expected_orders"].between(100 / 20 / 2, 100 / 3 * 1.2).all()
    assert table.loc[gone, "expected_orders"].max() < table.loc[~gone, "expected_orders"].min()
    assert table["win_back"].dtype == bool
    assert set(table.loc[table["win_back"], "monetary_score"]) <= {4, 5}
    assert not table.loc[~gone, "win_back"].any()


def test_the_same_orders_give_the_same_bytes_and_times_of_day_change_nothing(run: Run, tmp_path: Path) -> None:
    text = many_orders(30)
    (tmp_path / "days.csv").write_text(text, encoding="utf-8")
    (tmp_path / "times.csv").write_text(re.sub(r"(-\d\d-\d\d),", r"\1T09:30:00,", text), encoding="utf-8")
    for name in ("days", "days2", "times"):
        run("customers", tmp_path / f"{name.rstrip('2')}.csv", "-o", tmp_path / f"{name}.out.csv")

    first, again, of_times = ((tmp_path / f"{name}.out.csv").read_bytes() for name in ("days", "days2", "times"))
    assert first == again == of_times


def test_without_times_the_past_alone_is_told(run: Run, shop: Path) -> None:
    (shop / "orders.csv").write_text(without("ordered_at"), encoding="utf-8")

    code, said = run("customers", shop / "orders.csv", "-o", shop / "out.jsonl")

    assert code == 0
    assert "no times: nothing is expected of customers" in said
    row = json.loads((shop / "out.jsonl").read_text(encoding="utf-8").splitlines()[0])
    unknown = ("segment", "win_back", "first_order", "last_order", "recency_days", "recency_score", "alive", "overdue")
    assert {row[name] for name in (*unknown, "expected_orders", "expected_value")} == {None}
    assert (row["revenue"], row["frequency_score"]) == (40.0, 5)


def test_without_prices_orders_make_the_rank(run: Run, shop: Path) -> None:
    (shop / "orders.csv").write_text(without("unit_price"), encoding="utf-8")

    code, said = run("customers", shop / "orders.csv", "-o", shop / "out.jsonl")

    assert code == 0
    assert "3 customers ranked by orders" in said
    rows = [json.loads(line) for line in (shop / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["customer_id"] for row in rows] == ["ann", "bob", "cyd"]
    unknown = ("revenue", "profit", "profit_basis", "monetary_score", "win_back", "expected_value")
    assert {row[name] for row in rows for name in unknown} == {None}
    assert [row["segment"] for row in rows] == ["loyal", "lost", "new"]


@pytest.mark.parametrize(
    ("text", "options", "code", "told"),
    [
        (without("customer_id"), (), 2, "no order names a customer"),
        (ORDERS, ("--rank-by", "expected-value"), 2, "10 customers who came again"),
        (without("unit_price"), ("--rank-by", "profit"), 2, "no price of what customers bought is known"),
        (ORDERS, ("--format", "xlsx"), 2, "customers can be written as csv, jsonl, parquet"),
        (ORDERS, ("--days", "0"), 2, "--days"),
        ("order_id,item_id,customer_id\n", (), 3, "orders.csv"),
    ],
)
def test_refusals(run: Run, shop: Path, text: str, options: tuple[str, ...], code: int, told: str) -> None:
    (shop / "orders.csv").write_text(text, encoding="utf-8")

    found, said = run("customers", shop / "orders.csv", *options, "-o", shop / "out.csv")

    assert (found, told in said) == (code, True), said
    assert not list(shop.glob("*out.csv*"))


def test_the_orders_are_never_written_over(run: Run, shop: Path) -> None:
    code, _ = run("customers", shop / "orders.csv", "-o", shop / "orders.csv")

    assert code == 2
    assert (shop / "orders.csv").read_text(encoding="utf-8") == ORDERS


def test_ids_that_are_formulas_stand_and_are_told_and_who_kept_nothing_too(run: Run, shop: Path) -> None:
    text = ORDERS.replace("cyd", "=1+1") + "o7,A,dan,2026-01-12,1,10\nr7,A,dan,2026-01-13,-1,10\n"
    (shop / "orders.csv").write_text(text, encoding="utf-8")

    _, said = run("customers", shop / "orders.csv", "-o", shop / "out.csv")

    assert {row["customer_id"] for row in read_csv(shop / "out.csv")} == {"ann", "bob", "=1+1"}
    assert "ids that a spreadsheet takes for a formula: import their columns as text: 1" in said
    assert "customers who kept nothing of any order left out: 1" in said
