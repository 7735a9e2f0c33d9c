"""Metrics of rules: their bounds, their limits, and the same answers as mlxtend and scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mining_oracle import matrix_of, shop
from mlxtend.frequent_patterns import association_rules as their_rules
from mlxtend.frequent_patterns import fpgrowth
from scipy import stats

from recommender.evidence import wilson_interval
from training.rule_metrics import METRICS, conviction, llr, rule_metrics, wilson

pd = pytest.importorskip("pandas")


@st.composite
def tables(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """Counts that can be: both, antecedent, consequent, baskets."""
    baskets = draw(st.integers(1, 10**6))
    antecedent, consequent = draw(st.integers(1, baskets)), draw(st.integers(1, baskets))
    both = draw(st.integers(max(0, antecedent + consequent - baskets), min(antecedent, consequent)))
    return both, antecedent, consequent, baskets


@given(tables())
def test_bounds(table: tuple[int, int, int, int]) -> None:
    metrics = {name: float(value) for name, value in vars(rule_metrics(*table)).items()}

    for name in ("support", "confidence", "confidence_low", "confidence_high", "cosine", "jaccard"):
        assert 0 <= metrics[name] <= 1 + 1e-12
    assert metrics["confidence_low"] <= metrics["confidence"] <= metrics["confidence_high"]
    assert metrics["lift"] >= 0
    assert -0.25 - 1e-12 <= metrics["leverage"] <= 0.25 + 1e-12
    assert metrics["conviction"] >= 0
    assert metrics["llr"] >= 0
    assert not any(math.isnan(value) for value in metrics.values())
    assert [name for name, value in metrics.items() if math.isinf(value)] in ([], ["conviction"])


@given(tables())
def test_the_interval_is_the_one_that_shoppers_see(table: tuple[int, int, int, int]) -> None:
    both, antecedent, *_ = table
    low, high = wilson(both, antecedent)

    assert (float(low), float(high)) == pytest.approx(wilson_interval(both, antecedent), abs=1e-12)


@given(tables())
def test_the_interval_is_scipy_s(table: tuple[int, int, int, int]) -> None:
    both, antecedent, *_ = table
    low, high = wilson(both, antecedent)

    theirs = stats.binomtest(both, antecedent).proportion_ci(method="wilson")
    assert (float(low), float(high)) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


@given(tables())
def test_independence_and_direction_agree(table: tuple[int, int, int, int]) -> None:
    both, antecedent, consequent, baskets = table
    metrics = rule_metrics(*table)
    surplus = both * baskets - antecedent * consequent

    assert np.sign(float(metrics.lift) - 1) == np.sign(surplus) or abs(float(metrics.lift) - 1) < 1e-9
    if surplus == 0:
        assert float(metrics.llr) == pytest.approx(0, abs=1e-6)
        assert float(metrics.leverage) == pytest.approx(0, abs=1e-12)


@given(tables())
def test_symmetric_metrics_do_not_know_a_direction(table: tuple[int, int, int, int]) -> None:
    both, antecedent, consequent, baskets = table
    there, back = rule_metrics(*table), rule_metrics(both, consequent, antecedent, baskets)

    for name in ("support", "lift", "leverage", "cosine", "jaccard", "llr"):
        assert float(getattr(there, name)) == pytest.approx(float(getattr(back, name)), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("table", [(5, 9, 12, 40), (1, 2, 3, 100), (30, 40, 50, 70)])
def test_llr_is_scipy_s_log_likelihood_ratio(table: tuple[int, int, int, int]) -> None:
    both, a, c, n = table
    observed = [[both, a - both], [c - both, n - a - c + both]]

    assert float(llr(*table)) == pytest.approx(
        stats.chi2_contingency(observed, correction=False, lambda_="log-likelihood").statistic
    )


def test_conviction_where_no_basket_breaks_the_rule() -> None:
    assert conviction([3, 3, 4], [3, 3, 4], [3, 10, 10], [10, 10, 10]).tolist() == [math.inf] * 3
    assert conviction(2, 4, 10, 10) == 0


def test_numbers_arrays_and_broadcasting_give_the_same() -> None:
    whole = rule_metrics(np.array([2, 3]), np.array([4, 6]), np.array([5, 5]), 20)

    for place, (both, antecedent) in enumerate([(2, 4), (3, 6)]):
        one = rule_metrics(both, antecedent, 5, 20)
        for name in METRICS:
            assert getattr(whole, name)[place] == pytest.approx(float(getattr(one, name)), rel=1e-15)
            assert getattr(whole, name).dtype == np.float64
    assert rule_metrics([], [], [], 20).llr.shape == (0,)


def test_the_same_numbers_as_mlxtend() -> None:
    matrix = matrix_of(shop(3, 400, 12), 12)
    frame = pd.DataFrame(matrix.toarray().astype(bool))
    theirs = their_rules(fpgrowth(frame, min_support=0.05), num_itemsets=400, metric="support", min_threshold=0.0)
    counts = [np.rint(theirs[name] * 400) for name in ("support", "antecedent support", "consequent support")]

    ours = rule_metrics(*counts, 400)

    for name in ("support", "confidence", "lift", "leverage", "conviction", "jaccard"):
        assert getattr(ours, name) == pytest.approx(theirs[name].to_numpy(), rel=1e-9, abs=1e-12)
