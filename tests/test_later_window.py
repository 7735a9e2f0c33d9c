"""The cut in time that the benchmark of unseen shops asks with."""

from __future__ import annotations

import pandas as pd
from benchmarks.later_window import cut, hide_one

LINES = pd.DataFrame(
    [
        ("1", "milk", "ann", "2026-01-01 09:00"),
        ("1", "bread", "ann", "2026-01-01 09:00"),
        ("2", "milk", "bob", "2026-01-02 09:00"),
        ("3", "milk", None, "2026-01-03 09:00"),
        ("3", "bread", None, "2026-01-03 09:00"),
        ("3", "caviar", None, "2026-01-03 09:00"),
        ("4", "bread", "ann", "2026-01-03 18:00"),
    ],
    columns=["order_id", "item_id", "customer_id", "ordered_at"],
).assign(ordered_at=lambda lines: pd.to_datetime(lines["ordered_at"]))


def test_the_window_takes_whole_days_and_only_items_sold_before_it() -> None:
    earlier, later = cut(LINES, share=0.1)
    assert earlier["order_id"].unique().tolist() == ["1", "2"]
    assert later["item_id"].tolist() == ["milk", "bread", "bread"]


def test_without_times_the_last_orders_of_the_file_are_the_window() -> None:
    earlier, later = cut(LINES.drop(columns="ordered_at"), share=0.25)
    assert earlier["order_id"].unique().tolist() == ["1", "2", "3"]
    assert later["order_id"].tolist() == ["4"]


def test_one_item_of_each_order_with_two_is_hidden() -> None:
    _, later = cut(LINES, share=0.1)
    for seed in range(4):
        (cart,) = hide_one(later, seed, most=10)
        assert sorted([*cart.items, cart.hidden]) == ["bread", "milk"]
        assert (cart.order, cart.customer, cart.at) == ("3", None, "2026-01-03T09:00:00")
    assert {hide_one(later, seed, most=10)[0].hidden for seed in range(20)} == {"bread", "milk"}
    assert hide_one(later, 0, most=0) == []
