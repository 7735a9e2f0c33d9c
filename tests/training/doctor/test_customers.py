import pyarrow as pa


def test_the_most_frequent_customer_gets_the_order(examine, finding):
    checked = examine("""
        order_id item_id customer_id
        1 cup ann
        1 jug bob
        1 mug bob
        2 cup bob
        2 jug ann
        3 cup cat
    """)
    b = checked.baskets
    assert [b.customer_ids[c] for c in b.customers] == ["bob", "ann", "cat"]
    found = finding(checked, "orders-of-several-customers")
    assert (found.lines, found.orders) == (5, 2)


def test_placeholders_are_nobody(examine, finding):
    checked = examine("""
        order_id item_id customer_id
        1 cup Guest
        2 cup ·
        3 cup ann
        4 cup anonymous
    """)
    assert checked.baskets.customers.tolist() == [-1, -1, 0, -1]
    assert checked.baskets.customer_ids == ["ann"]
    assert finding(checked, "unknown-customers").lines == 3


def test_unusable_customer_ids_cost_no_line(examine, finding):
    checked = examine(pa.table({"order_id": ["1", "2"], "item_id": ["cup", "cup"], "customer_id": ["a\nb", "ann"]}))
    assert checked.baskets.customers.tolist() == [-1, 0]
    assert finding(checked, "unusable-customer-ids").lines == 1


def test_a_till_is_no_customer(examine, finding):
    till, people = 60, 30
    orders = till + people
    checked = examine(
        pa.table(
            {
                "order_id": [str(order) for order in range(orders)],
                "item_id": ["cup"] * orders,
                "customer_id": ["till"] * till + [f"person {one}" for one in range(people)],
                "ordered_at": ["2026-01-01"] * orders,
            }
        )
    )
    assert "till" not in checked.baskets.customer_ids
    assert int((checked.baskets.customers < 0).sum()) == till
    found = finding(checked, "crowd-customers")
    assert (found.lines, found.orders) == (60, 60)
    assert found.examples == ({"line": 1, "customer_id": "till", "orders": 60, "most in a day": 60},)


def test_a_faithful_customer_of_a_small_shop_is_one(examine):
    orders = 200
    checked = examine(
        pa.table(
            {
                "order_id": [str(order) for order in range(orders + 1)],
                "item_id": ["cup"] * (orders + 1),
                "customer_id": ["ann"] * orders + ["bob"],
                "ordered_at": [f"2026-{1 + order // 28:02d}-{1 + order % 28:02d}" for order in range(orders)]
                + ["2026-01-01"],
            }
        )
    )
    assert checked.baskets.customer_ids == ["ann", "bob"]
    assert "crowd-customers" not in {one.code for one in checked.report.findings}


def test_without_times_thousands_of_orders_are_a_crowd(examine, finding):
    checked = examine(
        pa.table(
            {
                "order_id": [str(order) for order in range(2_100)],
                "item_id": ["cup"] * 2_100,
                "customer_id": ["guests"[:5] + "house"] * 2_000 + [str(one) for one in range(100)],
            }
        )
    )
    assert finding(checked, "crowd-customers").orders == 2_000


def test_a_file_without_customers_says_so(examine, finding):
    checked = examine("""
        order_id item_id
        1 cup
    """)
    assert finding(checked, "no-customers").severity == "info"
    assert not checked.baskets.has_customers
