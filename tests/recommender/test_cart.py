"""Item ids become rows; what is unknown is kept aside, and what is no cart is refused with its remedy."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_shop import BREAD, ITEM_IDS, JAM, MILK, TEA, tiny_catalog

from recommender.cart import is_quantity, parse_cart
from recommender.errors import UsageError

CATALOG = tiny_catalog()


def test_known_items_become_rows_each_once_ascending():
    cart = parse_cart(CATALOG, ["milk", ("bread", 2), "milk", "jam"])
    assert cart.rows.dtype == np.int32
    assert cart.rows.tolist() == [BREAD, JAM, MILK]
    assert cart.added == JAM
    assert cart.missing_items == ()


def test_the_item_added_last_may_have_been_there_before():
    assert parse_cart(CATALOG, ["milk", "bread", "milk"]).added == MILK


def test_unknown_ids_are_kept_aside_each_once_as_they_came():
    cart = parse_cart(CATALOG, ["x", "tea", "", "x", "BREAD", "\ud800", " tea"])
    assert cart.rows.tolist() == [TEA]
    assert cart.added == TEA
    assert cart.missing_items == ("x", "", "BREAD", "\ud800", " tea")


@pytest.mark.parametrize("items", [[], ["x", "y"]])
def test_a_cart_without_a_known_item_is_empty(items: list[str]):
    cart = parse_cart(CATALOG, items)
    assert cart.rows.dtype == np.int32
    assert (cart.rows.tolist(), cart.added, cart.missing_items) == ([], -1, tuple(items))


def test_items_may_come_from_an_iterator():
    assert parse_cart(CATALOG, iter(["tea", "milk"])).rows.tolist() == [MILK, TEA]


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ("bread", "items = 'bread': one text; expected a list of item ids"),
        (["bread", 7], "items: 7: expected an item id as text, or (item id, quantity)"),
        ([None], "items: None: expected an item id as text"),
        ([b"bread"], "items: b'bread': expected an item id as text"),
        ([["bread", 2]], "items: ['bread', 2]: expected an item id as text"),
        ([{"item": "bread"}], "items: {'item': 'bread'}: expected an item id as text"),
        ([()], "items: (): expected an item id as text"),
        ([("bread",)], "items: ('bread',): expected an item id as text"),
        ([("bread", 1, 2)], "items: ('bread', 1, 2): expected an item id as text"),
        ([(7, 1)], "items: (7, 1): expected an item id as text"),
        ([("bread", 0)], "items: 'bread': quantity 0; expected a finite number above 0"),
        ([("bread", -1)], "items: 'bread': quantity -1; expected"),
        ([("bread", math.nan)], "items: 'bread': quantity nan; expected"),
        ([("bread", math.inf)], "items: 'bread': quantity inf; expected"),
        ([("bread", "2")], "items: 'bread': quantity '2'; expected"),
        ([("bread", True)], "items: 'bread': quantity True; expected"),
        ([("x" * 1000, 0)], "items: '" + "x" * 59 + ": quantity 0; expected"),
    ],
)
def test_what_is_no_cart_is_refused(items: Any, message: str):
    with pytest.raises(UsageError) as refused:
        parse_cart(CATALOG, items)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize("value", [1, 0.001, 10**400, np.int64(3), np.float32(0.5)])
def test_quantities(value: Any):
    assert is_quantity(value)


@given(st.lists(st.sampled_from([*ITEM_IDS, "x", "y"])), st.randoms(use_true_random=False))
def test_the_order_of_a_cart_matters_to_the_item_added_last_alone(items: list[str], random: Any):
    shuffled = random.sample(items, len(items))
    cart, other = parse_cart(CATALOG, items), parse_cart(CATALOG, shuffled)
    assert cart.rows.tolist() == other.rows.tolist()
    assert set(cart.missing_items) == set(other.missing_items)
    known = [item for item in shuffled if item in ITEM_IDS]
    assert other.added == (ITEM_IDS.index(known[-1]) if known else -1)
