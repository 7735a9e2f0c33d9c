"""Questions from later orders: what is shown, what is hidden, and from which orders."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from made_up_shops import DAY, baskets_of

from training.ranker.later_carts import LaterCarts, later_carts

ITEMS = 8


def shown(carts: LaterCarts, cart: int) -> list[int]:
    return carts.items[carts.offsets[cart] : carts.offsets[cart + 1]].tolist()


orders_of_items = st.lists(st.sets(st.integers(0, ITEMS - 1), min_size=1).map(sorted), min_size=1, max_size=12)


@given(orders_of_items, st.integers(0, 12), st.sets(st.integers(0, ITEMS - 1)), st.integers(1, 4), st.integers(0, 9))
def test_one_item_is_hidden_and_all_others_that_are_known_are_shown(orders, start, unknown, draws, seed) -> None:
    start = min(start, len(orders))
    baskets = baskets_of(orders, items=ITEMS, customers=[order % 3 for order in range(len(orders))])
    known = np.array([item not in unknown for item in range(ITEMS)])
    carts = later_carts(baskets, start, len(orders), known, draws=draws, most=100, seed=seed)
    asked = {}
    for cart in range(len(carts)):
        order = int(carts.baskets[cart])
        assert order >= start
        hidden = int(carts.hidden[cart])
        assert sorted([*shown(carts, cart), hidden]) == [item for item in orders[order] if item not in unknown]
        assert carts.customers[cart] == order % 3
        assert carts.times[cart] == order * DAY
        asked.setdefault(order, []).append(hidden)
    for order in range(start, len(orders)):
        known_items = [item for item in orders[order] if item not in unknown]
        hidden = asked.get(order, [])
        assert len(hidden) == len(set(hidden)) == (min(draws, len(known_items)) if len(known_items) > 1 else 0)


def test_no_more_orders_than_asked_for_and_always_the_same() -> None:
    baskets = baskets_of([[0, 1, 2]] * 30)
    known = np.ones(3, np.bool_)
    one, other = (later_carts(baskets, 10, 30, known, draws=2, most=5, seed=4) for _ in range(2))
    assert len(np.unique(one.baskets)) == 5
    assert len(one) == 10
    assert (one.hidden.tolist(), one.baskets.tolist()) == (other.hidden.tolist(), other.baskets.tolist())
    assert later_carts(baskets, 10, 30, known, draws=2, most=5, seed=5).hidden.tolist() != one.hidden.tolist()


def test_every_line_is_hidden_as_often_as_another() -> None:
    """One of three lines of 900 orders: 300 each, give or take 4 standard deviations of 14."""
    carts = later_carts(baskets_of([[0, 1, 2]] * 900), 0, 900, np.ones(3, np.bool_), draws=1, most=900, seed=0)
    assert np.abs(np.bincount(carts.hidden) - 300).max() < 4 * np.sqrt(900 * 2 / 9)


def test_orders_of_a_single_known_item_ask_nothing() -> None:
    carts = later_carts(baskets_of([[0], [0, 1]]), 0, 2, np.array([True, False]), draws=1, most=9, seed=0)
    assert len(carts) == 0
    assert carts.offsets.tolist() == [0]


def test_some_of_the_carts_and_the_same_of_strangers() -> None:
    baskets = baskets_of([[0, 1, 2], [1, 2], [0, 2]], customers=[0, 1, 0])
    carts = later_carts(baskets, 0, 3, np.ones(3, np.bool_), draws=3, most=9, seed=0)
    chosen = carts.baskets != 1
    part = carts.of(chosen)
    assert part.baskets.tolist() == carts.baskets[chosen].tolist()
    assert [shown(part, cart) for cart in range(len(part))] == [
        shown(carts, cart) for cart in np.flatnonzero(chosen).tolist()
    ]
    strangers = carts.anonymous()
    assert set(strangers.customers.tolist()) == {-1}
    assert replace(strangers, customers=carts.customers).items.tolist() == carts.items.tolist()
