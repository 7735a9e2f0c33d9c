"""Shops that lack something: a report that says so, or an error with a remedy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from made_up_shops import quick, shop_lines, write_catalog, write_csv

from recommender.errors import DataError
from training.commands import evaluate as command
from training.evaluation.report import report
from training.progress import Progress


def reported(tmp_path: Path, orders: Path, catalog: Path | None = None, *, fitted: bool = False) -> dict[str, Any]:
    output = tmp_path / "report"
    config = quick(fitted=fitted)
    report(str(orders), catalog and str(catalog), output, config, Progress(quiet=True), command="goeswith")
    text = (output / "report.md").read_text(encoding="utf-8")
    values = json.loads((output / "report.json").read_text(encoding="utf-8"))
    for note in values["notes"]:
        assert f"- {note}" in text
    return values


def notes_of(values: dict[str, Any]) -> str:
    return "\n".join(values["notes"])


def test_no_times_no_customers_no_prices_no_categories(tmp_path: Path) -> None:
    without = ("ordered_at", "customer_id", "unit_price", "line")
    values = reported(tmp_path, write_csv(tmp_path / "orders.csv", shop_lines(600), without))

    notes = notes_of(values)
    for said in (
        "the order of the file stands for time",
        "name no customer",
        "no prices",
        "no categories",
        "column line",
    ):
        assert said in notes
    assert values["windows"]["reported"]["first"] is None
    assert {one["customers"] for one in values["comparisons"]} == {"anonymous"}
    assert {one["drawn"] for one in values["comparisons"]} == {"orders"}
    assert "personal frequency" not in values["comparisons"][0]["methods"]
    assert values["comparisons"][0]["frontier"] is None
    assert "hits-against-margin.png" not in values["plots"]


def test_customers_with_one_order_each(tmp_path: Path) -> None:
    lines = shop_lines(600)
    for line in lines:
        line["customer_id"] = f"c-{line['order_id']}"
    values = reported(tmp_path, write_csv(tmp_path / "orders.csv", lines))

    assert "no customer of the reported window had an order before it" in notes_of(values)
    kinds = {(part["kind"], part["name"]) for part in values["comparisons"][0]["slices"]}
    assert ("customer", "anonymous") in kinds
    assert ("customer", "known") not in kinds


def test_one_customer_and_no_costs(tmp_path: Path) -> None:
    orders = write_csv(tmp_path / "orders.csv", shop_lines(1000, customers=1), without=("line",))
    catalog = write_catalog(tmp_path / "catalog.csv", costs=False, categories=False)
    values = reported(tmp_path, orders, catalog, fitted=True)

    notes = notes_of(values)
    for said in ("fewer than ten customers", "no costs", "no categories"):
        assert said in notes
    assert values["comparisons"][0]["drawn"] == "orders"
    assert values["comparisons"][0]["frontier"]["worth"] == "revenue"


def test_a_tuning_window_without_baskets_of_two_items(tmp_path: Path) -> None:
    lines = shop_lines(600)
    seen: set[str] = set()
    kept = []
    for line in lines:
        number = int(line["order_id"][1:])
        if 350 <= number < 480 and line["order_id"] in seen:
            continue
        seen.add(line["order_id"])
        kept.append(line)
    values = reported(tmp_path, write_csv(tmp_path / "orders.csv", kept))

    notes = notes_of(values)
    assert "peers keep their first parameters" in notes
    assert "documented blend" in notes
    assert values["fitted_on_carts"] == 0
    assert values["peers"]["EASE"] == {"parameters": {"regularization": 100}, "tried": []}
    assert values["comparisons"][0]["calibration"] is None


def test_few_carts_are_said_to_be_few(tmp_path: Path) -> None:
    values = reported(tmp_path, write_csv(tmp_path / "orders.csv", shop_lines(60)))

    assert "carts are few" in notes_of(values)
    assert values["comparisons"][0]["carts"] < 60


def test_one_order_of_two_items_is_too_little(tmp_path: Path) -> None:
    orders = write_csv(tmp_path / "orders.csv", shop_lines(2))

    with pytest.raises(DataError, match=r"reported window.*give more orders$"):
        reported(tmp_path, orders)
    assert not (tmp_path / "report").exists()


def test_the_remedy_is_a_larger_window_than_the_one_without_a_question(tmp_path: Path) -> None:
    lines = shop_lines(5)
    last = max(line["order_id"] for line in lines)
    orders = write_csv(
        tmp_path / "orders.csv", [line for line in lines if line["order_id"] != last or line["line"] == "1"]
    )

    with pytest.raises(
        DataError, match=r"1 orders of 5\) .* or a larger window with --set backtest.holdout_share=0\.5$"
    ):
        reported(tmp_path, orders)


def test_baskets_of_one_item_alone_are_refused(tmp_path: Path) -> None:
    lines = [line for line in shop_lines(300) if line["line"] == "1"]
    orders = write_csv(tmp_path / "orders.csv", lines)

    with pytest.raises(DataError, match="no order has two items, so nothing can be hidden"):
        reported(tmp_path, orders)


def test_from_the_command_line(tmp_path: Path) -> None:
    orders = write_csv(tmp_path / "orders.csv", shop_lines(300))
    output = tmp_path / "report"

    arguments = [str(orders), "-o", str(output), "--set", "ranker.min_orders=1000000"]

    done = CliRunner().invoke(command, arguments, catch_exceptions=False)

    assert done.exit_code == 0
    assert "one hidden item, known" in done.stdout
    assert f"report: {output / 'report.md'}" in done.stdout
    for stage in ("read orders", "tune EASE", "fit the ranking", "ask goeswith", "compare", "write the report"):
        assert stage in done.stderr
    assert (output / "report.json").exists()


def test_a_shop_whose_lists_all_show_everything(tmp_path: Path) -> None:
    """Three items in all: nothing to draw against coverage."""
    orders = [["bag", *(item for item, every in (("cup", 2), ("pot", 3)) if n % every == 0)] for n in range(60)]
    lines = "".join(f"{number},{item}\n" for number, items in enumerate(orders) for item in items)
    (tmp_path / "orders.csv").write_text(f"order_id,item_id\n{lines}")
    values = reported(tmp_path, tmp_path / "orders.csv")
    assert "hits-against-coverage.png" not in values["plots"]
    assert {"goeswith", "implicit TFIDF"} <= set(values["comparisons"][0]["methods"])
