"""What platforms read, held against each format's published rules by readers that share nothing with the writers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from counted_shop import counted_model
from made_up_shops import baskets_of
from strange_shop import EANS, HANDLES, STRANGE_IDS, strange_catalog, strange_model
from strict_csv import read_csv

from recommender.attributes import Attributes
from recommender.catalog import Catalog
from recommender.store import Store

Exported = Callable[..., Path]
NOON = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)


def publish(root: Path, catalog: Catalog) -> Path:
    Store(root).publish(replace(strange_model(), catalog=catalog), None, promote=True, now=NOON)
    return root


def with_ids(root: Path, ids: tuple[str, ...]) -> Path:
    """The strange shop with these platform ids."""
    catalog = strange_catalog()
    attributes = Attributes.of(STRANGE_IDS, {"platform": ids})
    return publish(root, replace(catalog, attributes=attributes))


# Matrixify's Products sheet: Handle finds a product, Command says what happens, handles separated by commas.


def shopify_references(path: Path) -> Iterator[tuple[str, list[str]]]:
    header = path.read_text(encoding="utf-8").split("\n", 1)[0]
    assert header == (
        "Handle,Command,"
        "Metafield: shopify--discovery--product_recommendation.complementary_products [list.product_reference]"
    )
    for row in read_csv(path):
        handle, command, cell = row.values()
        assert command == "UPDATE"  # MERGE would make products that are not there
        references = [text.strip() for text in cell.split(",")]
        for known in (handle, *references):
            assert re.fullmatch(r"[\w%.~-]+", known), known
        assert 1 <= len(references) <= 10
        assert len(set(references)) == len(references)
        assert handle not in references
        yield handle, references


def test_shopify(exported: Exported, strange: Path) -> None:
    path = exported("shopify", strange, "products.csv", "--id-column", "handle")
    found = dict(shopify_references(path))

    assert set(found) <= set(HANDLES)
    assert {other for references in found.values() for other in references} <= set(HANDLES)
    assert found["plum-jam"] == ["brown-bread", "salted-butter"]
    assert len(read_csv(path)) == len(found)


def test_shopify_takes_ten_references_and_no_more(exported: Exported, run, tmp_path: Path) -> None:
    """A hub that was in every basket with each of fourteen others."""
    root = publish_hub(tmp_path / "hub", others=14)
    found = dict(shopify_references(exported("shopify", root, "products.csv")))
    assert len(found["i000"]) == 10

    said = run("export", "shopify", "--store", root, "-o", tmp_path / "x.csv", "-k", 11)
    assert said.code == 2
    assert "shopify takes 10 items of a list at most (-k)" in said.err


def test_items_whose_ids_are_no_handles_are_left_out_and_told(exported: Exported, tmp_path: Path) -> None:
    root = with_ids(tmp_path / "s", ("bread", "=butter", "c offee", "d", "jam", "mi,lk", "g", "h"))
    path = exported("shopify", root, "products.csv", "--id-column", "platform")
    found = dict(shopify_references(path))
    [remark] = json.loads(path.with_name("products.csv.manifest.json").read_text(encoding="utf-8"))["remarks"]

    assert found == {"jam": ["bread"]}
    assert remark["what"].startswith("items left out: no handle")
    assert (remark["count"], remark["examples"]) == (3, ["=butter", "c offee", "mi,lk"])


# WooCommerce's product CSV importer: property names, lists by comma, \, for a comma within, SKUs trimmed, 0 is nothing.


def woo_list(cell: str) -> list[str]:
    return [part.replace("\0", ",").strip() for part in cell.replace("\\,", "\0").split(",")] if cell else []


def woo_rows(path: Path, key: str = "sku") -> dict[str, tuple[list[str], list[str]]]:
    rows = read_csv(path)
    assert path.read_text(encoding="utf-8").startswith(f"{key},upsell_ids,cross_sell_ids\n")
    found = {row[key]: (woo_list(row["upsell_ids"]), woo_list(row["cross_sell_ids"])) for row in rows}
    assert len(found) == len(rows)
    for known_as, lists in found.items():
        assert known_as == known_as.strip()
        assert any(lists)
        for references in lists:
            assert len(set(references)) == len(references)
            assert known_as not in references
            assert f"id:{known_as}" not in references
            assert not {"", "0"} & set(references)
    return found


def test_woocommerce(exported: Exported, strange: Path) -> None:
    found = woo_rows(exported("woocommerce", strange, "woo.csv"))

    assert set(found) <= set(STRANGE_IDS)
    references = {other for lists in found.values() for listed in lists for other in listed}
    assert references <= set(STRANGE_IDS)
    assert found['a,"b"'][1][:2] == ["+1", "../x"]


def test_woocommerce_refers_to_a_sku_with_a_comma(exported: Exported, tmp_path: Path) -> None:
    root = with_ids(tmp_path / "s", ("a,1", "b,2", "c", "d", "e", "f", "g", "0"))
    found = woo_rows(exported("woocommerce", root, "woo.csv", "--id-column", "platform"))
    assert found["a,1"][1] == ["b,2"]
    assert found["e"][1][:2] == ["a,1", "b,2"]


def test_woocommerce_finds_products_by_its_own_ids(exported: Exported, tmp_path: Path) -> None:
    root = with_ids(tmp_path / "s", tuple(f"id:{number}" for number in range(11, 19)))
    found = woo_rows(exported("woocommerce", root, "woo.csv", "--id-column", "platform"), key="id")
    assert all(known_as.isdigit() for known_as in found)
    assert found["11"][1] == ["id:12"]


# Magento's product import: links by SKU, case-insensitive, at most 64 characters, positions from 1 beside each list.


def magento_rows(path: Path) -> dict[str, dict[str, list[str]]]:
    rows = read_csv(path)
    kinds = ("related", "crosssell", "upsell")
    assert list(rows[0]) == ["sku", *(f"{kind}_{what}" for kind in kinds for what in ("skus", "position"))]
    found: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        assert 1 <= len(row["sku"]) <= 64
        lists: dict[str, list[str]] = {}
        for kind in kinds:
            skus, positions = row[f"{kind}_skus"], row[f"{kind}_position"]
            lists[kind] = skus.split(",") if skus else []
            assert (positions.split(",") if positions else []) == [str(n) for n in range(1, len(lists[kind]) + 1)]
            folded = [sku.casefold() for sku in lists[kind]]
            assert len(set(folded)) == len(folded)
            assert row["sku"].casefold() not in folded
            assert all(sku == sku.strip() for sku in lists[kind])
        assert any(lists.values())
        found[row["sku"]] = lists
    assert len(found) == len(rows)
    return found


def test_magento(exported: Exported, strange: Path) -> None:
    found = magento_rows(exported("magento", strange, "magento.csv", "--id-column", "handle"))

    assert set(found) <= set(HANDLES)
    assert found["plum-jam"]["related"] == ["brown-bread", "salted-butter"]
    assert found["brown-bread"]["crosssell"][0] == "salted-butter"
    assert {sku for lists in found.values() for skus in lists.values() for sku in skus} <= set(HANDLES)


def test_magento_knows_no_letter_case_and_no_comma(exported: Exported, tmp_path: Path) -> None:
    root = with_ids(tmp_path / "s", ("SKU1", "sku1", "c", "d", "e", "a,b", "g", "h" * 65))
    path = exported("magento", root, "magento.csv", "--id-column", "platform")
    found = magento_rows(path)
    assert "SKU1" not in found  # all that goes with it is its twin in other letters
    assert found["e"]["related"] == ["SKU1"]
    told = json.loads(path.with_name("magento.csv.manifest.json").read_text(encoding="utf-8"))["remarks"]
    assert sorted(remark["examples"][0] for remark in told) == ["a,b", "h" * 65]


# Google's product feed: tabs, no quoting, limits of the attributes, money with its currency.


def test_google_merchant(exported: Exported, strange: Path) -> None:
    path = exported("google-merchant", strange, "bundles.tsv", "--currency", "EUR")
    header, *lines = path.read_bytes().decode("utf-8").split("\n")
    assert lines.pop() == ""
    names = header.split("\t")
    required = {"id", "title", "description", "link", "image_link", "availability", "price", "condition", "is_bundle"}
    assert required <= set(names)
    assert len(set(names)) == len(names)
    assert lines
    ids = set()
    for line in lines:
        cells = line.split("\t")
        assert len(cells) == len(names)
        assert '"' not in line or '"Coffee"' in line
        row = dict(zip(names, cells, strict=True))
        assert all(row[name] for name in required)
        assert 1 <= len(row["id"]) <= 50
        assert len(row["title"]) <= 150
        assert len(row["description"]) <= 5000
        assert row["availability"] in {"in_stock", "out_of_stock", "preorder", "backorder"}
        assert row["condition"] in {"new", "refurbished", "used"}
        assert (row["is_bundle"], row["identifier_exists"]) == ("yes", "no")
        assert re.fullmatch(r"\d+\.\d\d EUR", row["price"])
        assert not row["sale_price"] or float(row["sale_price"].split()[0]) < float(row["price"].split()[0])
        for name in ("link", "image_link"):
            assert urlsplit(row[name]).scheme in {"http", "https"}
            assert urlsplit(row[name]).hostname == "shop.example"
        ids.add(row["id"])
    assert len(ids) == len(lines) == 2
    assert {line.split("\t")[names.index("price")] for line in lines} == {"6.50 EUR", "5.50 EUR"}


@pytest.mark.parametrize("currency", [None, "euro", "EURO", "€"])
def test_google_merchant_needs_a_currency(run, strange: Path, tmp_path: Path, currency: str | None) -> None:
    more = [] if currency is None else ["--currency", currency]
    said = run("export", "google-merchant", "--store", strange, "-o", tmp_path / "x.tsv", *more)
    assert said.code == 2
    assert "ISO 4217" in said.err
    assert not (tmp_path / "x.tsv").exists()


# Klaviyo's custom catalogue: a flat JSON array, five fields that are never empty, ids that can be looked up.


def test_klaviyo(exported: Exported, strange: Path) -> None:
    path = exported("klaviyo", strange, "feed.json", "--id-column", "handle")
    feed = json.loads(path.read_bytes().decode("utf-8"), parse_constant=pytest.fail)

    assert isinstance(feed, list)
    ids = [item["id"] for item in feed]
    assert len(set(ids)) == len(ids) >= 5
    for item in feed:
        for name in ("id", "title", "link", "description", "image_link"):
            assert isinstance(item[name], str)
            assert item[name].strip()
        assert all(
            isinstance(value, str | int | float) or (name == "categories" and all(isinstance(c, str) for c in value))
            for name, value in item.items()
        )
        others = [value for name, value in item.items() if name.startswith("goes_with_")]
        assert [f"goes_with_{n}" for n in range(1, len(others) + 1)] == [n for n in item if n.startswith("goes_with_")]
        assert set(others) <= set(ids) - {item["id"]}
        assert len(set(others)) == len(others)
    assert "wine" not in ids  # without a picture
    assert "tea" not in ids  # not for sale
    assert next(item for item in feed if item["id"] == "plum-jam")["goes_with_1"] == "brown-bread"


@pytest.mark.parametrize("target", ["klaviyo", "google-merchant"])
def test_feeds_need_pages(run, store: Path, tmp_path: Path, target: str) -> None:
    more = ["--currency", "EUR"] if target == "google-merchant" else []
    name = "x.json" if target == "klaviyo" else "x.tsv"
    said = run("export", target, "--store", store, "-o", tmp_path / name, *more)
    assert said.code == 2
    assert "the catalogue has no column url and image_url" in said.err
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("target", ["klaviyo", "google-merchant"])
def test_whole_feeds_have_no_changes_alone(run, strange: Path, tmp_path: Path, target: str) -> None:
    said = run("export", target, "--store", strange, "-o", tmp_path / "x.json", "--since", "7")
    assert said.code == 2
    assert "changes alone would delete the rest" in said.err


# Ids of the platform.


def test_ids_of_a_column(exported: Exported, strange: Path) -> None:
    path = exported("add-ons", strange, "add-ons.csv", "--id-column", "EAN")
    rows = read_csv(path)
    told = {
        remark["what"]: remark
        for remark in json.loads((path.parent / f"{path.name}.manifest.json").read_text())["remarks"]
    }

    assert {row["item_id"] for row in rows} | {row["suggested_item_id"] for row in rows} <= set(EANS) - {""}
    assert ("0002", "0001") in {(row["item_id"], row["suggested_item_id"]) for row in rows}  # zeros in front are kept
    assert told["items without EAN left out"]["count"] == 1
    assert told["items without EAN left out"]["examples"] == ["CON"]
    shared = told["items that share their EAN with one that sells more, which stands for them"]
    assert (shared["count"], shared["examples"]) == (1, ["ü/é?"])  # tea: milk, 0006 too, sells more


def test_rules_and_bundles_with_an_item_that_has_no_id(exported: Exported, strange: Path) -> None:
    rules = read_csv(exported("rules", strange, "rules.csv", "--id-column", "ean"))
    assert len(rules) == 9  # of 11, less the two of delivery
    bundles = read_csv(exported("bundles", strange, "bundles.csv", "--id-column", "ean"))
    assert [json.loads(row["item_ids"]) for row in bundles] == [["0001", "0002"]]


def test_an_unknown_id_column_and_an_empty_one(run, strange: Path, tmp_path: Path) -> None:
    said = run("export", "rules", "--store", strange, "-o", tmp_path / "x.csv", "--id-column", "gtin")
    assert said.code == 2
    assert "the catalogue has no such column; there are description, ean, handle, image_url, url" in said.err
    empty = with_ids(tmp_path / "empty", ("",) * 8)
    said = run("export", "rules", "--store", empty, "-o", tmp_path / "x.csv", "--id-column", "platform")
    assert said.code == 2
    assert "no item has one" in said.err
    assert not list(tmp_path.glob("x.csv*"))


def test_a_bundle_whose_part_left_the_catalogue_is_told(run, strange: Path, tmp_path: Path) -> None:
    said = run("export", "bundles", "--store", strange, "-o", tmp_path / "b.csv")
    assert said.code == 0
    assert "bundles left out: a part left the catalogue, is out of stock or not for sale: 1 ('a,\"b\"')" in said.err
    assert len(read_csv(tmp_path / "b.csv")) == 2


def publish_hub(root: Path, others: int) -> Path:
    """Item i000 was in twelve baskets with each of the others, and in none without one of them."""
    hub = [[0, other] for other in range(1, others + 1) for _ in range(12)]
    apart = [[other] for other in range(others + 1, others + 40) for _ in range(20)]
    Store(root).publish(counted_model(baskets_of(hub + apart)), None, promote=True, now=NOON)
    return root
