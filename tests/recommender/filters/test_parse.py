"""A filter that does not parse is told with line, column, what stands there and what was expected."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.errors import UsageError
from recommender.filters import FilterError, names_of, parse
from recommender.filters.tree import Among, Both, Comparison, Either, Missing, Not


def test_and_binds_before_or_and_not_before_and():
    tree = parse('not price > 5 and brand = "X" or stock is missing')
    assert isinstance(tree, Either)
    assert isinstance(tree.left, Both)
    assert isinstance(tree.left.left, Not)
    assert isinstance(tree.right, Missing)
    assert names_of(tree) == {"price", "brand", "stock"}


def test_values_of_every_kind():
    assert [literal.value for literal in among("size in (\"a\", 'b', 1, -2.5e1, .5, true)")] == [
        "a",
        "b",
        1,
        -25,
        0.5,
        True,
    ]
    assert among('brand in "X"')[0].value == "X"
    assert among(r'brand in "a\"b\\c"')[0].value == 'a"b\\c'


def among(text):
    tree = parse(text)
    assert isinstance(tree, Among)
    return tree.literals


@pytest.mark.parametrize(
    ("text", "line", "column", "told"),
    [
        ("", 1, 1, "found the end; expected a field, not, or ("),
        ("price <", 1, 8, "found the end; expected a value"),
        ("price 5", 1, 7, "found 5; expected =, !=, <, <=, >, >=, in, not in, is missing"),
        ("price = 5 brand = 'x'", 1, 11, "found brand; expected and, or, or the end"),
        ("(price = 5", 1, 11, "expected ) or and, or"),
        ("price = 5)", 1, 10, "found ); expected and, or, or the end"),
        ("price is 5", 1, 10, "found 5; expected missing, or not missing"),
        ("brand not = 'x'", 1, 11, "found =; expected in"),
        ("brand in ('x' 'y')", 1, 15, "found 'y'; expected , or )"),
        ("brand in ()", 1, 11, "found ); expected a value"),
        ('price = 5\nand brand = "x', 2, 13, "a quote that is not closed"),
        ("price ~ 5", 1, 7, "write = for equal"),
        ("price = 5x", 1, 9, "no number"),
        ("price = 1e999", 1, 9, "too large a number"),
        ("price = 'x'", 1, 9, '"x" is text; price is a number'),
        ("stock = true", 1, 9, "true is true or false; stock is a number"),
        ("brand = 5", 1, 9, "5 is a number; brand is text: write it in quotes"),
        ("active = 1", 1, 10, "1 is a number; active is true or false"),
        ("brand < 'x'", 1, 1, "brand is text: compare it with =, != or in"),
        ("active > true", 1, 1, "active is true or false: compare it with"),
        ("size > true", 1, 1, "size is true or false: compare it with"),
        ("kind = 'thing'", 1, 8, 'expected "product" or "service"'),
        ("and = 5", 1, 1, "found and; expected a field"),
        ("price = 5 ; drop", 1, 11, "not part of a filter"),
        ("price = price", 1, 9, "expected a value"),
        ("not " * 21 + "price = 5", 1, 85, "nested deeper than 20 levels"),
        ("(" * 21 + "price = 5" + ")" * 21, 1, 22, "nested deeper than 20 levels"),
        ("a=1 or " * 200 + "a=1", 1, 1401, "more than 200 tests"),
        ("x" * 2001, 1, 1, "2,001 characters; at most 2,000"),
    ],
)
def test_what_does_not_parse_is_told_with_its_place(text, line, column, told):
    with pytest.raises(FilterError) as refused:
        parse(text)
    assert (refused.value.place.line, refused.value.place.column) == (line, column)
    assert str(refused.value).startswith(f"line {line}, column {column}: ")
    assert told in str(refused.value)


def test_the_deepest_and_the_longest_that_parse():
    assert isinstance(parse("not " * 20 + "a=1"), Not)
    assert isinstance(parse("a=1 or " * 199 + "a=1"), Either)


@given(st.text(max_size=40) | st.text("price<>=!() 'and0.5\"\\`in", max_size=30))
def test_any_text_is_a_filter_or_told(text):
    with suppress(FilterError):
        assert isinstance(parse(text), Comparison | Among | Missing | Not | Both | Either)
    assert issubclass(FilterError, UsageError)
