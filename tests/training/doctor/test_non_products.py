from dataclasses import dataclass

import pytest

WHOLESALER = """
    order_id item_id quantity
    1 85123A 6
    1 POST 1
    2 71053 6
    2 M 1
    2 gift_0001_20 1
    3 84406B 2
    3 BANK_CHARGES 1
    4 AMAZONFEE 1
    5 22423 1
    5 C2 1
"""


def test_charges_and_vouchers_are_left_out(examine, baskets_of, finding):
    text = WHOLESALER.replace("gift_0001_20", "gift-0001-20")
    checked = examine(text)
    assert baskets_of(checked) == [{"85123A": 6}, {"71053": 6}, {"84406B": 2}, {"22423": 1}]
    assert checked.report.accounting == {"kept": 4, "non_product": 6}
    found = finding(checked, "non-products")
    assert (found.lines, found.orders) == (6, 5)
    assert "AMAZONFEE, BANK CHARGES, C2, M, POST, gift-0001-20" in found.what


def test_the_shop_has_the_last_word(examine):
    checked = examine(WHOLESALER, keep_as_products=["POST"], non_products=["22423"])
    assert "POST" in checked.baskets.item_ids
    assert "22423" not in checked.baskets.item_ids


@pytest.mark.parametrize("ids", [("A", "B", "C", "D"), ("bread", "M", "S", "milk"), ("M", "D", "S", "B")])
def test_short_ids_of_a_small_shop_are_products(examine, ids):
    lines = "\n".join(f"1 {item}" for item in ids)
    assert sorted(examine(f"order_id item_id\n{lines}").baskets.item_ids) == sorted(ids)


@dataclass(frozen=True)
class Shelf:
    item_ids: tuple[str, ...]
    titles: tuple[str, ...]
    categories: tuple[str, ...]


@pytest.mark.parametrize(
    ("title", "product"),
    [
        ("Postage", False),
        ("DOTCOM POSTAGE", False),
        ("Gift voucher £20.00", False),
        ("Restocking fee", False),
        ("Bank charges", False),
        ("Manual", False),
        ("Coffee", True),
        ("Gift card holder", True),
        ("Manual can opener", True),
        ("Postage stamp tin", True),
        ("", True),
    ],
)
def test_titles_tell(examine, title, product):
    shelf = Shelf(("1001", "1002"), (title, "Cup"), ("", ""))
    checked = examine("order_id item_id\n1 1001\n1 1002", catalog=shelf)
    assert ("1001" in checked.baskets.item_ids) is product
