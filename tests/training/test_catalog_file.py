"""The catalogue: cells as values, what is told of bad ones, and the join with the orders' items."""

import json
import math
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_shops import baskets_of

from recommender.strings import by_bytes
from training.catalog_cells import CatalogSource, Troubles, understand
from training.catalog_file import CatalogColumns, build_catalog, items_by_sales, read_catalog

NAN = math.nan
CATALOG = """item_id,title,category,brand,price,cost,stock,active,group,kind,return_rate,url
tea,Green tea,Drinks>Tea > > Green ,Leaf,3.5,1,10,yes,leafy,product,0.1,u
ins,Insurance,,,5,,,,,Service,,u
mug,Mug,Kitchen,Clay,,,0,no,,,,u
"""


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="")
    return path


def read(tmp_path: Path, text: str) -> CatalogColumns:
    return read_catalog(write(tmp_path / "catalog.csv", text))


def told(columns: CatalogColumns) -> dict[str, int]:
    return {finding.code: finding.lines for finding in columns.findings}


def same(found: np.ndarray, expected: list[float]) -> bool:
    return np.array_equal(found, np.array(expected), equal_nan=True)


def test_every_column(tmp_path):
    c = read(tmp_path, CATALOG)
    assert c.item_ids == ["ins", "mug", "tea"]
    assert c.titles == ["Insurance", "Mug", "Green tea"]
    assert c.categories == ["", "Kitchen", "Drinks > Tea > Green"]
    assert c.brands == ["", "Clay", "Leaf"]
    assert c.groups == ["", "", "leafy"]
    assert same(c.price, [5, NAN, 3.5])
    assert same(c.cost, [NAN, NAN, 1])
    assert same(c.stock, [NAN, 0, 10])
    assert same(c.return_rate, [NAN, NAN, 0.1])
    assert c.active.tolist() == [1, 0, 1]
    assert c.service.tolist() == [1, 0, 0]
    assert (c.rows, c.findings, c.further, c.names) == (3, (), (), ("catalog.csv",))
    assert c.attributes == {"url": ["u", "u", "u"]}
    assert "return_rate" in c.present


def test_all_but_the_id_is_optional(tmp_path):
    c = read(tmp_path, "Item_ID\nb\n0007\n7\n")
    assert c.item_ids == ["0007", "7", "b"]
    assert c.titles == c.categories == c.brands == c.groups == ["", "", ""]
    assert same(c.price, [NAN] * 3)
    assert c.active.tolist() == [1, 1, 1]
    assert c.present == {"item_id"}


def test_an_item_that_comes_twice_keeps_its_first_row(tmp_path):
    c = read(tmp_path, "item_id,price\nb,1\na,2\nb,3\nb,4\n")
    assert (c.item_ids, c.price.tolist()) == (["a", "b"], [2, 1])
    (finding,) = c.findings
    assert (finding.code, finding.lines, finding.share) == ("catalog-repeated-items", 2, 0.5)
    assert finding.what == "The catalog names items again in 2 rows."
    assert finding.examples == (
        {"line": 3, "value": "'b'", "first_line": 1},
        {"line": 4, "value": "'b'", "first_line": 1},
    )


def test_ids_that_cannot_be_used_are_left_out_and_told(tmp_path):
    c = read(tmp_path, f'item_id,price\na,1\n,2\n"  ",3\n{"x" * 257},4\n"b\nc",5\nb\0c,6\n')
    assert c.item_ids == ["a"]
    assert told(c) == {"catalog-blank-ids": 2, "catalog-unusable-ids": 3}
    assert c.findings[1].examples[0]["value"] == f"'{'x' * 40}'… (257 characters)"


def test_an_id_of_256_bytes_is_kept(tmp_path):
    assert read(tmp_path, f"item_id,price\n{'é' * 128},1\n").item_ids == ["é" * 128]


def test_cells_that_cannot_be_understood_count_as_unknown_and_are_told(tmp_path):
    text = "item_id,price,cost,stock,return_rate,active,kind\n"
    text += 'a,-1,inf,nan,1.5,maybe,thing\nb,"1,99",2 €,-3,-0.1,1,service\n'
    c = read(tmp_path, text)
    assert same(c.price, [NAN, NAN])
    assert same(c.cost, [NAN, NAN])
    assert same(c.stock, [NAN, -3])
    assert same(c.return_rate, [NAN, NAN])
    assert (c.active.tolist(), c.service.tolist()) == ([1, 1], [0, 1])
    assert told(c) == {"catalog-unusable-numbers": 7, "catalog-unusable-flags": 1, "catalog-unknown-kinds": 1}
    assert c.findings[0].examples[0] == {"line": 1, "value": "'-1'", "column": "price"}


