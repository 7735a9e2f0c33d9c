import pyarrow as pa
import pytest


def test_missing_and_blank_ids_are_rejected(examine, baskets_of, finding):
    checked = examine("""
        order_id item_id
        1 cup
        · cup
        __ jug
        2 ·
        2 _
        2 nan
        2 jug
    """)
    assert baskets_of(checked) == [{"cup": 1}, {"jug": 1}]
    assert checked.report.accounting == {"kept": 2, "missing_order_id": 2, "missing_item_id": 3}
    assert checked.report.quarantined == 5
    assert [one["line"] for one in finding(checked, "missing-order-ids").examples] == [2, 3]
    assert [one["line"] for one in finding(checked, "missing-item-ids").examples] == [4, 5, 6]
    assert finding(checked, "missing-item-ids").orders == 1


def test_ids_of_256_bytes_are_kept_and_longer_ones_rejected(examine, finding):
    fits, long = "é" * 128, "é" * 128 + "x"
    checked = examine(pa.table({"order_id": ["1", "1", "2"], "item_id": [fits, long, "cup"]}))
    assert checked.baskets.item_ids == ["cup", fits]
    assert checked.report.accounting == {"kept": 2, "overlong_id": 1}
    assert len(finding(checked, "overlong-ids").examples[0]["item_id"]) == 48


@pytest.mark.parametrize("mark", ["\n", "\x00", "\t", "\x7f", "\x85", "\u2028", "\r"])
@pytest.mark.parametrize("column", ["order_id", "item_id"])
def test_control_characters_are_rejected(examine, finding, mark, column):
    cells = {"order_id": ["1", "1"], "item_id": ["cup", "jug"]}
    cells[column][0] = f"a{mark}b"
    checked = examine(pa.table(cells))
    assert checked.baskets.item_ids == ["jug"]
    assert checked.report.accounting == {"kept": 1, "control_character_in_id": 1}
    assert finding(checked, "control-characters-in-ids").lines == 1


def test_emoji_and_any_letters_are_ids(examine):
    ids = ["☕", "🥖", "Käse", "茶", "a b"]
    checked = examine(pa.table({"order_id": ["🧺"] * 5, "item_id": ids}))
    assert checked.baskets.item_ids == sorted(ids, key=str.encode)


SIMILAR = """
    order_id item_id
    1 85123A
    2 85123A
    3 85123a
    4 85_123A
    4 71053
"""


def test_similar_ids_are_told_and_kept_apart(examine, finding):
    checked = examine(SIMILAR)
    assert checked.baskets.item_ids == ["71053", "85 123A", "85123A", "85123a"]
    found = finding(checked, "similar-item-ids")
    assert (found.lines, found.orders, found.severity) == (2, 2, "warning")
    assert found.what.startswith("3 item ids are 1 but for")
    assert found.examples[0] == {"line": 4, "item_id": "85 123A", "like": "85123A", "lines": 1}
    assert "orders.merge_similar_ids=true" in found.remedy


def test_similar_ids_are_merged_when_asked(examine, baskets_of, finding):
    checked = examine(SIMILAR, merge_similar_ids=True)
    assert checked.baskets.item_ids == ["71053", "85123A"]
    assert baskets_of(checked)[3] == {"71053": 1, "85123A": 1}
    assert finding(checked, "similar-item-ids").severity == "info"


def test_order_ids_are_never_merged(examine):
    checked = examine("""
        order_id item_id
        a cup
        A cup
    """)
    assert len(checked.baskets) == 2
