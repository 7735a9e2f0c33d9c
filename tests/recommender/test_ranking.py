"""One order of preference over the candidates."""

from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tiny_shop import BREAD, BUTTER, COFFEE, JAM, MILK, TEA, tiny_model

from recommender.candidates import Meetings, meetings
from recommender.ranking import by_summed_cosine, falling


def test_by_hand():
    """Bread and milk (eighths): butter 5 + 2, jam 2, milk 2, coffee 1 + 1, bread 2, delivery 2, tea 1."""
    rows, scores = by_summed_cosine(meetings(tiny_model().pairs, np.array([BREAD, MILK], np.int32)))
    assert rows.tolist() == [BUTTER, BREAD, COFFEE, 3, JAM, MILK, TEA]
    assert (scores * 8).tolist() == [7, 2, 2, 2, 2, 2, 1]
    assert (rows.dtype, scores.dtype) == (np.int32, np.float64)


def test_nothing_met():
    rows, scores = by_summed_cosine(meetings(tiny_model().pairs, np.empty(0, np.int32)))
    assert (rows.tolist(), scores.tolist(), rows.dtype, scores.dtype) == ([], [], np.int32, np.float64)


@given(st.lists(st.tuples(st.integers(0, 9), st.floats(0, 1, width=32)), max_size=40))
def test_sums_are_taken_in_the_order_of_the_cart(entries: list[tuple[int, float]]):
    rows = np.array([row for row, _ in entries], np.int32)
    scores = np.array([score for _, score in entries], np.float32)
    found = Meetings(np.zeros_like(rows), rows, np.ones_like(rows), scores, np.zeros(len(rows), np.bool_))
    sums: dict[int, float] = defaultdict(float)
    for row, score in entries:
        sums[row] += score
    ranked, summed = by_summed_cosine(found)
    expected = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    assert list(zip(ranked.tolist(), summed.tolist(), strict=True)) == expected


@given(st.lists(st.sampled_from([0.0, 0.1, 0.5, 1e-300, 1e300]) | st.floats(0, 1), max_size=300))
def test_falling_keeps_the_order_of_equals(scores: list[float]):
    assert falling(np.array(scores)).tolist() == sorted(range(len(scores)), key=lambda place: -scores[place])
