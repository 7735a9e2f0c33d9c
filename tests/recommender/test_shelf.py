"""A refreshed catalogue: what it changes, what it leaves alone, and what it tells."""

import csv
import io
import math
from contextlib import suppress
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.catalog import Catalog
from recommender.errors import DataError
from recommender.shelf import parse_category, parse_flag, parse_id, parse_number, read_shelf
from recommender.strings import StringColumn


def shelf_of(*item_ids: str) -> Catalog:
    count = len(item_ids)
    none = np.full(count, -1, np.int32)
    return Catalog(
        item_ids=StringColumn.of(item_ids),
        titles=StringColumn.of([""] * count),
        item_category=none,
        categories=StringColumn.of([]),
        category_parent=np.empty(0, np.int32),
        item_brand=none,
        brands=StringColumn.of([]),
        item_group=none,
        price=np.full(count, 9.0),
        cost=np.full(count, np.nan),
        stock=np.full(count, 5.0),
        active=np.ones(count, np.uint8),
        service=np.zeros(count, np.uint8),
        return_rate=np.zeros(count, np.float32),
        listed=np.ones(count, np.uint8),
    )


def rows_of(text: str) -> csv.DictReader:
    return csv.DictReader(io.StringIO(text))


def test_today_s_values_replace_those_of_the_model():
    before = shelf_of("a", "b")
    after, report = read_shelf(rows_of("item_id,price,stock,active\na,2.5,0,yes\nb,3,7,no\n"), before)
    assert after.price.tolist() == [2.5, 3.0]
    assert after.stock.tolist() == [0.0, 7.0]
    assert after.active.tolist() == [1, 0]
    assert after.sellable().tolist() == [False, False]
    assert (report.rows, report.known, report.absent, report.columns) == (2, 2, 0, ("price", "stock", "active"))
    assert report.lines() == []
    assert before.price.tolist() == [9.0, 9.0]


def test_an_absent_item_and_a_blank_cell_keep_their_values():
    after, report = read_shelf(rows_of("item_id,price,stock,active\nb,,,\n"), shelf_of("a", "b"))
    assert after.price.tolist() == [9.0, 9.0]
    assert after.stock.tolist() == [5.0, 5.0]
    assert after.active.tolist() == [1, 1]
    assert (report.known, report.absent) == (1, 1)


def test_unknown_and_repeated_and_blank_ids_are_told():
    text = "item_id,price\na,1\nz,2\na,3\n ,4\ny,5\nx,6\nw,7\n"
    after, report = read_shelf(rows_of(text), shelf_of("a"))
    assert after.price.tolist() == [1.0]
    assert (report.unknown, report.unknown_examples) == (4, ("'z'", "'y'", "'x'"))
    assert (report.duplicates, report.duplicate_examples) == (1, ("'a'",))
    assert report.blank == 1
    assert report.lines() == [
        "4 items that the model does not know, such as 'z', 'y', 'x'",
        "1 rows name an item again, such as 'a': the first counts",
        "1 rows without an item_id were left out",
    ]


def test_cells_that_cannot_be_understood_change_nothing_and_are_told():
    text = 'item_id,price,stock,active\na,-1,inf,maybe\nb,"1,99",many,no\n'
    after, report = read_shelf(rows_of(text), shelf_of("a", "b"))
    assert after.price.tolist() == [9.0, 9.0]
    assert after.stock.tolist() == [5.0, 5.0]
    assert after.active.tolist() == [1, 0]
    assert report.problems == 5
    assert report.problem_examples == (
        "row 1, price: '-1' is below 0",
        "row 1, stock: 'inf' is not a finite number, written as in 1234.5",
        "row 1, active: 'maybe' is not one of true, false, 1, 0, yes, no",
    )


def test_a_row_with_too_many_cells_is_left_out():
    after, report = read_shelf(rows_of("item_id,title,price\na,Tea, green,2\n"), shelf_of("a"))
    assert after.price.tolist() == [9.0]
    assert report.problem_examples == ("row 1: more cells than the header has columns",)


