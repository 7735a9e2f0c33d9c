import numpy as np
import pytest
from encoder_shop import ITEMS, baskets_of
from hypothesis import given
from hypothesis import strategies as st

from recommender.ranker.encoder import PAST_LINES
from training.ranker.encoder_batches import batch_of, lines_of

orders = st.lists(
    st.tuples(st.integers(-1, 2), st.lists(st.integers(0, ITEMS - 1), min_size=1, max_size=6, unique=True)), max_size=12
)


def test_what_came_before_each_order():
    lines = lines_of(baskets_of([(1, [0, 1]), (0, [2, 3]), (1, [4]), (-1, [5, 6]), (1, [7, 8, 9])]))
    before = [
        lines.by_customer[start:stop].tolist() for start, stop in zip(lines.past_start, lines.past_stop, strict=True)
    ]
    assert before == [[], [], [0, 1], [], [0, 1, 4]]
    assert lines.orders.tolist() == [0, 1, 3, 4]


def test_only_the_last_lines_count():
    many = [(0, [order % ITEMS]) for order in range(PAST_LINES + 5)]
    lines = lines_of(baskets_of([*many, (0, [1, 2])]))
    before = lines.by_customer[lines.past_start[-1] : lines.past_stop[-1]]
    assert before.tolist() == [order % ITEMS for order in range(5, PAST_LINES + 5)]


@given(orders, st.integers(0, 9))
def test_each_order_is_shown_in_part_and_hidden_in_part(of_customers: list, seed: int):
    lines = lines_of(baskets_of(of_customers))
    batch = batch_of(lines, lines.orders, np.random.default_rng(seed))
    assert batch.carts == len(lines.orders)
    for row, order in enumerate(lines.orders):
        customer, items = of_customers[order]
        shown = batch.shown[batch.shown_offsets[row] : batch.shown_offsets[row + 1]].tolist()
        hidden = batch.hidden[batch.hidden_offsets[row] : batch.hidden_offsets[row + 1]].tolist()
        assert shown
        assert hidden
        assert sorted(shown + hidden) == sorted(items)
        past = batch.past[batch.past_offsets[row] : batch.past_offsets[row + 1]].tolist()
        before = [item for other, items in of_customers[:order] for item in items if other == customer >= 0]
        assert past in ([], before)


def test_every_second_customer_is_forgotten_and_of_ten_lines_seven_are_shown():
    """One of two, and three quarters of the other eight."""
    lines = lines_of(baskets_of([(0, list(range(10)))] * 4001))
    batch = batch_of(lines, lines.orders[1:], np.random.default_rng(0))
    assert (np.diff(batch.past_offsets) > 0).mean() == pytest.approx(0.5, abs=0.03)
    assert np.diff(batch.shown_offsets).mean() / 10 == pytest.approx(0.7, abs=0.02)
