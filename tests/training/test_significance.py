"""Claims: what is found, what is not, and what luck alone would give."""

from __future__ import annotations

import math

import numpy as np
import pytest
from counted_shop import counted_model
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_shops import baskets_of
from mining_oracle import Basket, baskets_over, count_of, matrix_of, shop
from scipy import sparse, stats

from training.common_baskets import by_item, different_customers
from training.config import CountConfig, with_values
from training.counting import BasketLines
from training.counting.customers import Buyers
from training.pairs import item_orders
from training.periods import period_borders
from training.significance import (
    Claims,
    chance_per_pair,
    claim_pairs,
    claims_within_periods,
    false_discoveries_below,
    luck,
)


def claims_of(
    matrix: sparse.csr_matrix, customers: np.ndarray | None = None, borders: np.ndarray | None = None, **settings_
) -> Claims:
    lines, config = BasketLines.of(matrix), CountConfig(**settings_)
    return claims_within_periods(claim_pairs(lines, Buyers(lines, customers), config), lines, borders, config)


def pairs_in(claims: Claims) -> list[tuple[int, int]]:
    return list(zip(claims.rows.tolist(), claims.columns.tolist(), strict=True))


def companions(seed: int = 0, together: int = 40) -> list[Basket]:
    """A shop of luck in which items 30 and 31 are bought together `together` times."""
    return shop(seed, 1500, 30) + [frozenset({30, 31}) for _ in range(together)]


def test_companions_are_claimed() -> None:
    claims = claims_of(matrix_of(companions(), 32))

    assert (30, 31) in pairs_in(claims)
    assert (claims.rows < claims.columns).all()
    assert pairs_in(claims) == sorted(pairs_in(claims))
    place = pairs_in(claims).index((30, 31))
    assert claims.counts[place] == 40
    assert claims.tested == 32 * 31 // 2


def test_the_expectation_is_the_size_aware_one() -> None:
    matrix = matrix_of(companions(), 32)
    orders, sizes = item_orders(matrix).astype(float), np.diff(matrix.indptr).astype(float)

    claims = claims_of(matrix)

    expected = orders[claims.rows] * orders[claims.columns] * (sizes * (sizes - 1)).sum() / sizes.sum() ** 2
    assert claims.expected == pytest.approx(expected)
    assert claims.p_values == pytest.approx(stats.poisson.sf(claims.counts - 1, expected), rel=1e-9)


@pytest.mark.parametrize(("alike", "other", "claimed"), [(20, 0, False), (500, 0, False), (38, 2, True)])
def test_what_is_in_every_basket_goes_with_nothing(alike: int, other: int, claimed: bool) -> None:
    """20 baskets of A and B: 10 are expected at that size, and 20 met; but 20 · 20 / 20 = 20, a lift of 1."""
    baskets = [frozenset({0, 1})] * alike + [frozenset({2, 3})] * other

    assert ((0, 1) in pairs_in(claims_of(matrix_of(baskets, 4)))) == claimed


@given(baskets_over(6, most=60))
def test_a_claim_meets_more_often_than_without_connection(baskets: list[Basket]) -> None:
    claims = claims_of(matrix_of(baskets, 6), min_item_orders=1, min_pair_count=1, false_discovery_rate=0.9)

    orders = [count_of(baskets, (item,)) for item in range(6)]
    for (row, column), count in zip(pairs_in(claims), claims.counts.tolist(), strict=True):
        assert count * len(baskets) > orders[row] * orders[column]


@pytest.mark.parametrize(
    ("setting", "value"), [("min_item_orders", 41), ("min_pair_count", 41), ("false_discovery_rate", 1e-300)]
)
def test_every_bound_can_refuse_a_claim(setting: str, value: float) -> None:
    matrix = matrix_of(companions(), 32)

    assert (30, 31) in pairs_in(claims_of(matrix))
    assert (30, 31) not in pairs_in(claims_of(matrix, **{setting: value}))


