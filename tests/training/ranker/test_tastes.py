"""What goes with a whole history, against summing it up the slow and obvious way."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from generated_models import customers_of, models
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tiny_shop import BREAD, BUTTER, JAM, MILK, tiny_customers, tiny_model

from recommender.customers import Customers
from recommender.model import Model
from recommender.ranker.shop import past_of, shop_of
from training.ranker.tastes import KEPT, tastes

UNSHRUNK = [Phase.explicit, Phase.reuse, Phase.generate]  # a whole model shrinks for minutes


def liked(model: Model, customers: Customers, customer: int) -> dict[int, float]:
    """The sum of cosines of every item from the items of a history, pairs that met once left out."""
    orders: list[list[int]] = []
    for line in range(customers.offsets[customer], customers.offsets[customer + 1]):
        orders += [[]] if customers.opens_order[line] else []
        orders[-1].append(int(customers.items[line]))
    weights: dict[int, float] = defaultdict(float)
    for since, order in enumerate(reversed(orders)):
        for item in order:
            weights[item] += 1 / (1 + 0.1 * since)
    pairs = model.pairs
    sums: dict[int, float] = defaultdict(float)
    for item, weight in weights.items():
        for entry in range(pairs.offsets[item], pairs.offsets[item + 1]):
            other, both = int(pairs.items[entry]), int(pairs.counts[entry])
            cosine = float(pairs.scores[entry])
            if both > 1 and cosine > 0:
                sums[other] += sqrt(weight) * cosine
    return {item: value / sqrt(len(weights)) for item, value in sums.items()}


@settings(max_examples=100, phases=UNSHRUNK)
@given(models(), st.data())
def test_sums_of_a_naive_oracle(model: Model, data: st.DataObject) -> None:
    customers = data.draw(customers_of(model))
    found = tastes(shop_of(model), past_of(customers))
    for customer in range(len(customers)):
        part = slice(found.offsets[customer], found.offsets[customer + 1])
        told = dict(zip(found.items[part].tolist(), found.scores[part].tolist(), strict=True))
        assert told == pytest.approx(liked(model, customers, customer), rel=1e-5)
        assert found.scores[part].tolist() == sorted(told.values(), reverse=True)


def test_anns_taste_by_hand() -> None:
    """Ann's bread weighs 1 + 1/1.1, milk 1, butter and jam 1/1.1 each; the root of each times eighths or quarters."""
    found = tastes(shop_of(tiny_model()), past_of(tiny_customers()))
    told = dict(zip(found.items[: found.offsets[1]].tolist(), found.scores[: found.offsets[1]].tolist(), strict=True))
    bread, milk, other = sqrt(1 + 1 / 1.1), 1.0, sqrt(1 / 1.1)
    assert told[BREAD] == pytest.approx((other * 5 / 8 + other * 2 / 4 + milk * 2 / 8) / 2)
    assert told[JAM] == pytest.approx((bread * 2 / 8 + other * 2 / 8) / 2)
    assert told[BUTTER] == pytest.approx((bread * 5 / 8 + other * 2 / 4 + milk * 2 / 8) / 2)
    assert MILK in told


def test_no_more_than_are_kept() -> None:
    """One item that met a hundred others, each twice; equal ones in the order of its neighbours."""
    items = 101
    shop = shop_of(tiny_model())._replace(
        item_orders=np.full(items, 4, np.int32),
        pair_offsets=np.array([0, *[100] * items], np.int64),
        pair_items=np.arange(1, items, dtype=np.int32),
        pair_counts=np.full(100, 2, np.int32),
        pair_cosines=np.full(100, 0.25, np.float32),
    )
    customers = replace(
        tiny_customers(), items=np.zeros(9, np.int32), opens_order=np.array([1, 1, 1, 1, 1, 1, 1, 1, 1], np.uint8)
    )
    found = tastes(shop, past_of(customers))
    assert np.diff(found.offsets).tolist() == [KEPT] * 3
    assert found.items[:KEPT].tolist() == list(range(1, KEPT + 1))


def test_nobody_has_no_taste() -> None:
    found = tastes(shop_of(tiny_model()), past_of(None))
    assert (found.offsets.tolist(), len(found.items)) == ([0], 0)
