"""Two arms: worked by hand, and false alarms counted in made-up experiments without an effect."""

import math

import numpy as np
import pytest

from training.uplift.compare import difference, sequence_factor, share_mismatch


def test_worked_by_hand():
    arm, control = np.array([0.0, 4.0, 4.0, 0.0]), np.array([0.0, 2.0])
    found = difference(arm, control)
    error = math.sqrt((16 / 3) / 4 + 2 / 2)
    assert (found.arm, found.control, found.absolute, found.relative) == (2.0, 1.0, 1.0, 1.0)
    assert found.high - found.absolute == pytest.approx(1.959964 * error)
    assert found.always_high - found.absolute == pytest.approx(sequence_factor(6, 0.05) * error)
    assert found.would_be_seen == pytest.approx(2.801585 * error)
    assert found.visitors_needed == math.ceil(6 * (2.801585 * error) ** 2)


def test_nothing_is_told_of_a_share_of_nothing():
    found = difference(np.array([1.0, 2.0]), np.array([0.0, 0.0]))
    assert found.relative is None
    assert difference(np.array([1.0, 2.0]), np.array([2.0, 1.0])).visitors_needed is None


def test_the_sequence_is_wider_where_few_were_seen_and_with_more_arms():
    assert sequence_factor(100, 0.05) > sequence_factor(1_000, 0.05) > sequence_factor(10_000, 0.05) > 1.96
    assert sequence_factor(10_000, 0.025) > sequence_factor(10_000, 0.05)


def test_who_looks_every_day_is_told_of_an_effect_that_is_none_only_by_one_interval():
    """300 experiments without an effect, looked at twenty times each: heavy-tailed sales, most visitors buy nothing."""
    random = np.random.default_rng(5)
    once = always = 0
    for _ in range(300):
        sales, arm = random.standard_gamma(0.05, 10_000) * 20, random.random(10_000) < 0.5
        looks = [difference(sales[:n][arm[:n]], sales[:n][~arm[:n]]) for n in range(500, 10_001, 500)]
        once += any(found.low > 0 or found.high < 0 for found in looks)
        always += any(found.always_low > 0 or found.always_high < 0 for found in looks)
    assert once > 45
    assert always <= 15


def test_uneven_arms():
    assert share_mismatch(np.array([500, 500]), np.array([0.5, 0.5])) == 1.0
    assert share_mismatch(np.array([1000, 9000]), np.array([0.1, 0.9])) == pytest.approx(1.0)
    assert share_mismatch(np.array([4700, 5300]), np.array([0.5, 0.5])) < 1e-8
