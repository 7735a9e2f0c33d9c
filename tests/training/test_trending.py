"""What sells more of late by more than luck, and what only seems to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_shops import baskets_of
from scipy import stats

from training.baskets import Baskets
from training.config import Config, with_values
from training.trending import luck_of_trends, trending

STEADY, NEWLY_LIKED, UP_BY_LUCK = 0, 1, 2
CONFIG = with_values({"backtest": {"trending_days": 10}})


def shop(customers: Sequence[int] = (), late: Sequence[int] = (100, 12, 15)) -> Baskets:
    """900 orders in 90 days, then 100 in 10: one item in all, one in 10 of the earlier, one in 90 of them."""
    orders = [[STEADY] for _ in range(1000)]
    for item, earlier in ((NEWLY_LIKED, 10), (UP_BY_LUCK, 90)):
        for order in (*range(earlier), *range(900, 900 + late[item])):
            orders[order].append(item)
    return baskets_of(orders, days=[order / 10 for order in range(1000)], customers=customers)


def test_a_trend_by_hand() -> None:
    """Of the 22 baskets with the second, 12 lie in the tenth of late, where (10 + 1) / 901 · 100 were expected.

    The chance of that is C(22, 12) · .1¹² · .9¹⁰ = 2.25e-7, and 2.46e-7 with that of more. Of the 105 with the third 15
    do, where 10.1 were expected: luck gives so many or more in one of ten shops.
    """
    found = trending(shop(), CONFIG)

    assert found.items.tolist() == [NEWLY_LIKED]
    assert found.recent.tolist() == [12]
    assert found.expected.tolist() == [np.float32(1100 / 901)]
    assert found.customers.tolist() == [12]
    luck = luck_of_trends(np.array([900, 10, 90]), np.array([100, 12, 15]), 0.1)
    assert luck[1:].tolist() == pytest.approx([2.46e-7, 0.1005], rel=0.002)


@pytest.mark.parametrize(("customers", "claimed"), [(2, False), (3, True)])
def test_a_trend_needs_three_customers(customers: int, claimed: bool) -> None:
    who = [order % customers for order in range(1000)]

    assert trending(shop(who), CONFIG).items.tolist() == [NEWLY_LIKED] * claimed


def test_the_rate_holds_over_all_items_that_were_sold() -> None:
    """A chance of 2.46e-7 among three items is below a third of one rate, not of the other."""
    for rate, claimed in ((7.5e-7, True), (7.3e-7, False)):
        config = with_values({"backtest": {"trending_days": 10}, "count": {"false_discovery_rate": rate}})
        assert trending(shop(), config).items.tolist() == [NEWLY_LIKED] * claimed


def test_nothing_is_trending_in_orders_without_times() -> None:
    assert trending(shop().with_file_order_as_time(), CONFIG).items.tolist() == []


@pytest.mark.parametrize("days", [1, 100, 366])
def test_nothing_is_trending_where_nothing_went_before(days: int) -> None:
    baskets = baskets_of([[0, 1]] * 20, days=[5.0] * 20)

    found = trending(baskets, with_values({"backtest": {"trending_days": days}}))

    assert [len(array) for array in found] == [0, 0, 0, 0]


@pytest.mark.parametrize("seed", range(10))
def test_luck_alone_is_hardly_ever_a_trend(seed: int) -> None:
    """200 items of which each line is one at random, the last 28 of 120 days: 35 stand a deviation above on average."""
    rng = np.random.default_rng(seed)
    orders = [np.unique(rng.integers(200, size=6)).tolist() for _ in range(2400)]

    assert len(trending(baskets_of(orders, days=[order / 20 for order in range(2400)]), Config()).items) <= 1


@given(st.integers(0, 60), st.integers(1, 60), st.floats(0.001, 0.999))
def test_the_chance_is_the_binomial_tail(earlier: int, recent: int, share: float) -> None:
    found = luck_of_trends(np.array([earlier]), np.array([recent]), share)[0]

    assert found == pytest.approx(stats.binom.sf(recent - 1, earlier + recent, share), rel=1e-9)
