"""What a person has curated is written as it is given, or left alone, and told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from strict_csv import read_csv

Exported = Callable[..., Path]


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def remarks(path: Path) -> dict[str, dict[str, Any]]:
    manifest = json.loads(path.with_name(f"{path.name}.manifest.json").read_text(encoding="utf-8"))
    return {remark["what"]: remark for remark in manifest["remarks"]}


def lists(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in read_csv(path):
        found.setdefault(row["item_id"], []).append(row["suggested_item_id"])
    return found


def test_locked_relations_are_written_as_given_and_left_untouched(exported: Exported, store: Path, tmp_path: Path):
    locks = write(
        tmp_path / "locks.csv",
        "item_id,relation,related\nbutter,add-on,wine\nbutter,add-on,jam\nbread,add-on,\n"
        "jam,,\nmilk,upsell,tea\nsoap,add-on,bread\n",
    )
    plain = lists(exported("add-ons", store, "plain.csv"))
    path = exported("add-ons", store, "locked.csv", "--locked", locks)
    found = lists(path)

    assert found["butter"] == ["wine", "jam"]  # even one that is out of stock: a person said so
    assert not {"bread", "jam"} & set(found)
    assert {"bread", "jam"} <= set(plain)
    assert found["delivery"] == plain["delivery"]
    assert remarks(path)["locked relations written as given"]["count"] == 1
    assert remarks(path)["locked relations left untouched"]["count"] == 2
    assert remarks(path)["locked items that are not in the model"]["examples"] == ["soap"]
    row = next(row for row in read_csv(path) if row["item_id"] == "butter")
    assert (row["kind"], row["count"], row["suggested_title"]) == ("locked", "", "wine")


def test_a_locked_box(exported: Exported, store: Path, tmp_path: Path) -> None:
    text = "item_id,relation,related\nbread,bought-together,milk\nbread,bought-together,tea\nbutter,*,\n"
    path = exported("bought-together", store, "b.csv", "--locked", write(tmp_path / "l.csv", text))
    rows = {row["item_id"]: row for row in read_csv(path)}
    assert "butter" not in rows
    bread = rows["bread"]
    assert (json.loads(bread["item_ids"]), bread["price"], bread["count"]) == (["bread", "milk", "tea"], "12.0", "")
    assert (bread["titles"], bread["evidence"]) == ("Brown bread + Whole milk + Tea", "chosen by hand")


def test_json_lines_and_platform_ids(exported: Exported, strange: Path, tmp_path: Path) -> None:
    lines = [
        {"item_id": "+1", "relation": "bought-together", "related": ["😀 𝒳", 'a,"b"', "gone"]},
        {"item_id": "../x", "relation": "*"},
    ]
    locks = write(tmp_path / "locks.jsonl", "\n".join(json.dumps(line) for line in lines))
    path = exported("shopify", strange, "products.csv", "--id-column", "handle", "--locked", locks)
    rows = {row["Handle"]: list(row.values())[2] for row in read_csv(path)}

    assert rows["brown-bread"] == "wine, plum-jam"
    assert "salted-butter" not in rows
    assert remarks(path)["locked items without handle left out"]["examples"] == ["gone"]


def test_without_translation_an_unknown_id_is_written_as_given(exported: Exported, store: Path, tmp_path: Path) -> None:
    locks = write(tmp_path / "locks.csv", "item_id,relation,related\nbread,bought-together,gone\n")
    path = exported("magento", store, "m.csv", "--locked", locks)
    assert next(row for row in read_csv(path) if row["sku"] == "bread")["related_skus"] == "gone"
    assert remarks(path)["locked items that the model does not know"]["examples"] == ["gone"]


def test_an_untouched_list_keeps_its_cell_in_magento_and_its_whole_row_in_woocommerce(
    exported: Exported, store: Path, tmp_path: Path
) -> None:
    locks = write(tmp_path / "locks.csv", "item_id,relation,related\nbread,cross-sell,\n")
    magento = {row["sku"]: row for row in read_csv(exported("magento", store, "m.csv", "--locked", locks))}
    assert (magento["bread"]["crosssell_skus"], magento["bread"]["related_skus"][:6]) == ("", "butter")
    woo = exported("woocommerce", store, "w.csv", "--locked", locks)
    assert "bread" not in {row["sku"] for row in read_csv(woo)}
    told = remarks(woo)["products left out: an empty cell would clear their locked list"]
    assert told["examples"] == ["bread"]


def test_bundles_of_a_locked_part_are_left_out(exported: Exported, store: Path, tmp_path: Path) -> None:
    locks = write(tmp_path / "locks.csv", "item_id,relation\nmilk,bundle\n")
    path = exported("bundles", store, "b.csv", "--locked", locks)
    assert [json.loads(row["item_ids"]) for row in read_csv(path)] == [["bread", "butter"]]
    assert remarks(path)["bundles left out: the bundles of a part are locked"]["count"] == 1


def test_a_locked_list_that_is_too_long_is_cut_and_told(exported: Exported, store: Path, tmp_path: Path) -> None:
    many = "".join(f"bread,bought-together,x{place}\n" for place in range(12))
    locks = write(tmp_path / "locks.csv", "item_id,relation,related\n" + many)
    path = exported("shopify", store, "p.csv", "--locked", locks)
    row = next(row for row in read_csv(path) if row["Handle"] == "bread")
    assert list(row.values())[2] == ", ".join(f"x{place}" for place in range(10))
    assert remarks(path)["locked relations cut to the 10 items that fit"]["examples"] == ["bread"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("l.csv", "sku,relation\nbread,upsell\n", "no column item_id among 'sku', 'relation'"),
        ("l.csv", "", "no column item_id among none"),
        (
            "l.csv",
            "item_id,relation\nbread,related\n",
            "line 2: relation 'related': no such relation; there are *, bundle",
        ),
        ("l.csv", "item_id,relation\n,upsell\n", "line 2: item_id is ''; expected an item's id"),
        (
            "l.csv",
            "item_id,relation,related\nbread,upsell,milk,tea\n",
            "line 2: more cells than the header has columns",
        ),
        ("l.csv", "item_id,relation,related\nbread,,milk\n", "ids for every relation of 'bread'"),
        ("l.csv", "item_id,relation,related\nbread,upsell,bread\n", "'bread' is related to itself"),
        (
            "l.csv",
            "item_id,relation,related\nbread,upsell,\nbread,upsell,tea\n",
            "line 3: 'bread' is both left untouched",
        ),
        ("l.jsonl", "{", "line 1: not JSON"),
        ("l.jsonl", "[" * 100_000, "line 1: not JSON"),
        ("l.jsonl", "[1]", "line 1: [1] is no object"),
        ("l.jsonl", '{"item_id": 7}', "line 1: item_id is '7'"),
        ("l.jsonl", '{"item_id": "A", "relation": "upsell", "related": "B"}', "related is 'B'; expected item ids"),
        ("l.csv", 'item_id\n"bread', "not readable as CSV"),
    ],
)
def test_locks_that_cannot_be_understood(run, store: Path, tmp_path: Path, name: str, text: str, message: str) -> None:
    locks = write(tmp_path / name, text)
    said = run("export", "add-ons", "--store", store, "-o", tmp_path / "x.csv", "--locked", locks)
    assert said.code == 3
    assert message in said.err
    assert not list(tmp_path.glob("x.*"))


def test_locks_that_are_no_text_or_not_there(run, store: Path, tmp_path: Path) -> None:
    for path, message in ((tmp_path / "none.csv", "No such file"), (tmp_path / "l.csv", "not UTF-8")):
        if path.name == "l.csv":
            path.write_bytes(b"item_id\n\xff\xfe\n")
        said = run("export", "add-ons", "--store", store, "-o", tmp_path / "x.csv", "--locked", path)
        assert said.code == 3
        assert message in said.err
