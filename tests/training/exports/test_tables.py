"""Rules and lists as CSV, JSON Lines and Parquet, read back by readers of our own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from strange_shop import STRANGE_IDS, STRANGE_TITLES
from strict_csv import read_csv
from tiny_shop import BREAD, BUTTER, ITEM_ORDERS, JAM, NEIGHBOURS

from recommender.bundles import bundle_id
from recommender.review.rules import rule_id
from training.exports import workers
from training.exports.export import export

Exported = Callable[..., Path]


def test_every_claimed_rule_is_there_with_its_metrics(exported: Exported, strange: Path) -> None:
    rows = read_csv(exported("rules", strange, "rules.csv"))

    claimed = [((item,), other, count) for item, pairs in NEIGHBOURS.items() for other, count, claim in pairs if claim]
    long = [((BREAD, BUTTER), JAM, 2), ((BREAD, JAM), BUTTER, 2), ((BUTTER, JAM), BREAD, 2)]
    ids = {tuple(STRANGE_IDS[item] for item in items): STRANGE_IDS[other] for items, other, _ in claimed + long}
    assert len(rows) == len(claimed) + len(long)
    for row in rows:
        antecedents = json.loads(row["antecedents"])
        assert antecedents == sorted(antecedents, key=str.encode)
        assert set(antecedents) <= set(STRANGE_IDS)
        assert row["consequent"] in STRANGE_IDS
        assert row["consequent"] not in antecedents
        assert row["rule_id"] == rule_id(antecedents, row["consequent"])
    assert len({row["rule_id"] for row in rows}) == len(rows)
    assert {(tuple(json.loads(row["antecedents"])), row["consequent"]) for row in rows} >= {
        (items, other) for items, other in ids.items() if len(items) == 2
    }
    first = rows[0]
    assert (first["count"], first["antecedent_count"], first["consequent_count"]) == ("5", "6", "6")
    assert float(first["confidence"]) == 5 / 6
    assert float(first["lift"]) == pytest.approx((5 / 6) / (ITEM_ORDERS[BUTTER] / 12))


def test_text_is_safe_for_spreadsheets_and_ids_stand_as_they_are(exported: Exported, strange: Path) -> None:
    rows = read_csv(exported("add-ons", strange, "add-ons.csv"))
    titles = dict(zip(STRANGE_IDS, STRANGE_TITLES, strict=True))
    safe = {"=HYPERLINK(1)": "'=HYPERLINK(1)", "-5 °C": "'-5 °C", "@home": "'@home", "\tTea": "'\tTea"}

    for row in rows:
        assert {row["item_id"], row["suggested_item_id"]} <= set(STRANGE_IDS)
        for item_id, title in (("item_id", "title"), ("suggested_item_id", "suggested_title")):
            text = titles[row[item_id]] or row[item_id]
            assert row[title] == safe.get(text, text)
        assert not row["evidence"].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert {row["title"] for row in rows} & set(safe.values())


def test_lists_have_places_from_one_without_gaps_and_never_the_item_itself(exported: Exported, strange: Path) -> None:
    rows = read_csv(exported("add-ons", strange, "lists.csv"))

    assert rows
    for item_id in {row["item_id"] for row in rows}:
        own = [row for row in rows if row["item_id"] == item_id]
        assert [int(row["place"]) for row in own] == list(range(1, len(own) + 1))
        others = [row["suggested_item_id"] for row in own]
        assert len(set(others)) == len(others)
        assert item_id not in others


def test_what_is_no_more_than_luck_is_left_out(exported: Exported, store: Path) -> None:
    rows = read_csv(exported("add-ons", store, "lists.csv", "--placement", "bought-together"))

    assert ("bread", "milk") not in {(row["item_id"], row["suggested_item_id"]) for row in rows}  # 2 baskets, lift 2/3
    assert all(float(row["lift"]) > 1 for row in rows)
    assert "tea" not in {row["item_id"] for row in rows}  # not for sale any more


def test_a_box_is_a_set_with_one_price(exported: Exported, strange: Path) -> None:
    rows = read_csv(exported("bought-together", strange, "boxes.csv"))

    assert len(rows) == len({row["item_id"] for row in rows}) == 4
    for row in rows:
        parts, quantities = json.loads(row["item_ids"]), json.loads(row["quantities"])
        assert parts[0] == row["item_id"]
        assert 2 <= len(parts) == len(set(parts)) == len(quantities) <= 4
        assert set(parts) <= set(STRANGE_IDS)
        assert row["bundle_id"] == bundle_id(parts)
        assert 1 <= int(row["count"]) <= int(row["of"])
    bread = next(row for row in rows if row["item_id"] == "+1")
    assert (json.loads(bread["item_ids"]), bread["price"], bread["available"]) == (["+1", "../x"], "5.5", "12")
    assert (bread["count"], bread["of"]) == ("5", "6")


def test_bundles_come_with_what_they_earn_at_every_discount(exported: Exported, store: Path) -> None:
    rows = read_csv(exported("bundles", store, "bundles.csv"))

    assert [json.loads(row["item_ids"]) for row in rows] == [["delivery", "milk"], ["bread", "butter"]]
    first = rows[0]
    assert (first["count"], first["apart"], first["price"], first["available"]) == ("2", "4", "6.5", "100")
    assert float(first["worth_at_0"]) == pytest.approx(1000 * 2 / 6 * (6.5 - 1 - 1))  # V of 1,000 views
    assert [float(first[f"price_at_{percent}"]) for percent in (0, 5, 10, 15, 20)] == pytest.approx(
        [6.5, 6.175, 5.85, 5.525, 5.2]
    )
    assert all(row["bundle_id"] == bundle_id(json.loads(row["item_ids"])) for row in rows)


def test_ids_that_look_like_formulas_are_told(exported: Exported, strange: Path) -> None:
    def told(name: str) -> list[dict]:
        path = exported("rules", strange, name)
        return json.loads(path.with_name(f"{name}.manifest.json").read_text(encoding="utf-8"))["remarks"]

    [remark] = told("rules.csv")
    assert "takes for a formula" in remark["what"]
    assert (remark["count"], remark["examples"]) == (2, ["+1", "=A1"])
    assert told("rules.jsonl") == []


@pytest.mark.parametrize("target", ["bundles", "rules", "bought-together", "add-ons"])
def test_the_three_formats_say_the_same(exported: Exported, strange: Path, target: str) -> None:
    table = pq.read_table(exported(target, strange, "t.parquet")).to_pylist()
    text = exported(target, strange, "t.jsonl").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.split("\n")[:-1]]
    cells = read_csv(exported(target, strange, "t.csv"))

    assert lines == table
    assert len(table) == len(cells)
    for values, texts in zip(table, cells, strict=True):
        for name, value in values.items():
            if isinstance(value, list):
                assert json.loads(texts[name]) == value
            elif value is None:
                assert texts[name] == ""
            elif isinstance(value, int | float):
                assert float(texts[name]) == value
            else:
                assert texts[name].removeprefix("'") == value.removeprefix("'")


def test_the_manifest_tells_what_the_file_is(exported: Exported, store: Path) -> None:
    path = exported("rules", store, "rules.csv")
    manifest = json.loads((path.parent / "rules.csv.manifest.json").read_text(encoding="utf-8"))

    assert manifest["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert manifest["bytes"] == path.stat().st_size
    assert manifest["rows"] == len(read_csv(path)) == 11
    assert manifest["columns"] == list(read_csv(path)[0])
    assert (manifest["target"], manifest["file"]) == ("rules", "rules.csv")
    assert manifest["model_id"] in manifest["version"]
    assert manifest["created_from"]["input"]["orders"] == "tiny orders"
    assert not [name for name in path.parent.iterdir() if name.name.startswith(".")]


def test_the_same_model_gives_the_same_bytes_whatever_number_of_processes(
    strange: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "CHUNK", 3)
    files = [tmp_path / "one.csv", tmp_path / "two.csv"]
    for number, path in enumerate(files, 1):
        export("add-ons", strange, path, workers=number)

    assert files[0].read_bytes() == files[1].read_bytes()
    assert len(read_csv(files[0])) == 5


def test_the_format_may_be_named(exported: Exported, store: Path) -> None:
    path = exported("rules", store, "rules.txt", "--format", "jsonl")
    assert len([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]) == 11


def test_a_list_may_be_longer_and_of_another_placement(exported: Exported, store: Path) -> None:
    short = read_csv(exported("add-ons", store, "short.csv", "-k", 1))
    assert {row["place"] for row in short} == {"1"}
    crossed = read_csv(exported("add-ons", store, "crossed.csv", "--placement", "cross-sell"))
    assert {(row["item_id"], row["suggested_item_id"]) for row in crossed} > {("bread", "butter")}
    assert "similar-baskets" in {row["kind"] for row in crossed}


def test_a_policy_decides_what_is_exported(exported: Exported, run, store: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[[rules]]\nname = 'no butter'\naction = 'exclude'\nitems = ['butter']\n", encoding="utf-8")
    path = exported("bought-together", store, "boxes.csv", "--policy", policy)
    assert not any("butter" in json.loads(row["item_ids"])[1:] for row in read_csv(path))
    manifest = json.loads((path.parent / "boxes.csv.manifest.json").read_text(encoding="utf-8"))
    assert manifest["asked"]["policy_id"]
    policy.write_text("[[nonsense", encoding="utf-8")
    said = run("export", "add-ons", "--store", store, "-o", tmp_path / "x.csv", "--policy", policy)
    assert said.code == 2
    assert "policy.toml" in said.err
    assert not (tmp_path / "x.csv").exists()


def test_what_people_rejected_is_in_no_export_and_what_they_approved_is_marked(
    exported: Exported, run, store: Path
) -> None:
    rule, bundle = rule_id(["bread"], "butter"), bundle_id(["delivery", "milk"])
    assert run("models", "reject", rule, bundle, "--store", store).code == 0
    other = rule_id(["butter"], "bread")
    assert run("models", "approve", other, "--store", store).code == 0

    rules = read_csv(exported("rules", store, "rules.csv"))
    assert rule not in {row["rule_id"] for row in rules}
    assert len(rules) == 10
    assert [row["rule_id"] for row in rules if row["review"] == "approved"] == [other]
    assert {row["item_id"] for row in read_csv(exported("bought-together", store, "boxes.csv"))} == {"butter"}
    assert len(read_csv(exported("bundles", store, "bundles.csv"))) == 1
    lists = read_csv(exported("shopify", store, "products.csv"))
    assert not any("butter" in list(row.values())[2] for row in lists if row["Handle"] == "bread")
    version = json.loads((store.parent / "out" / "rules.csv.manifest.json").read_text())["version"]
    again = exported("rules", store, "again.csv", "--since", version)
    assert [row["rule_id"] for row in read_csv(again.with_name("again.lost.csv"))] == [rule]