@pytest.mark.parametrize(("item_orders_", "pair_count"), [(40, 5), (20, 40)])
def test_bounds_include_their_own_value(item_orders_: int, pair_count: int) -> None:
    matrix = matrix_of(companions(), 32)

    assert (30, 31) in pairs_in(claims_of(matrix, min_item_orders=item_orders_, min_pair_count=pair_count))


@pytest.mark.parametrize(("different", "claimed"), [(1, False), (2, False), (3, True), (40, True)])
def test_a_pair_needs_three_customers(different: int, claimed: bool) -> None:
    baskets = companions()
    customers = np.concatenate([np.arange(1500), 1500 + np.arange(40) % different]).astype(np.int32)

    assert ((30, 31) in pairs_in(claims_of(matrix_of(baskets, 32), customers))) == claimed


def test_baskets_without_a_customer_are_customers_of_their_own() -> None:
    customers = np.full(1540, -1, np.int32)

    assert (30, 31) in pairs_in(claims_of(matrix_of(companions(), 32), customers))


def test_unknown_customers_do_not_matter_where_one_is_enough() -> None:
    customers = np.zeros(1540, np.int32)

    assert (30, 31) in pairs_in(claims_of(matrix_of(companions(), 32), customers, min_customers=1))


def test_customers_are_counted_as_a_naive_oracle_does() -> None:
    rng = np.random.default_rng(1)
    baskets = shop(1, 300, 12)
    customers = rng.integers(-1, 20, 300).astype(np.int32)
    pairs = [(i, j) for i in range(12) for j in range(i)]

    found = different_customers(by_item(matrix_of(baskets, 12)), np.array(pairs, np.int32), customers)

    owners = [customer if customer >= 0 else -2 - order for order, customer in enumerate(customers.tolist())]
    assert found.tolist() == [
        len({owners[order] for order, basket in enumerate(baskets) if {i, j} <= basket}) for i, j in pairs
    ]


@pytest.mark.parametrize("seed", range(5))
def test_shuffled_items_are_hardly_ever_claimed(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = rng.geometric(0.15, 3000)  # from single items to dozens
    lines = rng.choice(200, sizes.sum(), p=(1 / np.arange(1, 201)) / (1 / np.arange(1, 201)).sum())
    orders = np.repeat(np.arange(3000), sizes)
    matrix = sparse.csr_matrix((np.ones(len(lines), np.float32), (orders, lines)), shape=(3000, 200))
    matrix.sum_duplicates()

    assert len(claims_of(matrix)) <= 2


@pytest.mark.parametrize("baskets", [[], [frozenset()], [frozenset({0})], [frozenset({0, 1})]])
def test_too_little_data_claims_nothing(baskets: list[Basket]) -> None:
    claims = claims_of(matrix_of(baskets, 2), np.zeros(len(baskets), np.int32))

    assert len(claims) == 0
    assert claims.codes(2).tolist() == []


def test_a_customer_list_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="3 entries for 1,540 baskets"):
        claims_of(matrix_of(companions(), 32), np.zeros(3, np.int32))


def test_chance_of_baskets_without_a_line() -> None:
    assert chance_per_pair(np.array([], np.int64)) == 0
    assert chance_per_pair(np.array([0, 0])) == 0


def test_luck_keeps_its_precision_in_the_far_tail() -> None:
    # P(X >= 100 | 1) = e^-1 / 100! (1 + 1/101 + 1/(101 * 102) + ...)
    tail = sum(math.exp(-1 - math.lgamma(k + 1)) for k in range(100, 120))
    assert float(luck(np.array(100), np.array(1.0))) == pytest.approx(tail, rel=1e-10)
    assert 0 < tail < 1e-157


@given(st.lists(st.floats(0, 1), max_size=40), st.integers(0, 60), st.floats(0.001, 0.999))
@settings(max_examples=60)
def test_benjamini_hochberg_as_its_definition_says(p_values: list[float], unlisted: int, rate: float) -> None:
    tested = len(p_values) + unlisted
    ranked = sorted(p_values)
    largest = max((k for k in range(1, len(ranked) + 1) if ranked[k - 1] <= rate * k / tested), default=0)

    found = false_discoveries_below(np.array(p_values), tested, rate)

    assert found.sum() == largest
    assert sorted(np.array(p_values)[found]) == ranked[:largest]


