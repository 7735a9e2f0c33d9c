"""The ranking of a cart: in order, the same in every thread and at every turn, as large as a cart needs it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from generated_models import customers_of, models
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tiny_shop import (
    BREAD,
    BUTTER,
    COFFEE,
    JAM,
    MILK,
    WINE,
    chances,
    logit,
    order_time,
    score,
    tiny_customers,
    tiny_model,
    tiny_ranker,
)

from recommender.model import Model
from recommender.ranker.network import Network, logits, probabilities, squashed
from recommender.ranker.rank import Ranker
from recommender.ranker.shop import branches, past_of, shop_of
from recommender.ranker.signals import BLEND, BLEND_BIAS, BLEND_SCALES, BLEND_WEIGHTS, COLUMN, SIGNALS

AFTERWARDS = order_time(12) + 1
UNSHRUNK = [Phase.explicit, Phase.reuse, Phase.generate]  # a whole model shrinks for minutes


def ranker_of(model: Model) -> Ranker:
    return Ranker(shop_of(model), past_of(tiny_customers()), model.ranker)


def cart(*items: int) -> np.ndarray:
    return np.array(items, np.int32)


def test_scores_and_probabilities_by_hand() -> None:
    """Bread: butter ⅝, jam and milk ¼ (jam is rarer), coffee ⅛, wine 0."""
    found = ranker_of(tiny_model()).rank(cart(BREAD), -1, AFTERWARDS)
    assert found.rows.tolist() == [BUTTER, JAM, MILK, COFFEE, WINE]
    cosines = [0.625, 0.25, 0.25, 0.125, 0]
    assert found.scores.tolist() == pytest.approx([score(*both) for both in zip(found.rows, cosines, strict=True)])
    assert found.probabilities.tolist() == pytest.approx(chances(map(logit, cosines)))


def test_a_network_corrects_the_blend() -> None:
    """One hidden unit that passes log_share on, squashed: the rarer an item, the lower; (x ÷ (|x| + 1)) · 10."""
    model = tiny_model()
    first = np.zeros((len(SIGNALS), 1), np.float32)
    first[COLUMN["log_share"]] = 1
    network = Network(
        scales=np.ones(len(SIGNALS), np.float32),
        first=first,
        first_bias=np.ones(1, np.float32),
        second=np.ones((1, 1), np.float32),
        second_bias=np.zeros(1, np.float32),
        last=np.full(1, 10, np.float32),
        last_bias=np.full(1, -3, np.float32),
    )
    weights = replace(model.ranker, network=network, spread=np.zeros(1, np.float32))
    found = Ranker(shop_of(model), past_of(None), weights).rank(cart(BREAD), -1, AFTERWARDS)
    assert found.rows.tolist() == [BUTTER, MILK, JAM, COFFEE, WINE]
    half, rare = np.log(0.5), np.log(2.5 / 13)
    expected = [
        logit(cosine) + 10 * (share / (1 - share) + 1) - 3
        for cosine, share in ((0.625, half), (0.25, half), (0.25, rare), (0.125, rare), (0, rare))
    ]
    assert found.scores.tolist() == pytest.approx(expected, rel=1e-5)


@settings(max_examples=60, phases=UNSHRUNK)
@given(models(), st.data())
def test_any_ranking(model: Model, data: st.DataObject) -> None:
    """Scores fall, equal ones by row; nothing of the cart; probabilities leave something for all other items."""
    customers = data.draw(customers_of(model))
    items = len(model.catalog)
    some = sorted(data.draw(st.sets(st.integers(0, items - 1)))) if items else []
    customer = data.draw(st.integers(-1, len(customers) - 1))
    ranker = Ranker(shop_of(model), past_of(customers), model.ranker)
    first, again = (ranker.rank(cart(*some), customer, 10**9) for _ in range(2))
    assert len(first.rows) <= model.ranker.breadth[0]
    assert len(set(first.rows.tolist()) | set(some)) == len(first.rows) + len(some)
    for before, after in pairwise(zip(first.scores.tolist(), first.rows.tolist(), strict=True)):
        assert before[0] > after[0] or (before[0] == after[0] and before[1] < after[1])
    assert np.isfinite(first.scores).all()
    assert float(first.probabilities.sum()) <= 1 + 1e-12
    assert first.rows.tolist() == again.rows.tolist()
    np.testing.assert_array_equal(first.scores, again.scores)


def test_threads_do_not_disturb_each_other() -> None:
    ranker = ranker_of(tiny_model())
    questions = [(cart(*sorted({place % 8, place % 5})), place % 4 - 1) for place in range(400)]
    for asked in (ranker.rank, ranker.score):  # the one keeps the interpreter's lock, the other lets go of it
        expected = [asked(items, customer, AFTERWARDS) for items, customer in questions]
        with ThreadPoolExecutor(2) as threads:
            found = list(threads.map(lambda question, asked=asked: asked(*question, AFTERWARDS), questions))
        for one, other in zip(found, expected, strict=True):
            for array, expected_array in zip(one, other, strict=True):
                np.testing.assert_array_equal(array, expected_array)


def test_a_ranking_stays_as_it_is_when_the_next_cart_comes() -> None:
    ranker = ranker_of(tiny_model())
    first = ranker.rank(cart(BREAD), -1, AFTERWARDS)
    rows, scores = first.rows.tolist(), first.scores.tolist()
    ranker.rank(cart(MILK), 0, AFTERWARDS)
    assert (first.rows.tolist(), first.scores.tolist()) == (rows, scores)


def test_few_candidates_pass_to_the_network() -> None:
    model = tiny_model()
    weights = replace(tiny_ranker(), breadth=np.array([2, 250, 4000], np.int32))
    found = Ranker(shop_of(model), past_of(None), weights).rank(cart(BREAD), -1, AFTERWARDS)
    assert found.rows.tolist() == [BUTTER, JAM]


def test_squashing() -> None:
    """The sign stays; a scale is what half of 1 is reached at."""
    signals = np.array([[-2.0, 0.0, 2.0]], np.float32)
    assert squashed(signals, np.full(3, 2, np.float32)).tolist() == [[-0.5, 0, 0.5]]


def test_logits_against_plain_arithmetic() -> None:
    random = np.random.default_rng(0)
    network = Network(*(random.normal(0, 1, shape).astype(np.float32) for shape in [3, (3, 9), 9, (9, 2), 2, 2, 1]))
    network = network._replace(scales=np.abs(network.scales))
    signals, blend = random.normal(0, 1, (5, 3)).astype(np.float32), random.normal(0, 1, 5).astype(np.float32)
    for row, told in enumerate(logits(network, np.vstack([signals.T, blend]), 3, 5)):
        values = [x / (abs(x) + scale) for x, scale in zip(signals[row], network.scales, strict=True)]
        for matrix, bias in ((network.first, network.first_bias), (network.second, network.second_bias)):
            sums = [sum(v * w for v, w in zip(values, column, strict=True)) for column in matrix.T]
            values = [max(s + b, 0.05 * (s + b)) for s, b in zip(sums, bias, strict=True)]
        last = sum(v * w for v, w in zip(values, network.last, strict=True)) + network.last_bias[0]
        assert told == pytest.approx(last + blend[row], rel=1e-4)


def test_probabilities_of_any_logits() -> None:
    assert probabilities(np.empty(0, np.float32)).tolist() == []
    assert probabilities(np.log(np.array([1, 2], np.float32))).tolist() == pytest.approx([1 / 4, 2 / 4])
    far = probabilities(np.array([1e6, -1e6], np.float32))
    assert far.tolist() == [1, 0]
    assert probabilities(np.full(3, -1e6, np.float32)).tolist() == [0, 0, 0]


def test_branches_of_categories() -> None:
    """Drinks, Food, Food > Bakery, Food > Dairy, Services: the second level, or the first where there is no more."""
    assert branches(tiny_model().catalog).tolist() == [2, 3, 0, 4, 1, 3, 0, -1]
    catalog = tiny_model().catalog
    deep = replace(
        catalog,
        category_parent=np.array([-1, 0, 1, 2, 3], np.int32),
        item_category=np.array([0, 1, 2, 3, 4, -1, 0, 4], np.int32),
    )
    assert branches(deep).tolist() == [0, 1, 1, 1, 1, -1, 0, 1]


def test_the_documented_blend() -> None:
    assert len(BLEND_WEIGHTS) == len(BLEND) + 1
    assert BLEND_WEIGHTS[-1] == np.float32(BLEND_BIAS)
    assert (BLEND_SCALES > 0).all()
    assert {name for name, _, _ in BLEND} - {"share_relative"} <= set(SIGNALS)
    assert len(set(SIGNALS)) == len(SIGNALS)
    assert SIGNALS[-1] == "blend"
