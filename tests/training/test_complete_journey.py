"""The demo's year of baskets, from the package itself."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from training.complete_journey import readable, title, titles_of, write_files
from training.demo import CART
from training.journey_package import data_version


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_files(tmp_path_factory.mktemp("journey") / "new" / "folder")


def test_the_whole_year_is_there(files: tuple[Path, Path]) -> None:
    lines = duckdb.sql(
        "select count(*), count(distinct order_id), count(distinct item_id), count(distinct customer_id),"
        f" min(ordered_at)::date::varchar, max(ordered_at)::date::varchar from '{files[0]}'"
    ).fetchall()
    assert lines == [(1_469_307, 155_848, 68_509, 2_469, "2017-01-01", "2018-01-01")]


def test_columns_are_those_that_training_reads(files: tuple[Path, Path]) -> None:
    orders, catalog = (pq.read_schema(path) for path in files)
    assert orders.names == ["order_id", "item_id", "customer_id", "ordered_at", "quantity", "unit_price", "discount"]
    assert {str(orders.field(name).type) for name in ("order_id", "item_id", "customer_id")} == {"string"}
    assert catalog.names == ["item_id", "title", "category", "brand"]


def test_price_less_discount_is_what_the_shop_received(files: tuple[Path, Path]) -> None:
    received = duckdb.sql(f"select sum((unit_price - discount) * quantity) from '{files[0]}'").fetchall()
    assert received[0][0] == pytest.approx(4_593_266, rel=0.01)


def test_an_item_of_the_catalog(files: tuple[Path, Path]) -> None:
    milk = duckdb.sql(f"select title, category, brand from '{files[1]}' where item_id = '1029743'").fetchall()
    assert milk == [
        ("Fluid Milk White Only 1 gal", "Grocery > Fluid Milk Products > Fluid Milk White Only", "Private"),
    ]


def test_every_item_has_a_title_and_stands_once(files: tuple[Path, Path]) -> None:
    rows = duckdb.sql(f"select count(*), count(distinct item_id), count(nullif(title, '')) from '{files[1]}'")
    assert rows.fetchall() == [(92_331, 92_331, 92_331)]


def test_writing_again_gives_the_same_bytes(files: tuple[Path, Path], tmp_path: Path) -> None:
    again = write_files(tmp_path)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in files]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["catalog.parquet", "orders.parquet"]


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("CANDY BARS (SINGLES)(INCLUDING", "Candy Bars (Singles)"),
        ("BEERALEMALT LIQUORS", "Beer, Ale, Malt Liquors"),
        ("SW GDS:DONUTS", "Sweet Goods: Donuts"),
        ("DRUG GM", "Drugstore"),
        ("WOMEN'S  SOCKS", "Women's Socks"),
    ],
)
def test_shelf_labels_become_words(label: str, words: str) -> None:
    assert readable(label) == words


@pytest.mark.parametrize(
    ("levels", "size", "expected"),
    [
        (("EGGS - LARGE", "EGGS", "GROCERY"), "1 DZ", "Eggs - Large 1 dozen"),
        ((None, "BREAD", "PASTRY"), None, "Bread"),
        ((None, None, "MISCELLANEOUS"), "CTN", "Miscellaneous"),
        ((None, None, None), None, "Item"),
        (("PREMIUM - MEAT", "HOT DOGS", "MEAT-PCKGD"), "AB    16 OZ", "Hot Dogs: Premium - Meat 16 oz"),
    ],
)
def test_a_title_takes_the_narrowest_level_known(
    levels: tuple[str | None, str | None, str | None], size: str | None, expected: str
) -> None:
    assert title(*levels, size) == expected


def test_the_demo_s_cart_is_in_the_catalog(files: tuple[Path, Path]) -> None:
    assert titles_of(CART, files[1]) == {
        "1098066": "Hot Dog Buns 11 oz",
        "1096036": "Cheese Slices 12 oz",
        "833025": "Sour Cream 16 oz",
    }


def test_the_version_is_the_package_s() -> None:
    assert data_version().split(".")[0].isdigit()
