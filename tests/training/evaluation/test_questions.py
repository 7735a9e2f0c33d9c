"""Where windows begin and end, and that a question shows nothing of what it asks for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from training.baskets import Baskets
from training.evaluation.questions import PROTOCOLS, Later, next_added, next_order, one_hidden, second_half
from training.evaluation.windows import Windows, windows

DAY = 86_400


def later(baskets: Baskets, start: int, most: int = 100) -> Later:
    known = np.zeros(len(baskets.item_ids), np.bool_)
    known[baskets.items[: baskets.offsets[start]]] = True
    return Later(baskets, start, len(baskets), known, most, seed=0)


def test_windows_begin_between_days(make_baskets: Callable[..., Baskets]) -> None:
    days = [order // 7 for order in range(10_000)]
    baskets = make_baskets([[0, 1]] * 10_000, days=[float(day) for day in days])

    found = windows(baskets, 0.1)

    assert found == Windows(tuning=found.tuning, reported=found.reported, end=10_000)
    for border, exact in ((found.reported, 9000), (found.tuning, int(found.reported * 0.9))):
        assert days[border - 1] < days[border]
        assert 0 <= exact - border < 7


def test_no_order_of_a_later_window_is_older(make_baskets: Callable[..., Baskets]) -> None:
    baskets = make_baskets([[0, 1]] * 4000)

    found = windows(baskets, 0.1)

    assert 0 < found.tuning < found.reported < found.end
    assert baskets.times[found.tuning - 1] < baskets.times[found.tuning]
    assert baskets.times[found.reported - 1] < baskets.times[found.reported]


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
def test_questions_come_from_their_window_alone(make_baskets: Callable[..., Baskets], protocol: str) -> None:
    random = np.random.default_rng(1)
    orders = [random.choice(12, size=5, replace=False).tolist() for _ in range(60)]
    baskets = make_baskets(orders, items=12, has_line_order=True, customers=[order % 5 for order in range(60)])

    questions = PROTOCOLS[protocol](later(baskets, 50))

    assert len(questions)
    assert questions.orders.min() >= 50
    assert (questions.times >= 50 * DAY).all()
    for cart in range(len(questions)):
        wanted = questions.wanted[questions.wanted_offsets[cart] : questions.wanted_offsets[cart + 1]]
        assert not set(wanted.tolist()) & set(questions.cart(cart).tolist())
        assert set(wanted.tolist()) | set(questions.cart(cart).tolist()) <= set(orders[questions.orders[cart]])


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
def test_items_unknown_before_the_window_take_no_part(make_baskets: Callable[..., Baskets], protocol: str) -> None:
    orders = [[0, 1, 2], [0, 1, 9], [9, 8], [8]]
    baskets = make_baskets(orders, items=10, has_line_order=True, customers=[0, 0, 0, 0])

    questions = PROTOCOLS[protocol](later(baskets, 1))

    assert set(questions.orders.tolist()) == {1}
    assert not {8, 9} & set(np.concatenate([questions.shown, questions.wanted]).tolist())


def test_the_next_item_follows_a_growing_cart(make_baskets: Callable[..., Baskets]) -> None:
    baskets = make_baskets([[0, 1, 2, 3], [3, 1, 0, 2]], has_line_order=True)

    questions = next_added(later(baskets, 1))

    assert [questions.cart(cart).tolist() for cart in range(3)] == [[3], [3, 1], [3, 1, 0]]
    assert questions.wanted.tolist() == [1, 0, 2]


def test_four_steps_of_an_order_at_most(make_baskets: Callable[..., Baskets]) -> None:
    baskets = make_baskets([list(range(9)), list(range(9))], has_line_order=True)

    assert len(next_added(later(baskets, 1))) == 4


def test_the_second_half_keeps_the_order_of_adding(make_baskets: Callable[..., Baskets]) -> None:
    baskets = make_baskets([[0, 1, 2, 3, 4], [4, 2, 0, 3, 1]], has_line_order=True)

    questions = second_half(later(baskets, 1))

    assert questions.cart(0).tolist() == [4, 2, 0]
    assert questions.wanted.tolist() == [3, 1]


def test_groups_are_customers_and_else_orders(make_baskets: Callable[..., Baskets]) -> None:
    baskets = make_baskets([[0, 1]] * 5, customers=[0, 1, 1, -1, -1])

    questions = one_hidden(later(baskets, 1))

    groups = dict(zip(questions.orders.tolist(), questions.groups.tolist(), strict=True))
    assert groups[1] == groups[2] == 1
    assert len({groups[2], groups[3], groups[4]}) == 3
    assert questions.anonymous().customers.tolist() == [-1] * 4
    assert questions.anonymous().groups.tolist() == questions.groups.tolist()


def test_prices_are_those_of_the_wanted_lines(make_baskets: Callable[..., Baskets]) -> None:
    baskets = make_baskets([[0, 1, 2], [2, 0, 1]], prices={0: 1.0, 1: 2.0, 2: 3.0})

    questions = second_half(later(baskets, 1))

    assert questions.prices.tolist() == [questions.wanted[0] + 1.0]


def test_no_more_than_asked_for(make_baskets: Callable[..., Baskets]) -> None:
    baskets = make_baskets([[0, 1, 2]] * 30, has_line_order=True, customers=[order % 10 for order in range(30)])

    for protocol, make in PROTOCOLS.items():
        assert len(make(later(baskets, 10, most=7))) == 7, protocol


def test_the_next_order_is_the_first_of_a_customer_who_ordered_before(make_baskets: Callable[..., Baskets]) -> None:
    """Customer 0 comes back twice and 2 for the first time; nobody knows who 4 is; 1 takes only what is new."""
    orders = [[0, 1], [1, 2], [2, 3], [1, 9], [3], [0], [2], [8, 9]]
    baskets = make_baskets(orders, items=10, customers=[0, 1, 3, 0, 2, 0, -1, 1])

    questions = next_order(later(baskets, 3))

    assert questions.orders.tolist() == [3]
    assert questions.cart(0).tolist() == []
    assert questions.wanted.tolist() == [1]
    assert questions.customers.tolist() == [0]
