"""No command writes over a file that it reads."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from recommender.command import main

LINES = "order_id,item_id\n1,cup\n1,\n"


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    assert end.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("source", ["orders.csv", ".", "*.csv", "../shop/orders.csv"])
def test_rejected_lines_do_not_replace_the_orders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], source: str
) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    monkeypatch.chdir(shop)
    Path("orders.csv").write_text(LINES)
    for command in (["check"], ["train", "--store", "store"], ["evaluate", "-o", "report"]):
        said = refused(capsys, command[0], source, *command[1:], "--quarantine", "./orders.csv")
        assert said == (
            "error: orders.csv: is read by this command and would be overwritten; name another file (--quarantine)\n"
        )
    assert Path("orders.csv").read_text() == LINES


def test_rejected_lines_do_not_replace_the_catalogue(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    orders, catalog = tmp_path / "orders.csv", tmp_path / "products.csv"
    orders.write_text(LINES)
    catalog.write_text("item_id\ncup\n")
    said = refused(capsys, "check", str(orders), "--catalog", str(catalog), "--quarantine", str(catalog))
    assert said.startswith(f"error: {catalog}: is read by this command")
    assert catalog.read_text() == "item_id\ncup\n"


def test_itemsets_and_made_up_orders_do_not_replace_the_orders(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, table, link = tmp_path / "orders.csv", tmp_path / "orders.parquet", tmp_path / "link.parquet"
    text.write_text(LINES)
    duckdb.sql("SELECT '1' AS order_id, 'cup' AS item_id").write_parquet(str(table))
    link.symlink_to(table)
    before = table.read_bytes()
    assert "(-o)" in refused(capsys, "mine", str(text), "--min-count", "1", "-o", str(text))
    assert "(-o)" in refused(capsys, "synth", str(table), "--lines", "10", "-o", str(link))
    assert (text.read_text(), table.read_bytes()) == (LINES, before)


def test_another_file_is_replaced_as_ever(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    orders, rejected = tmp_path / "orders.csv", tmp_path / "old.rejected.csv"
    orders.write_text(LINES)
    rejected.write_text("older")
    main(["check", str(orders), "--quarantine", str(rejected)])
    assert "Rejected lines" in capsys.readouterr().out
    assert "no item id" in rejected.read_text()
