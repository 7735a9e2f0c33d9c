import numpy as np
import pyarrow as pa


def test_repeated_lines_are_summed_and_prices_averaged(examine, baskets_of, finding):
    checked = examine("""
        order_id item_id quantity unit_price
        1 cup 1 2.00
        1 jug 1 9.00
        1 cup 3 1.00
        1 cup 2 ·
        2 jug 1 9.00
    """)
    assert baskets_of(checked) == [{"cup": 6, "jug": 1}, {"jug": 1}]
    assert checked.baskets.prices.tolist() == [1.25, 9.0, 9.0]
    assert checked.report.accounting == {"kept": 3, "repeated": 2}
    found = finding(checked, "repeated-lines")
    assert (found.lines, found.orders) == (2, 1)
    assert [one["line"] for one in found.examples] == [1, 3, 4]


def test_exact_copies_are_told_apart(examine, baskets_of, finding):
    checked = examine("""
        order_id item_id quantity unit_price
        1 cup 2 2.00
        1 cup 2 2.00
        1 cup 2 2.00
        1 cup 2 2.50
        2 cup 2 2.00
    """)
    assert baskets_of(checked) == [{"cup": 8}, {"cup": 2}]
    found = finding(checked, "copied-lines")
    assert (found.lines, found.orders) == (2, 1)
    assert found.examples == ({"line": 2, "order_id": "1", "item_id": "cup", "quantity": "2"},)
    assert finding(checked, "repeated-lines").lines == 3


def test_giant_orders_are_not_countable(examine, finding):
    checked = examine(
        """
        order_id item_id
        1 a
        1 b
        1 c
        1 d
        2 a
        2 b
        3 a
        """,
        max_basket_items=3,
    )
    assert checked.baskets.countable.tolist() == [False, True, True]
    found = finding(checked, "giant-orders")
    assert (found.lines, found.orders) == (4, 1)
    assert "86% of all pairs" in found.what
    assert found.examples == ({"line": 1, "order_id": "1", "items": 4},)
    assert "orders.max_basket_items=15" in found.remedy
    assert checked.report.countable_orders == 2
    assert checked.report.multi_item_orders == 2


def test_orders_of_one_item_are_told(examine, finding):
    checked = examine("""
        order_id item_id
        1 a
        2 a
        2 b
        3 b
    """)
    found = finding(checked, "one-item-orders")
    assert (found.lines, found.orders) == (2, 2)
    assert found.what == "2 of 3 orders (67%) hold one item."
    assert [one["line"] for one in found.examples] == [1, 4]


def test_an_order_of_a_hundred_thousand_lines(examine, finding):
    items = [f"i{line}" for line in range(100_000)]
    checked = examine(pa.table({"order_id": ["1"] * 100_000 + ["2", "2"], "item_id": [*items, "i0", "i1"]}))
    assert checked.baskets.sizes.tolist() == [100_000, 2]
    assert checked.baskets.countable.tolist() == [False, True]
    assert finding(checked, "giant-orders").lines == 100_000


def test_a_hundred_thousand_lines_of_one_item(examine):
    checked = examine(pa.table({"order_id": ["1"] * 100_000, "item_id": ["cup"] * 100_000}))
    assert checked.baskets.quantities.tolist() == [100_000]
    assert checked.report.accounting == {"kept": 1, "repeated": 99_999}


def test_sums_do_not_depend_on_the_order_of_lines(examine):
    quantities = [0.1, 0.2, 0.3, 1e8, 0.7] * 200
    for lines in (quantities, quantities[::-1]):
        checked = examine(
            pa.table(
                {"order_id": ["1"] * 1000, "item_id": ["cup"] * 1000, "quantity": lines, "unit_price": [1.0] * 1000}
            )
        )
        assert checked.baskets.quantities[0] == np.float32(200 * (1e8 + 1.3))
