"""Where candidates come from: neighbours, long rules, and bestsellers of a branch of the catalog."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_shop import (
    BREAD,
    BUTTER,
    COFFEE,
    DELIVERY,
    ITEM_IDS,
    JAM,
    MILK,
    NEIGHBOURS,
    TEA,
    WINE,
    tiny_model,
)

from recommender.candidates import category_bestsellers, meetings
from recommender.cart import Cart

MODEL = tiny_model()


def cart_of(*rows: int) -> Cart:
    return Cart(np.array(sorted(rows), np.int32), rows[-1] if rows else -1, ())


def test_every_neighbour_of_every_item():
    found = meetings(MODEL.pairs, np.array([DELIVERY, WINE], np.int32))
    assert found.sources.tolist() == [DELIVERY, DELIVERY, WINE]
    assert found.rows.tolist() == [MILK, COFFEE, TEA]
    assert found.counts.tolist() == [2, 1, 1]
    assert found.scores.tolist() == [0.5, 0.25, 0.25]
    assert found.claimed.tolist() == [True, False, False]


def test_entries_that_are_kept():
    found = meetings(MODEL.pairs, np.array([DELIVERY], np.int32))
    kept = found.where(found.claimed)
    assert (kept.sources.tolist(), kept.rows.tolist(), kept.counts.tolist()) == ([DELIVERY], [MILK], [2])
    assert (kept.scores.tolist(), kept.claimed.tolist()) == ([0.5], [True])


@given(st.sets(st.integers(0, len(ITEM_IDS) - 1)))
def test_meetings_are_the_neighbour_lists_one_after_the_other(rows: set[int]):
    found = meetings(MODEL.pairs, np.array(sorted(rows), np.int32))
    expected = [(row, *pair) for row in sorted(rows) for pair in NEIGHBOURS[row]]
    columns = (found.sources.tolist(), found.rows.tolist(), found.counts.tolist(), found.claimed.tolist())
    assert list(zip(*columns, strict=True)) == expected


def test_bestsellers_of_the_carts_categories_each_once_most_sold_first_ties_by_row():
    """Tea stands in Drinks (coffee 2, tea 2), milk in Food > Dairy (butter 6, milk 6), delivery in Services."""
    found = category_bestsellers(MODEL, cart_of(TEA, MILK, DELIVERY))
    assert found.tolist() == [BUTTER, MILK, COFFEE, DELIVERY, TEA]
    assert found.dtype == np.int32


def test_a_branch_that_two_items_share_counts_once():
    """Jam stands in Food: bread, butter, milk and jam; butter in Food > Dairy: butter and milk."""
    assert category_bestsellers(MODEL, cart_of(JAM, BUTTER)).tolist() == [BREAD, BUTTER, MILK, JAM]


@pytest.mark.parametrize("cart", [cart_of(), cart_of(WINE)])
def test_without_a_category_there_is_no_list(cart: Cart):
    assert category_bestsellers(MODEL, cart).tolist() == []


def without_lists(*categories: int) -> np.ndarray:
    lengths = np.diff(MODEL.bestsellers.category_offsets)
    lengths[list(categories)] = 0
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def test_an_empty_list_is_replaced_by_its_parents():
    """Food > Dairy (3) has nothing, so Food (1) is asked: bread, butter, milk, jam."""
    best = MODEL.bestsellers
    items = np.delete(best.category_items, [7, 8])
    model = replace(MODEL, bestsellers=replace(best, category_offsets=without_lists(3), category_items=items))
    assert category_bestsellers(model, cart_of(MILK)).tolist() == [BREAD, BUTTER, MILK, JAM]


def test_a_branch_that_is_empty_up_to_its_top_gives_nothing():
    best = MODEL.bestsellers
    items = np.delete(best.category_items, [2, 3, 4, 5, 7, 8])
    model = replace(MODEL, bestsellers=replace(best, category_offsets=without_lists(1, 3), category_items=items))
    assert category_bestsellers(model, cart_of(MILK)).tolist() == []
