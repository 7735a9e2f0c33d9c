import math

import pytest


def test_amounts_that_are_none_are_unknown(examine, finding):
    checked = examine("""
        order_id item_id unit_price discount unit_cost
        1 a 5 1 3
        1 b NaN · 3
        1 c inf · -inf
        1 d -2 · 3
        1 e 5 6 3
        1 f 5 -1 3
        1 g 0 · ·
        1 h 5 5 ·
    """)
    prices = dict(zip(checked.baskets.item_ids, checked.baskets.prices.tolist(), strict=True))
    assert {item: price for item, price in prices.items() if not math.isnan(price)} == {"a": 4, "f": 5, "g": 0, "h": 0}
    costs = checked.baskets.costs.tolist()
    assert costs[0] == 3
    assert math.isnan(costs[2])
    found = finding(checked, "unusable-prices")
    assert (found.lines, found.orders) == (5, 1)
    assert found.examples[0] == {
        "line": 2,
        "order_id": "1",
        "item_id": "b",
        "unit_price": "no number",
        "discount": None,
        "unit_cost": 3.0,
    }


def test_a_price_of_0_among_others_is_told(examine, finding):
    checked = examine("""
        order_id item_id unit_price discount
        1 a 5 1
        1 b 0 ·
        2 c 5 5
        3 b -0 ·
    """)
    found = finding(checked, "zero-prices")
    assert (found.severity, found.lines, found.orders) == ("info", 3, 3)
    assert found.examples[0] == {"line": 2, "order_id": "1", "item_id": "b", "unit_price": 0.0, "discount": None}
    assert checked.baskets.prices.tolist() == [4, 0, 0, 0]


@pytest.mark.parametrize("column", ["unit_price", "unit_cost"])
def test_amounts_that_are_always_0_are_unknown(examine, finding, column):
    checked = examine(f"""
        order_id item_id quantity {column}
        1 a 1 0
        1 b 1 ·
        2 POSTAGE 1 9
        2 c 1 0
        3 c -1 9
    """)
    found = finding(checked, "amounts-always-zero")
    assert found.what == f"No line has a {column} above 0."
    assert (found.severity, found.lines, found.orders) == ("warning", 2, 2)
    amounts = checked.baskets.prices if column == "unit_price" else checked.baskets.costs
    assert all(math.isnan(amount) for amount in amounts.tolist())
    assert "zero-prices" not in [one.code for one in checked.report.findings]


def test_amounts_that_are_not_there_are_not_told(examine):
    checked = examine("""
        order_id item_id unit_price
        1 a ·
        1 b ·
    """)
    assert "amounts-always-zero" not in [one.code for one in checked.report.findings]