def test_benjamini_hochberg_as_scipy_does() -> None:
    p_values = np.random.default_rng(0).random(200) ** 3

    assert (
        false_discoveries_below(p_values, 200, 0.1) == (stats.false_discovery_control(p_values, method="bh") <= 0.1)
    ).all()


def test_claims_within_periods_by_hand() -> None:
    """100 baskets of two, then 100 of three. Items 0 and 1 met 50 times in the first, where 50 · 50 · 200 / 200² = 12.5
    are expected; over all it is 50 · 50 · 800 / 500² = 8. Items 2 and 3 met 150 times, 12.5 + 100 · 100 · 600 / 300² =
    79.2 are expected. Item 4 is in all baskets of the second period, and so goes with nothing: 100 · 100 / 100 = 100.
    """
    baskets = [frozenset({0, 1}), frozenset({2, 3})] * 50 + [frozenset({2, 3, 4})] * 100
    matrix = matrix_of(baskets, 5)

    claims = claims_of(matrix, borders=np.array([0, 100, 200]))

    assert pairs_in(claims) == [(0, 1), (2, 3)]
    assert claims.expected.tolist() == pytest.approx([12.5, 12.5 + 200 / 3])
    assert claims.p_values.tolist() == pytest.approx(luck(np.array([50, 150]), claims.expected).tolist())
    assert pairs_in(claims_of(matrix)) == [(0, 1), (2, 3), (2, 4), (3, 4)]
    assert claims_of(matrix).expected[0] == pytest.approx(8)
    assert pairs_in(claims_of(matrix, borders=np.array([0, 200]))) == pairs_in(claims_of(matrix))


def two_seasons(seed: int, together: int = 0) -> list[Basket]:
    """1,500 baskets of 24 items, then 1,500 of 24 others, all by luck, and items 48 and 49 together all the time."""
    halves = [shop(2 * seed + half, 1500, 24) for half in (0, 1)]
    baskets = halves[0] + [frozenset(item + 24 for item in basket) for basket in halves[1]]
    for place in range(together):
        baskets[place * 3000 // together] |= {48, 49}
    return baskets


@pytest.mark.parametrize("seed", range(5))
def test_items_of_one_season_are_no_companions(seed: int) -> None:
    borders = period_borders(np.arange(3000), 120)
    companions_ = matrix_of(two_seasons(seed, together=30), 50)

    assert len(claims_of(matrix_of(two_seasons(seed), 50))) > 100
    assert pairs_in(claims_of(matrix_of(two_seasons(seed), 50), borders=borders)) == []
    assert pairs_in(claims_of(companions_, borders=borders)) == [(48, 49)]


def test_a_model_claims_within_the_periods_that_its_orders_tell() -> None:
    baskets = baskets_of([sorted(basket) for basket in two_seasons(0, together=30)], items=50)
    config = with_values({"ranker": {"encoder_items": 0}, "count": {"ease_items": 0}})

    told, untold = (counted_model(orders, config=config) for orders in (baskets, baskets.with_file_order_as_time()))

    assert told.manifest.counts["claimed_pairs"] == 1
    assert told.pairs.items[told.pairs.claimed == 1].tolist() == [49, 48]
    assert untold.manifest.counts["claimed_pairs"] > 100
    assert told.pairs.items.tolist() == untold.pairs.items.tolist(), "neighbours are those of all time"


@given(baskets_over(6, most=60), st.lists(st.integers(1, 59), max_size=4))
def test_what_is_claimed_within_periods_is_claimed_of_all_time(baskets: list[Basket], inner: list[int]) -> None:
    settings_ = {"min_item_orders": 1, "min_pair_count": 1, "false_discovery_rate": 0.4}
    borders = np.unique([0, *(border for border in inner if border < len(baskets)), len(baskets)])
    matrix = matrix_of(baskets, 6)

    assert set(pairs_in(claims_of(matrix, borders=borders, **settings_))) <= set(
        pairs_in(claims_of(matrix, **settings_))
    )
