"""Carts from a file: read, answered in their order, and refused with the line that is wrong."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_shop import ITEM_IDS, tiny_customers, tiny_model

from recommender.batch import (
    CHUNK,
    Asked,
    CartLine,
    Scored,
    read_carts,
    score_carts,
    score_lines,
    told_of_not_used,
)
from recommender.compact_json import compact_json, plain
from recommender.engine import PLACEMENTS, Recommender
from recommender.errors import DataError, UsageError

SHOP = Recommender(tiny_model(), tiny_customers())


def read(*lines: str | bytes) -> list[CartLine]:
    return list(read_carts(lines, "carts.jsonl"))


def test_all_fields():
    line = (
        '{"cart_id": "a", "items": ["A", {"item_id": "B", "quantity": 2}, {"item_id": "C"}], "customer_id": "c1",'
        ' "at": "2026-11-21T10:00:00Z"}'
    )
    at = datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert read(line) == [CartLine("a", ["A", ("B", 2), ("C", 1)], "c1", at)]


def test_a_cart_without_an_id_has_its_lines_number():
    ids = [cart.cart_id for cart in read('{"items": []}', "", " \n", '{"items": [], "cart_id": null}', '{"items": []}')]
    assert ids == ["1", "4", "5"]


def test_ids_of_carts_may_be_numbers():
    assert [cart.cart_id for cart in read('{"items": [], "cart_id": 7}', '{"items": [], "cart_id": ""}')] == ["7", ""]


def test_bytes_with_a_byte_order_mark_and_windows_line_ends():
    assert read(b'\xef\xbb\xbf{"items": ["\xc3\xa9"]}\r\n')[0].items == ["é"]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ('"2026-11-21"', datetime(2026, 11, 21)),  # noqa: DTZ001 - a time without a zone stays one
        ('"2026-11-21T10:00:00+02:00"', datetime.fromisoformat("2026-11-21T10:00:00+02:00")),
        ("null", None),
    ],
)
def test_times(text: str, at: datetime | None):
    assert read(f'{{"items": [], "at": {text}}}')[0].at == at


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"items": ["A"', "not JSON (Expecting ',' delimiter at character 15); write one object a line"),
        ("{'items': []}", "not JSON (Expecting property name enclosed in double quotes at character 2)"),
        ('{"items": []} {"items": []}', "not JSON (Extra data at character 15)"),
        ("\x00", "not JSON (Expecting value at character 1)"),
        (b"\xff\xff\xff", "byte 1 is 0xff, which is not UTF-8; save the file as UTF-8 text, unpacked"),
        (b'{"items": ["caf\xe9"]}', "byte 16 is 0xe9, which is not UTF-8; save the file"),
        ('{"items": ["A"], "items": ["B"]}', "the name 'items' stands twice in one object; write it once"),
        ('{"items": [{"item_id": "A", "item_id": "B"}]}', "the name 'item_id' stands twice in one object"),
        ('{"items": ' + "[" * 100_000, "not JSON (lists or objects nested too deeply); write"),
        ('{"items": ' + "[" * 100_000 + "]" * 100_000 + "}", "not JSON (lists or objects nested too deeply); write"),
        ('{"a":' * 100_000, "not JSON (lists or objects nested too deeply); write"),
        ('{"items": [' + "9" * 5000 + "]}", "not JSON (a number of more than 4,300 digits); write"),
        ("[1, 2]", '[1, 2] is no object; expected {"items": [...]}'),
        ("null", "None is no object; expected"),
        ('"bread"', "'bread' is no object; expected"),
        ("{}", '"items" is None; expected a list of item ids'),
        ('{"items": null}', '"items" is None; expected a list of item ids'),
        ('{"items": "bread"}', "\"items\" is 'bread'; expected a list of item ids"),
        ('{"items": {"item_id": "bread"}}', "\"items\" is {'item_id': 'bread'}; expected a list of item ids"),
        ('{"items": [1082185]}', 'item 1082185; expected an id or {"item_id": text, "quantity": above 0}'),
        ('{"items": [null]}', "item None; expected an id"),
        ('{"items": [["bread", 2]]}', "item ['bread', 2]; expected an id"),
        ('{"items": [{"id": "bread"}]}', "item {'id': 'bread'}; expected an id"),
        ('{"items": [{"item_id": 7}]}', "item {'item_id': 7}; expected an id"),
        ('{"items": [{"item_id": "A", "quantity": NaN}]}', "item {'item_id': 'A', 'quantity': nan}; expected"),
        ('{"items": [{"item_id": "A", "quantity": Infinity}]}', "item {'item_id': 'A', 'quantity': inf}; expected"),
        ('{"items": [{"item_id": "A", "quantity": 1e999}]}', "item {'item_id': 'A', 'quantity': inf}; expected"),
        ('{"items": [{"item_id": "A", "quantity": 0}]}', "item {'item_id': 'A', 'quantity': 0}; expected"),
        ('{"items": [{"item_id": "A", "quantity": -2}]}', "item {'item_id': 'A', 'quantity': -2}; expected"),
        ('{"items": [{"item_id": "A", "quantity": "2"}]}', "item {'item_id': 'A', 'quantity': '2'}; expected"),
        ('{"items": [{"item_id": "A", "quantity": true}]}', "item {'item_id': 'A', 'quantity': True}; expected"),
        ('{"items": [{"item_id": "A", "quantity": null}]}', "item {'item_id': 'A', 'quantity': None}; expected"),
        ('{"items": [], "customer_id": 7}', '"customer_id" is 7; expected text'),
        ('{"items": [], "cart_id": [7]}', '"cart_id" is [7]; expected text or a whole number'),
        ('{"items": [], "cart_id": true}', '"cart_id" is True; expected text or a whole number'),
        ('{"items": [], "cart_id": 1.5}', '"cart_id" is 1.5; expected text or a whole number'),
        ('{"items": [], "at": "today"}', "\"at\" is 'today'; expected an ISO 8601 time like 2026-11-21T10:00:00"),
        ('{"items": [], "at": 1790000000}', '"at" is 1790000000; expected an ISO 8601 time'),
        ('{"items": [], "at": "2026-02-30"}', "\"at\" is '2026-02-30'; expected an ISO 8601 time"),
    ],
)
def test_a_bad_line_is_named_with_what_stands_there_and_what_should(line: str | bytes, message: str):
    with pytest.raises(DataError) as refused:
        read('{"items": []}', line)
    assert str(refused.value).startswith(f"carts.jsonl, line 2: {message}")
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("depth", [10, 500, 900])
def test_what_is_nested_as_deep_as_json_allows_is_told_all_the_same(depth: int):
    with pytest.raises(DataError, match="expected an id"):
        read('{"items": [' + "[" * depth + "]" * depth + "]}")


def test_of_very_many_further_fields_some_are_told():
    told = told_of_not_used({f"column {number:02}": 1 for number in range(25)})
    assert len(told) == 11
    assert told[0].startswith("1 cart has the field 'column 00'")
    assert told[-1] == "15 further fields are not used"


def test_lines_before_a_bad_one_are_read():
    carts = read_carts(['{"items": ["A"]}', "{"], "carts.jsonl")
    assert next(carts).items == ["A"]
    with pytest.raises(DataError, match="line 2"):
        next(carts)


def test_answers_in_the_order_of_the_carts():
    carts = [CartLine("b", ["bread"], None, None), CartLine("a", ["x"], None, None), CartLine("b", [], "ann", None)]
    answers = list(score_carts(SHOP, carts, Asked(k=2)))
    assert [answer["cart_id"] for answer in answers] == ["b", "a", "b"]
    assert answers[1]["missing_items"] == ["x"]
    assert [list(answer) for answer in answers] == [
        ["cart_id", "placement", "suggestions", "missing_items", "fallback", "empty_because"]
    ] * 3


def test_the_time_of_a_cart_counts():
    line, later = read(
        '{"items": [], "customer_id": "ann", "at": "2026-11-01"}',
        '{"items": [], "customer_id": "ann", "at": "2026-11-13"}',
    )
    kinds = [answer["suggestions"][0]["reason"]["kind"] for answer in score_carts(SHOP, [line, later], Asked(k=1))]
    assert kinds == ["bestseller", "buy-again"]


def test_settings_out_of_bounds():
    carts = [CartLine("1", ["bread"], None, None)]
    with pytest.raises(UsageError, match="window-shop"):
        list(score_carts(SHOP, carts, Asked("window-shop")))
    with pytest.raises(UsageError, match="k = 0"):
        list(score_carts(SHOP, carts, Asked(k=0)))


items = st.lists(st.sampled_from([*ITEM_IDS, "x", "é\n"]), max_size=9)


@given(st.lists(st.tuples(items, st.sampled_from([None, "ann", "nobody"]))), st.sampled_from(list(PLACEMENTS)))
def test_many_carts_are_answered_as_single_ones_bit_for_bit(carts: list[tuple[list[str], str | None]], placement: str):
    lines = [json.dumps({"items": found, "customer_id": customer}) for found, customer in carts]
    answers = list(score_carts(SHOP, list(read_carts(lines, "carts")), Asked(placement)))
    singles = [SHOP.answer(found, placement=placement, customer_id=customer, k=10) for found, customer in carts]
    expected = [{"cart_id": f"{number}"} | single.as_json() for number, single in enumerate(singles, 1)]
    assert answers == expected
    written = text_of(list(score_lines(SHOP, [line.encode() for line in lines], "carts", Asked(placement), 1)))
    assert [json.loads(line) for line in written.splitlines()] == expected


def test_a_line_is_one_line(tmp_path: Path):
    (answer,) = score_carts(SHOP, [CartLine("a\nb", ["\u2028\n"], None, None)], Asked(k=1))
    for written in (compact_json(answer), plain(answer)):
        assert b"\n" not in written
        assert json.loads(written) == answer
    assert answer["cart_id"] == "a\nb"


MANY = [f'{{"items": ["{item}"], "cart_id": {number}}}\n'.encode() for number, item in enumerate([*ITEM_IDS, "x"] * 60)]


def text_of(scored: list[Scored]) -> bytes:
    return b"".join(part.text for part in scored)


def test_any_number_of_processes_gives_the_same_bytes():
    one, three = (list(score_lines(SHOP, MANY, "carts", Asked(), workers)) for workers in (1, 3))
    assert text_of(one) == text_of(three)
    assert sum(part.carts for part in three) == len(MANY) > 3 * CHUNK
    asked = [json.loads(line)["cart_id"] for line in text_of(three).splitlines()]
    assert asked == [f"{number}" for number in range(len(MANY))]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("bad", [0, CHUNK + 3, 3 * CHUNK])
def test_the_answers_before_a_bad_line_and_its_number(bad: int, workers: int):
    lines = [*MANY[:bad], b"\n", b"{}\n", *MANY, b"[]\n"]
    found: list[Scored] = []
    with pytest.raises(DataError, match=f'^carts, line {bad + 2}: "items" is None'):
        found.extend(score_lines(SHOP, lines, "carts", Asked(), workers))
    assert text_of(found).count(b"\n") == bad


def test_what_cannot_be_asked_is_told_by_every_number_of_processes():
    for workers in (1, 2):
        with pytest.raises(UsageError, match="window-shop"):
            list(score_lines(SHOP, MANY, "carts", Asked("window-shop"), workers))
