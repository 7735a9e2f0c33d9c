import math


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
