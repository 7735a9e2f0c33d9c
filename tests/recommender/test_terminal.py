"""Text for people."""

from dataclasses import replace

import pytest

from recommender.evidence import Reason, bought_with
from recommender.suggestion import Answer, Suggestion
from recommender.terminal import answer_text, shortened, table

BUTTER = Suggestion(
    "butter", "Salted butter", 3.0, 0.625, bought_with("bought-together", ["b"], ["Bread"], 5, 6, 1.7, 5)
)
WINE = Suggestion("wine", "wine", None, 2.0, Reason("bestseller", "a bestseller: in 2 of 12 baskets", (), 2, 12))


def test_columns_are_aligned():
    rows = [["1", "bread", "2.50"], ["10", "é", "12.00"]]
    assert table(["", "item", "price"], rows, frozenset({0, 2})) == (
        "    item   price\n 1  bread   2.50\n10  é      12.00"
    )


def test_wide_characters_and_accents_keep_the_columns_in_place():
    assert table(["item", "n"], [["牛乳", "1"], ["cafe\u0301", "2"]]) == "item  n\n牛乳  1\ncafe\u0301  2"


def test_a_table_without_rows_is_its_header():
    assert table(["a", "b"], []) == "a  b"


def test_an_answer():
    text = answer_text(Answer("cross-sell", [BUTTER, WINE], ["x", "y"], "bestseller"))
    assert text == (
        "   item    title          price  score  kind             why\n"
        "1  butter  Salted butter   3.00  0.625  bought-together  5 of 6 baskets with Bread had it too\n"
        "2  wine    wine                      2  bestseller       a bestseller: in 2 of 12 baskets\n"
        "not in the model: x, y\n"
        "the cart did not fill every place: the rest are bestseller suggestions"
    )


def test_chance_and_profit_are_told_where_they_are_known():
    known = replace(WINE, price=7.0, probability=0.1234, expected_profit=1234.5)
    text = answer_text(Answer("cross-sell", [known, WINE], [], None))
    assert text == (
        "   item  title  price  score  chance     earns  kind        why\n"
        "1  wine  wine    7.00      2   12.3%  1,234.50  bestseller  a bestseller: in 2 of 12 baskets\n"
        "2  wine  wine              2                    bestseller  a bestseller: in 2 of 12 baskets"
    )


def test_an_answer_without_suggestions_says_so():
    assert answer_text(Answer("cross-sell", [], [], None)) == (
        "nothing to suggest: no item of the model may be shown beside this cart"
    )


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("bread", "bread"),
        ("brown bread", "brown br…"),
        ("brown   bread", "brown…"),
        ("a\x1b[31mb\n", "a [31mb "),
        ("\ud800", " "),
        ("123456789", "123456789"),
        ("", ""),
    ],
)
def test_shortened(text: str, short: str):
    assert shortened(text, 9) == short


def test_ids_and_titles_cannot_write_to_the_terminal():
    bad = "\x1b]0;owned\x07"
    reason = bought_with("bought-together", [bad], [bad], 5, 6, 1.7, 5)
    text = answer_text(Answer("cross-sell", [Suggestion(bad, bad, 1.0, 0.5, reason)], [bad], None))
    assert "\x1b" not in text
    assert "\x07" not in text
