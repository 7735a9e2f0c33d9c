"""What may be shown, and how places are filled."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tiny_shop import JAM, WINE, tiny_catalog

from recommender.placements import Link
from recommender.policy import fill_places, shown_rows

CATALOG = tiny_catalog()


def link(*rows: int, source: str = "pairs") -> Link:
    return Link(source, np.array(rows, np.int32), np.arange(len(rows), 0, -1, np.float64))


def test_what_the_page_shows_is_found_as_far_as_it_is_known():
    assert shown_rows(CATALOG, ["jam", "wine", "jam", "x"]) == [JAM, WINE, JAM, -1]


def test_each_link_fills_only_open_places():
    picks = fill_places([link(4, 2, 7), link(2, 5, 1, source="bestseller")], b"\1\1\1\1\1\0\1\1", {4}, 3)
    assert [(pick.row, float(pick.link.scores[pick.place]), pick.link.source, pick.place) for pick in picks] == [
        (2, 2.0, "pairs", 1),
        (7, 1.0, "pairs", 2),
        (1, 1.0, "bestseller", 2),
    ]


def test_a_full_shelf_asks_no_further_link():
    def chain():
        yield link(1, 2)
        raise AssertionError("not needed")

    assert [pick.row for pick in fill_places(chain(), bytes([1] * 8), set(), 2)] == [1, 2]


@given(
    st.lists(st.lists(st.integers(0, 7), max_size=8), max_size=4),
    st.binary(min_size=8, max_size=8).map(lambda flags: bytes(flag & 1 for flag in flags)),
    st.sets(st.integers(0, 7)),
    st.integers(1, 9),
)
def test_places_are_the_first_that_may_be_shown(chains: list[list[int]], sellable: bytes, barred: set[int], k: int):
    picks = fill_places([link(*rows) for rows in chains], sellable, barred, k)
    first = dict.fromkeys(row for rows in chains for row in rows if sellable[row] and row not in barred)
    assert [pick.row for pick in picks] == list(first)[:k]
