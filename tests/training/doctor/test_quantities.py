import pyarrow as pa
import pytest


def test_quantity_zero_is_rejected(examine, baskets_of, finding):
    checked = examine("""
        order_id item_id quantity
        1 cup 0
        1 jug 1
        2 cup 0.0
        2 mug 1
    """)
    assert baskets_of(checked) == [{"jug": 1}, {"mug": 1}]
    assert checked.report.accounting == {"kept": 2, "zero_quantity": 2}
    found = finding(checked, "zero-quantities")
    assert (found.lines, found.orders, found.severity) == (2, 2, "error")
    assert found.examples[1] == {"line": 3, "order_id": "2", "item_id": "cup", "quantity": "0.0"}


def test_an_empty_quantity_is_one_piece_and_no_finding(examine, baskets_of):
    checked = examine("""
        order_id item_id quantity
        1 cup ·
        1 jug 2
    """)
    assert baskets_of(checked) == [{"cup": 1, "jug": 2}]
    assert not {"unreadable-quantities", "zero-quantities"} & {one.code for one in checked.report.findings}


def test_a_quantity_that_is_no_number_counts_one_piece(examine, baskets_of, finding):
    checked = examine("""
        order_id item_id quantity
        1 cup many
        1 jug NaN
        1 mug inf
        1 pan 1e300
        1 pot -inf
        1 tub 2
    """)
    assert baskets_of(checked) == [{"cup": 1, "jug": 1, "mug": 1, "pan": 1, "tub": 2}]
    assert checked.report.accounting == {"kept": 5, "unusable_quantity": 1}
    found = finding(checked, "unreadable-quantities")
    assert (found.lines, found.orders) == (5, 1)
    assert "1 below zero rejected" in found.action


def fuel_shop(price):
    orders = 6
    return pa.table(
        {
            "order_id": [str(order) for order in range(orders) for _ in range(2)],
            "item_id": ["fuel", "coffee"] * orders,
            "quantity": [quantity for order in range(orders) for quantity in (10_000 + order, 2)],
            "unit_price": [price, 2.0] * orders,
        }
    )


def test_fuel_by_the_millilitre_stays_in_the_basket_as_one_piece(examine, baskets_of, finding):
    checked = examine(fuel_shop(0.002))
    assert baskets_of(checked) == [{"coffee": 2, "fuel": 1}] * 6
    assert checked.baskets.sold.tolist() == [12, 6]
    found = finding(checked, "measured-quantities")
    assert (found.lines, found.orders) == (6, 6)


@pytest.mark.parametrize("price", [0.0, 0.05, 2.0])
def test_a_wholesaler_of_screws_keeps_its_quantities(examine, baskets_of, price):
    assert baskets_of(examine(fuel_shop(price)))[0] == {"coffee": 2, "fuel": 10_000}


def test_without_a_price_thousands_a_line_are_a_measure(examine, baskets_of):
    assert baskets_of(examine(fuel_shop(None)))[0] == {"coffee": 2, "fuel": 1}


def test_a_slip_of_the_finger_counts_one_piece(examine, baskets_of, finding):
    checked = examine("""
        order_id item_id quantity
        1 cup 1
        2 cup 2
        3 cup 1
        4 cup 201
        5 cup 150
        5 jug 900
    """)
    assert [basket["cup"] for basket in baskets_of(checked)] == [1, 2, 1, 1, 150]
    assert baskets_of(checked)[4]["jug"] == 900
    assert checked.baskets.sold.tolist() == [1 + 2 + 1 + 200 + 150, 900]
    found = finding(checked, "outlying-quantities")
    assert (found.lines, found.orders) == (1, 1)
    assert found.examples == ({"line": 4, "order_id": "4", "item_id": "cup", "quantity": "201"},)