@pytest.mark.parametrize(
    ("prices", "code", "kept"),
    [
        (("0", "2", "0.0"), "catalog-zero-prices", [0, 2, 0]),
        (("0", "", "0.0"), "catalog-prices-always-zero", [np.nan] * 3),
    ],
)
def test_prices_of_0_are_told_and_unknown_where_there_are_no_others(tmp_path, prices, code, kept):
    rows = "".join(f"{item},{price}\n" for item, price in zip("abc", prices, strict=True))
    path = tmp_path / "catalog.csv"
    path.write_text(f"item_id,price\n{rows}", encoding="utf-8")
    columns = read_catalog(path)
    np.testing.assert_array_equal(columns.price, kept)
    assert [(found.code, found.lines, found.examples[0]["line"]) for found in columns.findings] == [(code, 2, 1)]


def test_lines_that_cannot_be_read_are_told(tmp_path):
    c = read(tmp_path, "item_id,title,price\na,Tea\nb,Mug,1\nc,Pot, large,2\n")
    assert c.item_ids == ["b"]
    assert told(c) == {"catalog-unreadable-lines": 2}
    assert c.findings[0].examples[0]["reason"] == "fewer cells than the header has columns"


def test_long_text_is_cut_and_told(tmp_path):
    c = read(tmp_path, f"item_id,title\na,{'x' * 5000}\n")
    assert (len(c.titles[0]), told(c)) == (1000, {"catalog-overlong-text": 1})


def test_every_kind_of_input_says_the_same(tmp_path):
    expected = read(tmp_path, CATALOG)
    frame = pd.read_csv(tmp_path / "catalog.csv", dtype={"stock": "float", "price": "float"})
    frame.to_parquet(tmp_path / "c.parquet")
    records = [{k: v for k, v in row.items() if v == v} for row in frame.to_dict("records")]
    write(tmp_path / "c.jsonl", "\n\n".join(json.dumps(row) for row in records))
    write(tmp_path / "c.tsv", CATALOG.replace(",", "\t"))
    sources = [tmp_path / "c.parquet", tmp_path / "c.jsonl", tmp_path / "c.tsv", frame, pa.Table.from_pandas(frame)]
    for source in [*sources, f"FROM '{tmp_path}/c.parquet'"]:
        c = read_catalog(source)
        assert (c.item_ids, c.titles, c.categories, c.groups) == (
            expected.item_ids,
            expected.titles,
            expected.categories,
            expected.groups,
        )
        for name in ("price", "cost", "stock", "return_rate", "active", "service"):
            assert same(getattr(c, name), getattr(expected, name)), name
        assert (c.present, c.further, c.findings, c.attributes) == (expected.present, (), (), expected.attributes)


def test_typed_cells():
    table = pa.table(
        {
            "item_id": [17850.0, 7.0],
            "title": [12, None],
            "price": [Decimal("1.25"), None],
            "active": [True, False],
            "stock": pa.array([1, None], pa.int8()),
        }
    )
    c = read_catalog(table)
    assert (c.item_ids, c.titles) == (["17850", "7"], ["12", ""])
    assert same(c.price, [1.25, NAN])
    assert (c.active.tolist(), c.stock[0]) == ([1, 0], 1)


def test_json_lines_keep_text_ids_and_refuse_half_characters(tmp_path):
    rows = ['{"item_id": "0007", "title": "a\\ud800"}', '{"item_id": 7.0}', '{"item_id": "\\ud800"}', '{"price": NaN}']
    c = read_catalog(write(tmp_path / "c.ndjson", "\n".join(rows)))
    assert (c.item_ids, c.titles) == (["0007", "7"], ["a?", ""])
    assert told(c) == {"catalog-blank-ids": 1, "catalog-unusable-ids": 1}


