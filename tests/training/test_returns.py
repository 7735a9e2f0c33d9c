"""Return rates: by hand, through the pipeline, and between the item's own and its category's."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_shop import BREAD, BUTTER, COFFEE, DELIVERY, MILK, TEA, WINE, tiny_catalog

from training.pipeline import train
from training.returns import return_rates

ORDERS = """order_id,item_id,quantity
1,a,10
1,b,10
2,a,10
2,c,10
3,a,-2
4,b,10
4,c,10
"""


def test_rates_by_hand():
    """Shop: 12 of 120 pieces. Drinks 10 of 40: (10 + 2) ÷ 60 = .2. Food 2 of 60: (2 + 2) ÷ 80 = .05.

    Coffee 10 of 20: (10 + 4) ÷ 40. Wine has no category: (0 + 2) ÷ 40; services sold nothing: the shop's .1.
    """
    returned, sold = np.zeros(8), np.zeros(8)
    for row, back, out in ((COFFEE, 10, 20), (TEA, 0, 20), (BREAD, 2, 40), (BUTTER, 0, 20), (WINE, 0, 20)):
        returned[row], sold[row] = back, out
    rates = return_rates(returned, sold, tiny_catalog())
    assert rates.dtype == np.float32
    assert rates[COFFEE] == pytest.approx(0.35)
    assert rates[TEA] == pytest.approx(0.1)
    assert rates[BREAD] == pytest.approx((2 + 20 * (2 + 20 * 0.05) / 60) / 60)
    assert rates[MILK] == pytest.approx((20 * 0.05) / 40)  # nothing sold: Dairy's, which is shrunk to Food's
    assert rates[WINE] == pytest.approx(0.05)
    assert rates[DELIVERY] == pytest.approx(0.1)


def test_a_shop_without_returns_or_sales():
    catalog = tiny_catalog()
    assert not return_rates(np.zeros(8), np.zeros(8), catalog).any()
    nowhere = replace(catalog, item_category=np.full(8, -1, np.int32))
    assert return_rates(np.full(8, 5.0), np.full(8, 5.0), nowhere).tolist() == [1.0] * 8


def test_the_catalogue_goes_first_and_the_orders_fill_in(tmp_path):
    """Two of 60 pieces came back, both a's: (2 + 20 · 2/60) ÷ (20 + 20)."""
    orders, catalog = tmp_path / "orders.csv", tmp_path / "catalog.csv"
    orders.write_text(ORDERS)
    catalog.write_text("item_id,return_rate\na,\nb,0.5\n")
    rates = train(str(orders), str(catalog)).catalog.return_rate
    shop = 2 / 60
    assert rates[0] == pytest.approx((2 + 20 * shop) / 40)
    assert rates[1] == 0.5
    assert rates[2] == pytest.approx(20 * shop / 40)


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)), min_size=8, max_size=8))
def test_a_rate_is_a_share(pieces):
    returned, sold = np.array(pieces).T
    rates = return_rates(returned, sold, tiny_catalog())
    assert ((rates >= 0) & (rates <= 1)).all()
