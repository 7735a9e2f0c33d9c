import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st


def test_a_return_in_its_own_order_is_taken_off_the_sale(examine, baskets_of, finding):
    checked = examine("""
        order_id item_id quantity
        1 cup 5
        1 jug 1
        1 cup -2
    """)
    assert baskets_of(checked) == [{"cup": 3, "jug": 1}]
    assert checked.report.accounting == {"kept": 2, "return_netted": 1}
    assert checked.baskets.sold.tolist() == [5, 1]
    assert checked.baskets.returned.tolist() == [2, 0]
    found = finding(checked, "returns")
    assert (found.lines, found.orders, found.share) == (1, 1, 1 / 3)
    assert found.examples == ({"line": 3, "order_id": "1", "item_id": "cup", "quantity": "-2"},)


def test_a_cancellation_undoes_the_latest_earlier_sale_of_the_customer(examine, baskets_of):
    checked = examine("""
        order_id item_id customer_id ordered_at quantity
        501 cup ann 2026-01-01 6
        501 jug ann 2026-01-01 1
        502 cup ann 2026-01-02 6
        502 jug ann 2026-01-02 1
        C503 cup ann 2026-01-03 -6
        504 cup ann 2026-01-04 6
        505 cup bob 2026-01-02 6
    """)
    assert baskets_of(checked) == [{"cup": 6, "jug": 1}, {"jug": 1}, {"cup": 6}, {"cup": 6}]
    assert checked.report.accounting == {"kept": 5, "sale_returned": 1, "return_netted": 1}
    assert checked.baskets.returned.tolist() == [6, 0]
    assert checked.baskets.sold.tolist() == [24, 2]


def test_a_return_runs_on_into_older_sales(examine, baskets_of):
    checked = examine("""
        order_id item_id customer_id ordered_at quantity
        1 cup ann 2026-01-01 6
        2 cup ann 2026-01-02 4
        3 cup ann 2026-01-03 -7
    """)
    assert baskets_of(checked) == [{"cup": 3}]
    assert checked.report.accounting == {"kept": 1, "sale_returned": 1, "return_netted": 1}


def test_a_return_without_an_earlier_sale_is_dropped_and_counted(examine, baskets_of):
    checked = examine("""
        order_id item_id customer_id ordered_at quantity
        1 cup ann 2026-01-01 -3
        2 cup ann 2026-01-02 4
        3 cup bob 2026-01-03 -1
        4 cup · 2026-01-04 -1
    """)
    assert baskets_of(checked) == [{"cup": 4}]
    assert checked.report.accounting == {"kept": 1, "return_unmatched": 3}
    assert checked.baskets.returned.tolist() == [5]


def test_positive_quantities_of_cancelling_invoices_are_returns(examine, baskets_of):
    checked = examine("""
        order_id item_id customer_id quantity
        501 cup ann 6
        501 jug ann 2
        502 jug bob 2
        C501 cup ann 6
    """)
    assert baskets_of(checked) == [{"jug": 2}, {"jug": 2}]
    assert checked.report.accounting == {"kept": 2, "sale_returned": 1, "return_netted": 1}


def test_orders_of_a_counter_called_c_are_orders(examine, baskets_of):
    checked = examine("""
        order_id item_id customer_id quantity
        501 cup ann 6
        502 jug ann 2
        503 mug ann 2
        C901 tub cat 6
        C902 jug dan 6
    """)
    assert len(baskets_of(checked)) == 5


def naive_stack(events):
    """Latest sales first: pieces left of each sale, pieces of each return that a sale was found for."""
    left, found, stack = {}, {}, []
    for place, quantity in enumerate(events):
        if quantity > 0:
            left[place] = quantity
            stack.append(place)
            continue
        owed = -quantity
        while owed and stack:
            taken = min(owed, left[stack[-1]])
            left[stack[-1]] -= taken
            owed -= taken
            if not left[stack[-1]]:
                stack.pop()
        found[place] = -quantity - owed
    return left, found


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(-6, 6).filter(bool), min_size=1, max_size=12))
def test_netting_is_a_stack(examine, events):
    days = [f"2026-01-{place + 1:02d}" for place in range(len(events))]
    table = pa.table(
        {
            "order_id": [f"{place:02d}" for place in range(len(events))] + ["other"],
            "item_id": ["cup"] * len(events) + ["jug"],
            "customer_id": ["ann"] * (len(events) + 1),
            "ordered_at": [*days, "2026-02-01"],
            "quantity": [*events, 1],
        }
    )
    checked = examine(table)
    left, found = naive_stack(events)
    cup = checked.baskets.item_ids.index("cup") if "cup" in checked.baskets.item_ids else -1
    kept = checked.baskets.quantities[checked.baskets.items == cup].tolist()
    assert kept == [rest for rest in left.values() if rest]
    accounting = checked.report.accounting
    assert accounting.get("return_netted", 0) == sum(pieces > 0 for pieces in found.values())
    assert accounting.get("return_unmatched", 0) == sum(pieces == 0 for pieces in found.values())
    assert accounting.get("sale_returned", 0) == sum(rest == 0 for rest in left.values())