def test_a_folder_s_files_follow_one_another(tmp_path):
    write(tmp_path / "1.csv", "item_id,title\na,first\n")
    write(tmp_path / "2.csv", "brand;item_id\nx;b\ny;a\n")
    c = read_catalog(tmp_path)
    assert (c.item_ids, c.titles, c.brands) == (["a", "b"], ["first", ""], ["", "x"])
    assert told(c) == {"catalog-repeated-items": 1}
    assert c.names == ("1.csv", "2.csv")


def test_the_fingerprint_follows_the_content(tmp_path):
    first, again, other = (read(tmp_path, f"item_id\n{item}\n").fingerprint for item in "aab")
    assert first == again
    assert first != other
    assert (
        read_catalog(pa.table({"item_id": ["a"]})).fingerprint != read_catalog(pa.table({"item_id": ["b"]})).fingerprint
    )


def unknown(count: int) -> dict[str, np.ndarray]:
    return {
        "prices": np.full(count, NAN),
        "costs": np.full(count, NAN),
        "return_rate": np.zeros(count, np.float32),
    }


EARLY_AND_LATE = baskets_of([[2], [1], [1, 2], [2], *[[0]] * 6])


def test_all_items_are_the_union_by_early_orders_then_by_bytes(tmp_path):
    """At a tenth a window the first five of ten orders count: of seven orders with i000 one."""
    found = items_by_sales(EARLY_AND_LATE, read(tmp_path, CATALOG), 0.1)
    assert found == ["i002", "i001", "i000", "ins", "mug", "tea"]


def test_later_orders_leave_the_order_of_items_as_it_is(tmp_path):
    cut = EARLY_AND_LATE.part(0, 5)
    assert items_by_sales(cut, None, 0.0) == items_by_sales(EARLY_AND_LATE, None, 0.1)


def test_the_join_with_the_orders_items(tmp_path):
    c = read(tmp_path, CATALOG)
    catalog = build_catalog(
        ["ins", "mug", "old", "tea"],
        c,
        prices=np.array([9.0, 8.0, 7.0, 6.0]),
        costs=np.array([NAN, 4.0, NAN, 2.0]),
        return_rate=np.array([0, 0.25, 0.5, 0.75], np.float32),
    )
    assert list(catalog.item_ids) == ["ins", "mug", "old", "tea"]
    assert list(catalog.titles) == ["Insurance", "Mug", "", "Green tea"]
    assert same(catalog.price, [5, 8, 7, 3.5])
    assert same(catalog.cost, [NAN, 4, NAN, 1])
    assert same(catalog.stock, [NAN, 0, NAN, 10])
    assert np.allclose(catalog.return_rate, [0, 0.25, 0.5, 0.1])
    assert catalog.active.tolist() == [1, 0, 1, 1]
    assert catalog.service.tolist() == [1, 0, 0, 0]
    assert catalog.listed.tolist() == [1, 1, 0, 1]
    assert catalog.sellable().tolist() == [True, False, True, True]
    assert list(catalog.categories) == ["Drinks", "Drinks > Tea", "Drinks > Tea > Green", "Kitchen"]
    assert catalog.category_parent.tolist() == [-1, 0, 1, -1]
    assert catalog.item_category.tolist() == [-1, 3, -1, 2]
    assert (list(catalog.brands), catalog.item_brand.tolist()) == (["Clay", "Leaf"], [-1, 0, -1, 1])
    assert catalog.item_group.tolist() == [-1, -1, -1, 0]


def test_groups_are_numbered_by_their_sorted_text(tmp_path):
    c = read(tmp_path, "item_id,group\na,shirt\nb,cap\nc,shirt\nd,\n")
    assert build_catalog(c.item_ids, c, **unknown(4)).item_group.tolist() == [1, 0, 1, -1]


def test_a_shop_without_a_catalogue():
    catalog = build_catalog(["a", "b"], None, **unknown(2))
    assert list(catalog.titles) == ["", ""]
    assert catalog.listed.tolist() == [0, 0]
    assert catalog.sellable().tolist() == [True, True]
    assert len(catalog.categories) == len(catalog.brands) == 0
    assert {name: getattr(catalog, name).dtype.str for name in ("item_category", "price", "active", "return_rate")} == {
        "item_category": "<i4",
        "price": "<f8",
        "active": "|u1",
        "return_rate": "<f4",
    }


def test_a_shop_without_items():
    assert len(build_catalog([], None, **unknown(0))) == 0