def test_rows_of_a_parquet_file_have_typed_cells():
    rows = [
        {"ITEM_ID": 7, "Price": Decimal("1.25"), "stock": np.float64("nan"), "active": np.bool_(False)},
        {"ITEM_ID": 17850.0, "Price": None, "stock": np.int64(-2), "active": None},
    ]
    after, report = read_shelf(rows, shelf_of("17850", "7"))
    assert after.price.tolist() == [9.0, 1.25]
    assert after.stock.tolist() == [-2.0, 5.0]
    assert after.active.tolist() == [1, 0]
    assert report.known == 2


def test_leading_zeros_count_and_a_byte_order_mark_does_not():
    after, report = read_shelf(rows_of("\ufeffitem_id,price\n0007,1\n7,2\n"), shelf_of("0007"))
    assert after.price.tolist() == [1.0]
    assert report.unknown == 1


def test_rows_of_json_lines_need_not_have_the_same_cells():
    rows = [{"item_id": "a"}, {"item_id": "b", "stock": 0}, {"price": 3}, {"stock": 1, "item_id": "c"}]
    after, report = read_shelf(rows, shelf_of("a", "b", "c"))
    assert after.stock.tolist() == [5.0, 0.0, 1.0]
    assert (report.columns, report.known, report.blank) == (("price", "stock"), 3, 1)


def test_a_file_that_has_nothing_to_refresh_says_so():
    _, report = read_shelf(rows_of("item_id,title\na,Tea\n"), shelf_of("a"))
    assert report.lines() == ["the file has none of price, stock and active: nothing was refreshed"]


@pytest.mark.parametrize("text", ["", "item_id,price\n"])
def test_a_file_without_rows_is_refused(text):
    with pytest.raises(DataError, match="no rows"):
        read_shelf(rows_of(text), shelf_of("a"))


def test_a_file_without_item_id_is_refused_with_its_columns():
    with pytest.raises(DataError, match="no column item_id among 'sku', 'price'; name"):
        read_shelf(rows_of("sku,price\na,1\n"), shelf_of("a"))


def test_a_file_that_is_no_csv_is_refused():
    with pytest.raises(DataError, match="not readable as CSV in UTF-8: field larger"):
        read_shelf(rows_of("item_id,price\na," + "9" * 200_000), shelf_of("a"))
    latin = io.TextIOWrapper(io.BytesIO("item_id,title\na,Caf\xe9\n".encode("latin-1")), encoding="utf-8")
    with pytest.raises(DataError, match="not readable as CSV in UTF-8: 'utf-8' codec can't decode byte 0xe9"):
        read_shelf(csv.DictReader(latin), shelf_of("a"))


@pytest.mark.parametrize("text", ["1_000", "1,5", "2.50 €", "nan", "1e999", "٣", "0x10", "9" * 65, "--1", "."])
def test_numbers_are_not_guessed_at(text):
    with pytest.raises(ValueError, match="not a finite number"):
        parse_number(text)


def test_values_that_are_no_numbers_at_all():
    with pytest.raises(ValueError, match="not a finite number"):
        parse_number(object())
    with pytest.raises(ValueError, match=r"'-0\.5' is below 0"):
        parse_number(-0.5, low=0)


def test_a_long_value_is_cut_in_the_message():
    with pytest.raises(ValueError, match=r"\(10,000,000 characters\)") as caught:
        parse_number("x" * 10_000_000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(("text", "flag"), [(" TRUE ", True), ("off", False), (1.0, True), (0, False), ("  ", None)])
def test_flags(text, flag):
    assert parse_flag(text) is flag


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_is_read_as_written(number):
    assert parse_number(repr(number)) == number


@given(st.text())
def test_a_normal_category_stays_as_it_is(text):
    once = parse_category(text)
    assert parse_category(once) == once


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.booleans()))
def test_any_cell_is_understood_or_refused(value):
    parse_id(value)
    parse_category(value)
    with suppress(ValueError):
        assert not math.isinf(parse_number(value))
    with suppress(ValueError):
        assert parse_flag(value) in {True, False, None}
