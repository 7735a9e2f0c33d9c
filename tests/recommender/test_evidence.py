"""Shares of real baskets, their interval, and the sentence that tells them."""

import copy
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.evidence import Reason, bought_with, rises, sells, wilson_interval
from training.rule_metrics import wilson


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17, table I, method 3 (score method)
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_published_intervals(count: int, of: int, low: float, high: float):
    assert wilson_interval(count, of) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_a_reason_has_its_figures_in_python_as_over_http():
    reason = bought_with("bought-together", ["bread"], ["Bread"], 81, 263, 2.0, 70)
    told = reason.as_json()
    assert reason.confidence == told["confidence"] == 81 / 263
    assert (reason.confidence_low, reason.confidence_high) == (told["confidence_low"], told["confidence_high"])
    general = Reason("bestseller", "often bought")
    assert (general.confidence, general.confidence_low, general.confidence_high) == (None, None, None)


def test_by_hand():
    """With z = 2 and 2 of 4: middle .5 + 4/8 = 1, spread 2 · √(.25/4 + 4/64) = √.5, both over 1 + 4/4 = 2."""
    assert wilson_interval(2, 4, z=2) == (
        pytest.approx((1 - math.sqrt(0.5)) / 2),
        pytest.approx((1 + math.sqrt(0.5)) / 2),
    )


def test_all_of_them():
    """k = n: middle and spread are 1 + z²/2n and z²/2n, so the low end is 1 / (1 + z²/n) and the high end 1."""
    low, high = wilson_interval(2, 2)
    assert low == pytest.approx(1 / (1 + 1.959963984540054**2 / 2))
    assert high == pytest.approx(1)
    assert high <= 1


def test_nothing_known():
    assert wilson_interval(0, 0) == (0.0, 1.0)


@given(st.integers(1, 10**9), st.data())
def test_the_interval_holds_the_share_and_agrees_with_training(of: int, data: st.DataObject):
    count = data.draw(st.integers(0, of))
    low, high = wilson_interval(count, of)
    assert 0 <= low <= count / of + 1e-15
    assert count / of - 1e-15 <= high <= 1
    theirs = tuple(float(end) for end in wilson(np.array(count), np.array(of)))
    assert (low, high) == pytest.approx(theirs, rel=1e-12, abs=1e-12)


def test_a_count_of_baskets_as_json():
    reason = bought_with("bought-together", ["7", "9"], ["Mouse", "Mat"], 212, 1940, 5.2, 180)
    value = reason.as_json()
    low, high = wilson_interval(212, 1940)
    assert value == {
        "kind": "bought-together",
        "because": ["7", "9"],
        "count": 212,
        "of": 1940,
        "confidence": 212 / 1940,
        "confidence_low": low,
        "confidence_high": high,
        "lift": 5.2,
        "customers": 180,
        "text": "212 of 1,940 baskets with Mouse and Mat had it too",
    }
    assert list(value)[-1] == "text"


def test_no_count_is_made_up():
    assert Reason("similar-baskets", "baskets like this one often held it").as_json() == {
        "kind": "similar-baskets",
        "because": [],
        "text": "baskets like this one often held it",
    }
    assert sells("bestseller", "", 0, 0, 0).as_json() == {
        "kind": "bestseller",
        "because": [],
        "customers": 0,
        "text": "a bestseller: in 0 of 0 baskets",
    }


def test_a_bestseller_has_a_share_of_all_baskets_and_no_lift():
    value = sells("category", "Audio", 80, 1200, 75).as_json()
    assert (value["count"], value["of"], value["confidence"]) == (80, 1200, 80 / 1200)
    assert "lift" not in value


def test_a_trend_is_told_in_baskets():
    assert rises(1031, 1008.4, 255).as_json() == {
        "kind": "trending",
        "because": [],
        "customers": 255,
        "text": "sold in 1,031 baskets of late where 1,008 were expected",
    }


def test_a_reason_is_told_anew_each_time():
    """Who changes what one answer says changes no other answer, though both tell the same reason."""
    reason = bought_with("bought-together", ["7"], ["Mouse"], 212, 1940, 5.2, 180)
    before = copy.deepcopy(reason.as_json())
    told = reason.as_json()
    told["because"].append("8")
    told["count"] = told["text"] = None
    assert reason.as_json() == before
    assert replace(reason, text="else").as_json() == before | {"text": "else"}