paths = st.lists(st.lists(st.sampled_from(["a", "b", "A", "é", "a > b", ""]), max_size=4).map(" > ".join), max_size=20)


@given(paths)
def test_categories_are_sorted_and_every_parent_is_there(texts):
    cells = {"item_id": [f"{n:03}" for n in range(len(texts))], "category": texts}
    c = understand(cells, CatalogSource((), (), ""), Troubles())
    catalog = build_catalog(c.item_ids, c, **unknown(len(texts)))
    names = list(catalog.categories)
    assert names == by_bytes(set(names))
    for name, parent in zip(names, catalog.category_parent.tolist(), strict=True):
        above, _, _ = name.rpartition(" > ")
        assert (names[parent] if parent >= 0 else "") == above
    assert [names[row] if row >= 0 else "" for row in catalog.item_category.tolist()] == c.categories


cells = st.one_of(st.none(), st.text(max_size=5), st.floats(), st.integers(), st.booleans(), st.lists(st.integers()))


@given(
    st.lists(st.fixed_dictionaries({"item_id": cells, "title": cells, "price": cells, "active": cells, "kind": cells}))
)
def test_no_cell_is_lost_without_a_word(rows):
    columns = {name: [row[name] for row in rows] for name in ("item_id", "title", "price", "active", "kind")}
    c = understand(columns, CatalogSource((), (), ""), Troubles())
    left_out = ("catalog-blank-ids", "catalog-unusable-ids", "catalog-repeated-items")
    assert len(c.item_ids) + sum(told(c).get(code, 0) for code in left_out) == len(rows)
    assert c.item_ids == by_bytes(set(c.item_ids))
    assert not np.isinf(c.price).any()
    assert not (c.price < 0).any()


@pytest.mark.parametrize("name", ["catalog.csv.gz", "catalog.jsonl.gz"])
def test_packed_catalogues(tmp_path, name):
    text = "item_id\na\n" if ".csv" in name else '{"item_id": "a"}\n'
    (tmp_path / name).write_bytes(pa.compress(text.encode(), codec="gzip", asbytes=True))
    assert read_catalog(tmp_path / name).item_ids == ["a"]


def test_further_columns_become_attributes(tmp_path):
    text = "item_id,Colour,added_at,Weight,group\nb,red,2026-01-01,2.50,mugs\na,,,1e3,\n"
    c = read(tmp_path, text)
    assert c.attributes == {"colour": ["", "red"], "added_at": ["", "2026-01-01"], "weight": ["1e3", "2.50"]}
    nothing = np.full(3, NAN)
    catalog = build_catalog(["a", "b", "c"], c, prices=nothing, costs=nothing, return_rate=np.zeros(3, np.float32))
    found = {name: [catalog.attributes.value(name, row) for row in range(3)] for name in catalog.attributes.names}
    assert found == {
        "added_at": ["", "2026-01-01", ""],
        "colour": ["", "red", ""],
        "group": ["", "mugs", ""],
        "weight": ["1e3", "2.50", ""],
    }


def test_attributes_of_typed_and_nested_cells(tmp_path):
    table = pa.table({"item_id": ["a"], "new": [True], "pieces": [3.0], "tags": [["x"]]})
    c = read_catalog(table)
    assert (c.attributes, c.further, told(c)) == ({"new": ["true"], "pieces": ["3"]}, ("tags",), UNUSED)
    rows = write(tmp_path / "c.jsonl", '{"item_id": "a", "new": true, "tags": ["x"]}\n{"item_id": "b", "pieces": 3}\n')
    c = read_catalog(rows)
    assert c.attributes == {"new": ["true", ""], "tags": ['["x"]', ""], "pieces": ["", "3"]}


def test_columns_that_cannot_be_attributes_are_told(tmp_path):
    names = [f"c{place}" for place in range(65)]
    c = read(tmp_path, f"item_id,{','.join(names)}\na{',1' * 65}\n")
    assert (list(c.attributes), c.further, told(c)) == (names[:64], ("c64",), UNUSED)
    c = read(tmp_path, f"item_id,note\na,{'x' * 2001}\n")
    assert (c.attributes, told(c)) == ({"note": [""]}, {"catalog-overlong-attributes": 1})


UNUSED = {"catalog-unused-columns": 1}
