"""A thousand random policies, each asked for a random cart: what the policy promises holds on every answer."""

from functools import cache

import numpy as np
import pytest
from counted_shop import counted_model
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from planted_shop import planted
from policy_oracle import Promises, Request
from random_policies import policies, requests, text_of

from recommender import Recommender
from recommender.attributes import Attributes
from recommender.catalog import Catalog
from recommender.merchandising.read import parse_policy
from recommender.strings import StringColumn

BASKETS = planted(300)


def catalog() -> Catalog:
    """Thirty items with something missing everywhere: prices, brands, categories, stock, groups, attributes."""
    items = len(BASKETS.item_ids)
    rows = np.arange(items)
    random = np.random.default_rng(7)
    some = random.random((4, items)) < 0.15
    return Catalog(
        item_ids=StringColumn.of(BASKETS.item_ids),
        titles=StringColumn.of(["" if row % 5 == 0 else f"Item {row}" for row in rows]),
        item_category=np.where(some[0], -1, (rows % 6)).astype(np.int32),
        categories=StringColumn.of(["A", "A > B", "A > B > C", "A > D", "E", "E > F"]),
        category_parent=np.array([-1, 0, 1, 0, -1, 4], np.int32),
        item_brand=np.where(some[1], -1, rows % 4).astype(np.int32),
        brands=StringColumn.of(["Acme", "Best", "Core", "Duo"]),
        item_group=np.where(rows < 12, rows // 3, -1).astype(np.int32),
        price=np.where(some[2], np.nan, np.round(random.gamma(2, 2, items), 2) * (rows % 11 != 3)),
        cost=np.where(some[3], np.nan, 1.0),
        stock=np.where(rows % 3 == 0, np.nan, (rows * 7 % 13).astype(float)),
        active=(rows % 10 != 4).astype(np.uint8),
        service=(rows % 9 == 8).astype(np.uint8),
        return_rate=np.zeros(items, np.float32),
        listed=np.ones(items, np.uint8),
        attributes=Attributes.of(
            BASKETS.item_ids,
            {
                "organic": ["yes" if row % 2 else "" for row in rows],
                "grams": [str(row * 50) for row in rows],
            },
        ),
    )


CATALOG = catalog()


@cache
def shop() -> Recommender:
    return Recommender(counted_model(BASKETS, CATALOG))


def answered(shop: Recommender, request: Request):
    return shop.answer(
        request.items,
        placement=request.placement,
        k=request.k,
        exclude=request.exclude,
        context=request.context,
        filter=request.filter,
        at=request.at,
    )


@pytest.mark.parametrize("quarter", range(4))  # each may run beside the others, and ends in time on a busy machine
@given(told=policies(CATALOG), asked=st.lists(requests(CATALOG), min_size=1, max_size=2))
@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
def test_every_promise_of_a_random_policy_holds_on_every_answer(quarter, told, asked):
    bound = shop().with_policy(parse_policy(text_of(told).encode()))
    assert all(isinstance(remark, str) for remark in bound.remarks())
    for request in asked:
        Promises(told, CATALOG, request).check(answered(bound, request))
