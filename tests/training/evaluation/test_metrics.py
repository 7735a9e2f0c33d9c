"""Metrics of five carts, worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from training.evaluation.lists import PLACES, Lists
from training.evaluation.metrics import Shelf, gini, hits, of_all_lists, per_cart
from training.evaluation.questions import Questions

NAN = math.nan
SHELF = Shelf(
    item_orders=np.array([8, 4, 2, 1, 1, 0, *[1] * 24]),
    baskets=16,
    prices=np.array([1.0, 2.0, 3.0, NAN, *[5.0] * 26]),
    costs=np.array([0.5, 0.5, 1.0, NAN, *[4.0] * 26]),
)


def lists_of(*rows: list[int]) -> Lists:
    return Lists(np.array([row + [-1] * (PLACES - len(row)) for row in rows], np.int32))


def wanting(*wanted: list[int], prices: list[float] | None = None) -> Questions:
    items = np.array([item for items in wanted for item in items], np.int32)
    carts = len(wanted)
    return Questions(
        shown_offsets=np.zeros(carts + 1, np.int64),
        shown=np.empty(0, np.int32),
        wanted_offsets=np.cumsum([0, *map(len, wanted)]),
        wanted=items,
        prices=np.full(len(items), NAN) if prices is None else np.array(prices),
        costs=np.full(len(items), NAN),
        customers=np.full(carts, -1, np.int32),
        groups=np.arange(carts),
        orders=np.arange(carts),
        times=np.zeros(carts, np.int64),
    )


FIVE = lists_of(
    [0, 1, 2],  # wants 0: first place
    [0, 1, 2],  # wants 2: third place
    [*range(6, 16), 3],  # wants 3: eleventh place
    [0, 1],  # wants 4: nowhere
    [2, 0, 1],  # wants 0 and 1 and 4: second and third place
)
QUESTIONS = wanting([0], [2], [3], [4], [0, 1, 4])


def test_the_place_of_every_hit() -> None:
    places = hits(FIVE, QUESTIONS)

    found = [(cart, place, int(places[cart, place])) for cart, place in zip(*np.nonzero(places >= 0), strict=True)]
    assert found == [(0, 0, 0), (1, 2, 1), (2, 10, 2), (4, 1, 4), (4, 2, 5)]


def test_five_carts_by_hand() -> None:
    figures = per_cart(FIVE, QUESTIONS, SHELF)

    assert figures["hr5"].tolist() == [1, 1, 0, 0, 1]
    assert figures["hr10"].tolist() == [1, 1, 0, 0, 1]
    assert figures["hr20"].tolist() == [1, 1, 1, 0, 1]
    assert figures["recall10"].tolist() == pytest.approx([1, 1, 0, 0, 2 / 3])
    assert figures["mrr10"].tolist() == pytest.approx([1, 1 / 3, 0, 0, 1 / 2])
    assert figures["mrr20"][2] == pytest.approx(1 / 11)
    second, third = 1 / math.log2(3), 1 / math.log2(4)
    ideal = 1 + second + third
    assert figures["ndcg10"].tolist() == pytest.approx([1, third, 0, 0, (second + third) / ideal])
    assert figures["ndcg20"][2] == pytest.approx(1 / math.log2(12))


def test_novelty_is_the_mean_surprise_of_what_is_listed() -> None:
    figures = per_cart(FIVE, QUESTIONS, SHELF)

    assert figures["novelty10"][0] == pytest.approx((1 + 2 + 3) / 3)
    assert figures["novelty10"][3] == pytest.approx((1 + 2) / 2)
    assert per_cart(lists_of([5]), wanting([0]), SHELF)["novelty10"].tolist() == [5.0]


def test_money_is_what_was_paid_and_else_the_shelf_price() -> None:
    figures = per_cart(FIVE, wanting([0], [2], [3], [4], [0, 1, 4], prices=[9, NAN, NAN, NAN, NAN, 7, NAN]), SHELF)

    assert figures["revenue10"].tolist() == [9, 3, 0, 0, 1 + 7]
    assert figures["margin10"].tolist() == [8.5, 2, 0, 0, 0.5 + 6.5]


def test_no_price_no_revenue() -> None:
    blank = Shelf(SHELF.item_orders, 16, np.full(30, NAN), np.full(30, NAN))

    figures = per_cart(FIVE, QUESTIONS, blank)

    assert not {"revenue10", "margin10"} & set(figures)


def test_what_all_lists_show() -> None:
    shown = of_all_lists(lists_of([0, 1], [0, 2], [0]), SHELF)

    assert shown["items_shown"] == 3
    assert shown["coverage"] == 3 / 29
    counts = [0] * 26 + [1, 1, 3]
    assert shown["gini"] == pytest.approx(2 * (27 + 28 + 3 * 29) / (29 * 5) - 30 / 29)
    assert shown["gini"] == gini(np.array(counts))


def test_nothing_listed_shows_nothing() -> None:
    assert of_all_lists(lists_of([], []), SHELF) == {"items_shown": 0, "coverage": 0.0, "gini": 0.0}
