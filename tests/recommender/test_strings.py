"""Text as plain arrays, and finding it again."""

from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.strings import StringColumn, by_bytes, checksums, find

texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(texts))
def test_any_text_comes_back(values):
    column = StringColumn.of(values)
    assert len(column) == len(values)
    assert list(column) == values
    assert [column[row] for row in range(len(values))] == values


@given(st.lists(texts | st.text(min_size=60, max_size=70)))
def test_checksums_are_those_of_zlib(values):
    assert checksums(StringColumn.of(values)).tolist() == [crc32(value.encode()) for value in values]


@given(st.sets(texts), st.text())
def test_find_is_the_place_in_the_sorted_list(values, other):
    ordered = by_bytes(values)
    column = StringColumn.of(ordered)
    assert [find(column, value) for value in ordered] == list(range(len(ordered)))
    assert find(column, other) == (ordered.index(other) if other in values else -1)


@given(st.lists(texts))
def test_order_of_bytes_is_order_of_code_points(values):
    assert by_bytes(values) == sorted(values)


def test_ids_are_told_apart_to_the_byte():
    column = StringColumn.of(by_bytes(["7", "0007", "a\x00", "a", "a\n", "🙂", "\u00e9", "e\u0301"]))
    assert len({find(column, value) for value in column}) == 8
    assert find(column, "A") == -1
    assert find(column, "") == -1


def test_a_lone_surrogate_cannot_be_stored_and_is_never_found():
    with pytest.raises(UnicodeEncodeError):
        StringColumn.of(["\ud800"])
    assert find(StringColumn.of(["a"]), "\ud800") == -1


def test_an_empty_column():
    column = StringColumn.of([])
    assert (len(column), list(column), find(column, "a")) == (0, [], -1)
    assert (column.data.size, column.offsets.tolist()) == (0, [0])


def test_raw_bytes():
    assert StringColumn.of(["é", "x"]).raw(0) == "é".encode()
