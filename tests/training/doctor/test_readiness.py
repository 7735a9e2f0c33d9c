from dataclasses import dataclass

import pyarrow as pa

from training.doctor import Readiness


@dataclass(frozen=True)
class Shelf:
    item_ids: tuple[str, ...]
    titles: tuple[str, ...]
    categories: tuple[str, ...]


def shop():
    sold = {"often": 20, "some": 5, "rare": 4, "once": 1}
    items = [item for item, orders in sold.items() for _ in range(orders)]
    orders = [str(order) for count in sold.values() for order in range(count)]
    return pa.table({"order_id": orders, "item_id": items})


def test_each_item_is_ready_for_something(examine, finding):
    checked = examine(shop())
    assert checked.report.readiness == Readiness(rules=1, category=1, bestsellers=2)
    found = finding(checked, "thin-items")
    assert (found.lines, found.orders, found.severity) == (10, 5, "info")
    assert found.examples[0] == {"line": 21, "item_id": "some", "orders": 5, "ready for": "category"}
    assert "5 orders hold two items or more" in finding(checked, "few-orders").what


def test_a_category_in_the_catalog_helps(examine):
    shelf = Shelf(("once", "rare"), ("", ""), ("", "Kitchen > Cups"))
    assert examine(shop(), catalog=shelf).report.readiness == Readiness(rules=1, category=2, bestsellers=1)
