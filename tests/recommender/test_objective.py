"""What an order serves: the lift of what earns, its bounds, and the answers of the tiny shop."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_shop import BREAD, BUTTER, COFFEE, JAM, MILK, logit, score, tiny_catalog, tiny_customers, tiny_model

from recommender.engine import Recommender
from recommender.errors import UsageError
from recommender.objective import LEAST_SHARE, OBJECTIVES, WINDOW, in_order_of_gain, log_factors
from recommender.placements import Link

STRENGTHS = np.array([0.5, 2.0], np.float32)
SHOP = Recommender(replace(tiny_model(), strengths=STRENGTHS), tiny_customers())


def ranked(rows, chances) -> Link:
    chances = np.array(chances, np.float64)
    return Link("ranker", np.array(rows, np.int32), np.log(chances), probabilities=chances)


def test_the_factor_by_hand():
    assert log_factors(np.array([4.0, np.nan]), 0.5).tolist() == [math.log(3), 0.0]
    assert log_factors(np.array([-1e9]), 1.0).tolist() == [math.log(0.05)]  # never to nothing, and never undefined


def test_places_go_by_probability_times_gain():
    """.3 · 1 = .3, .2 · 3 = .6, .1 · 5 = .5"""
    served = in_order_of_gain(ranked([7, 8, 9], [0.3, 0.2, 0.1]), np.log([1.0] * 8 + [3.0, 5.0]), k=3)
    assert served.rows.tolist() == [8, 9, 7]
    assert served.probabilities.tolist() == pytest.approx([0.2, 0.1, 0.3])
    assert np.exp(served.scores).tolist() == pytest.approx([0.6, 0.5, 0.3])


def test_an_irrelevant_dear_item_is_never_lifted():
    """Below a fifth of the last place asked for, .3 · .2 = .06, a thousandfold gain moves nothing."""
    link = ranked([0, 1, 2], [0.4, 0.3, 0.059])
    dear = np.log([1.0, 1.0, 1000.0])
    assert in_order_of_gain(link, dear, k=2).rows.tolist() == [0, 1, 2]
    assert in_order_of_gain(link, dear, k=3).rows.tolist() == [2, 0, 1]
    assert in_order_of_gain(link, dear, k=3, relevance_floor=0.2).rows.tolist() == [0, 1, 2]


def test_only_the_likeliest_candidates_move():
    rows, chances = np.arange(WINDOW + 1), np.full(WINDOW + 1, 0.001)
    gains = np.zeros(WINDOW + 1)
    gains[[WINDOW - 1, WINDOW]] = 5.0
    served = in_order_of_gain(ranked(rows, chances), gains, k=10)
    assert served.rows[0] == WINDOW - 1
    assert served.rows[-1] == WINDOW


def test_what_shows_more_of_the_catalog_gives_way_to_the_probability():
    """A list whose order by score put .2 before .3, to spread: money goes by the probability."""
    link = replace(ranked([7, 8, 9], [0.2, 0.3, 0.1]), scores=np.array([3.0, 2.0, 1.0]))
    served = in_order_of_gain(link, np.zeros(10), k=3)
    assert served.rows.tolist() == [8, 7, 9]
    assert np.exp(served.scores).tolist() == pytest.approx([0.3, 0.2, 0.1])


@given(st.data())
def test_every_candidate_stays_once_with_its_own_probability(data):
    n = data.draw(st.integers(1, 2 * WINDOW))
    chances = sorted(data.draw(st.lists(st.floats(1e-9, 1), min_size=n, max_size=n)), reverse=True)
    factors = np.array(data.draw(st.lists(st.floats(-3, 9), min_size=n, max_size=n)))
    k, floor = data.draw(st.integers(1, 100)), data.draw(st.floats(0, 1))
    served = in_order_of_gain(ranked(range(n), chances), factors, k, floor)
    assert sorted(served.rows.tolist()) == list(range(n))
    assert served.probabilities.tolist() == [chances[row] for row in served.rows]
    assert (np.diff(served.scores) <= 0).all()
    lifted = served.scores > -50
    assert all(chances[row] >= LEAST_SHARE * chances[min(k, n, WINDOW) - 1] for row in served.rows[lifted])


def test_an_answer_that_serves_revenue_or_profit():
    """Beside bread: butter's logit is that of ⅝, milk's of ¼, coffee's of ⅛; jam is not in stock.

    Butter brings 3.00 of revenue and 1.00 of profit, milk 1.50 and .50, coffee, a quarter of which comes back, 6 and
    2.25, wine has no price. At ½ for revenue they count 2.5, 1.75, 4 and 1; at 2 for profit 3, 2, 5.5 and 1. A score
    that serves money is the logarithm of the probability times that, whatever shows more of the catalog.
    """
    likely = {s.item_id: s.probability for s in SHOP.answer(["bread"]).suggestions}
    by_hand = {
        "probability": (1, 1, 1),
        "revenue": (2.5, 1.75, 4),
        "profit": (3, 2, 5.5),
    }
    for objective in OBJECTIVES:
        scores = {
            name: (score(row, cosines) if objective == "probability" else math.log(likely[name])) + math.log(factor)
            for (name, row, cosines), factor in zip(
                (("butter", BUTTER, 0.625), ("milk", MILK, 0.25), ("coffee", COFFEE, 0.125)),
                by_hand[objective],
                strict=True,
            )
        }
        answer = SHOP.answer(["bread"], objective=objective)
        found = {s.item_id: s.score for s in answer.suggestions if s.item_id in scores}
        assert found == pytest.approx(scores)
        assert [s.item_id for s in answer.suggestions if s.item_id in scores] == sorted(
            scores, key=lambda i: -scores[i]
        )
    assert SHOP.answer(["bread"], objective="profit").suggestions[0].item_id == "coffee"
    assert logit(0.625) > logit(0.125)


def test_no_objective_is_probability_and_a_wrong_one_is_told():
    assert SHOP.answer(["bread"]) == SHOP.answer(["bread"], objective="probability")
    assert SHOP.answer(["bread"]) == Recommender(tiny_model(), tiny_customers()).answer(["bread"], objective="profit")
    with pytest.raises(
        UsageError, match=r"objective 'margin': no such objective; there are probability, revenue, prof"
    ):
        SHOP.answer(["bread"], objective="margin")


def test_what_loses_money_goes_down_and_what_has_no_price_stays():
    catalog = tiny_catalog()
    cost = catalog.cost.copy()
    cost[BUTTER] = 50.0
    shop = Recommender(SHOP.model, tiny_customers(), replace(catalog, cost=cost))
    shown = [s.item_id for s in shop.answer(["bread"], objective="profit").suggestions]
    assert shown.index("butter") > shown.index("milk")
    nothing = replace(catalog, price=np.full(8, np.nan))
    without = Recommender(SHOP.model, tiny_customers(), nothing)
    assert [s.item_id for s in without.answer(["bread"], objective="profit").suggestions] == [
        s.item_id for s in without.answer(["bread"]).suggestions
    ]


@pytest.mark.parametrize("placement", ["bought-together", "cross-sell", "add-on", "similar", "trending"])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_every_placement_shows_the_same_kinds_of_reasons_whatever_it_serves(placement, objective):
    plain = SHOP.answer(["bread", "jam"], placement=placement, k=100)
    served = SHOP.answer(["bread", "jam"], placement=placement, k=100, objective=objective)
    assert {(s.item_id, s.reason) for s in served.suggestions} == {(s.item_id, s.reason) for s in plain.suggestions}
    assert {BREAD, JAM}.isdisjoint({SHOP.catalog.row(s.item_id) for s in served.suggestions})
