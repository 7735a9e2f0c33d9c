"""Customers behind what was counted, against sets of them; one that bought the same pair fifty times is one."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from mining_oracle import Basket, baskets_over, matrix_of

from training.counting import BasketLines
from training.counting.customers import Buyers

ITEMS = 6


def named(customers: list[int]) -> list[object]:
    """A name for the customer of each basket; one that is not known is like no other."""
    return [("unknown", place) if customer < 0 else customer for place, customer in enumerate(customers)]


@settings(max_examples=150)
@given(baskets_over(ITEMS), st.data())
def test_customers_of_items_and_of_pairs(baskets: list[Basket], data: st.DataObject) -> None:
    size = len(baskets)
    customers = data.draw(st.lists(st.integers(-1, 3), min_size=size, max_size=size))
    buyers = Buyers(BasketLines.of(matrix_of(baskets, ITEMS)), np.array(customers, np.int32))
    names = named(customers)

    def behind(*items: int) -> int:
        return len({name for name, basket in zip(names, baskets, strict=True) if set(items) <= set(basket)})

    assert buyers.of_items().tolist() == [behind(item) for item in range(ITEMS)]
    asked = [(a, b) for a in range(ITEMS) for b in range(ITEMS) if a != b and data.draw(st.booleans())]
    rows, columns = (np.array([pair[side] for pair in asked], np.int32) for side in (0, 1))
    expected = [behind(*pair) for pair in asked]
    assert buyers.of_pairs(rows, columns).tolist() == expected
    starts = np.searchsorted(rows, np.arange(ITEMS + 1)).astype(np.int64)
    counts = np.array([sum({a, b} <= set(basket) for basket in baskets) for a, b in asked], np.int32)
    assert buyers.beside(starts, columns, counts).tolist() == expected


def test_one_household_with_fifty_orders_is_one_customer_and_strangers_are_many() -> None:
    lines = BasketLines.of(matrix_of([[0, 1]] * 50 + [[2, 3]] * 5, 4))
    buyers = Buyers(lines, np.array([7] * 50 + [-1] * 5, np.int32))
    assert buyers.of_items().tolist() == [1, 1, 5, 5]
    assert buyers.of_pairs(np.array([0, 2]), np.array([1, 3])).tolist() == [1, 5]


def test_more_customers_than_a_model_keeps() -> None:
    """300 customers, of whom 254 bought the second item too."""
    lines = BasketLines.of(matrix_of([[0, 1]] * 254 + [[0]] * 46, 2))
    who = np.arange(300, dtype=np.int32)
    assert Buyers(lines, who).of_items().tolist() == [255, 254]
    assert Buyers(lines, None).of_items().tolist() == [255, 254]
    pair = np.array([0, 1, 2]), np.array([1, 0], np.int32)
    assert Buyers(lines, who).beside(*pair, np.array([254, 254])).tolist() == [254, 254]
    twice = BasketLines.of(matrix_of([[0, 1]] * 300, 2))
    assert Buyers(twice, who).beside(*pair, np.array([300, 300])).tolist() == [255, 255]
    assert Buyers(twice, None).beside(*pair, np.array([300, 300])).tolist() == [255, 255]
    assert Buyers(twice, who).of_pairs(np.array([0]), np.array([1])).tolist() == [300]
