"""The value that so many reach, against sorting them all."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.ranker.select import falling, kth_largest, rising

finite = st.floats(width=32, allow_nan=False) | st.sampled_from([0.0, 1.0, -1.0])


@given(st.lists(finite, min_size=1, max_size=60), st.data())
def test_it_is_the_kth_of_the_sorted(numbers, data):
    values, k = np.array(numbers, np.float32), data.draw(st.integers(1, len(numbers)))
    before = values.copy()
    assert kth_largest(values, k) == np.sort(values)[-k]
    np.testing.assert_array_equal(values, before)


def test_many_equal_ones_take_no_longer_than_others():
    assert kth_largest(np.zeros(200_000, np.float32), 100_000) == 0


@given(st.lists(st.sampled_from([-3.5, -0.0, 0.0, 1e-30, 2.0, 2.5]) | finite, max_size=200))
def test_falling_scores_are_in_order_and_equal_ones_as_they_came(scores: list[float]) -> None:
    values = np.array(scores, np.float32)
    assert falling(values).tolist() == np.argsort(-values, kind="stable").tolist()


@given(st.lists(st.integers(-(2**40), 2**40), unique=True, max_size=90))
def test_rising_numbers_are_in_order(numbers: list[int]) -> None:
    assert rising(np.array(numbers, np.int64)).tolist() == np.argsort(np.array(numbers, np.int64)).tolist()
