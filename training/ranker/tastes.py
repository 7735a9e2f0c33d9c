"""What goes with a customer's whole history: neighbours of everything bought, in one short list a customer."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled
from recommender.ranker.history import LATEST_ORDERS
from recommender.ranker.inputs import Past, Shop
from recommender.ranker.select import kth_largest
from training.in_parts import in_parts

KEPT = 60
_MOST_ITEMS = 100
_FADING = np.float32(0.1)
_LEAST_COUNT = 2
_STEPS_A_LINE = 100


class Tastes(NamedTuple):
    """Items a customer may like, best first: int64 (customers + 1,), int32 and float32 (tastes,)."""

    offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    scores: NDArray[np.float32]


class _Near(NamedTuple):
    """Neighbours of every item that it met twice: int64 (items + 1,), int32 and float32 (pairs,), above 0."""

    offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    cosines: NDArray[np.float32]


def tastes(shop: Shop, past: Past) -> Tastes:
    """The `KEPT` items of each customer with the largest sum of asymmetric cosines from the items of the history.

    An item of the history weighs the root of ``sum of 1 / (1 + 0.1 * orders since)``; the 100 weightiest count, and the
    sum is divided by the root of the number of different items.
    """
    lines = np.diff(past.line_offsets[past.order_offsets])
    near, rows = _near(shop), len(shop.item_orders)

    def loop(first: int, last: int) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
        return _of_customers(near, rows, past, first, last)

    nothing = np.zeros(0, np.int64), np.empty(0, np.int32), np.empty(0, np.float32)
    parts = [nothing, *(part for part, _ in in_parts(lines * _STEPS_A_LINE, loop))]
    sizes, items, scores = (np.concatenate([part[place] for part in parts]) for place in range(3))
    return Tastes(np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]), items, scores)


def _near(shop: Shop) -> _Near:
    kept = (shop.pair_counts >= _LEAST_COUNT) & (shop.pair_cosines > 0)
    total = np.concatenate([[0], np.cumsum(kept, dtype=np.int64)])
    return _Near(total[shop.pair_offsets], shop.pair_items[kept], shop.pair_cosines[kept])


@compiled
def _of_customers(
    near: _Near, rows: int, past: Past, first: int, last: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """How many tastes the customers ``[first, last)`` have, and the items and scores of all of them."""
    customers = last - first
    weight, total = np.zeros(rows, np.float32), np.zeros(rows, np.float32)
    bought, met = np.empty(rows, np.int32), np.empty(rows + 1, np.int32)
    sizes = np.zeros(customers, np.int64)
    items, scores = np.empty(customers * KEPT, np.int32), np.empty(customers * KEPT, np.float32)
    start = 0
    for customer in range(first, last):
        mine = _weigh(past, customer, weight, bought)
        chosen = bought[:mine]
        if mine > _MOST_ITEMS:
            heaviest = np.argsort(-weight[bought[:mine]], kind="mergesort")[:_MOST_ITEMS]
            chosen = bought[:mine][heaviest]
        others = _sum_neighbours(near, chosen, weight, total, met)
        best = _best(total[met[:others]])
        for place in range(len(best)):
            item = met[best[place]]
            items[start + place] = item
            scores[start + place] = total[item] / np.sqrt(np.float32(max(mine, 1)))
        sizes[customer - first] = len(best)
        start += len(best)
        for place in range(mine):
            weight[bought[place]] = 0
        for place in range(others):
            total[met[place]] = 0
    return sizes, items[:start].copy(), scores[:start].copy()


@compiled
def _best(totals: NDArray[np.float32]) -> NDArray[np.int64]:
    """Places of the `KEPT` largest, falling, equal ones in order of place."""
    if len(totals) <= KEPT:
        return np.argsort(-totals, kind="mergesort")
    bar = kth_largest(totals, KEPT)
    places = np.flatnonzero(totals >= bar)
    return places[np.argsort(-totals[places], kind="mergesort")][:KEPT]


@compiled
def _weigh(past: Past, customer: int, weight: NDArray[np.float32], bought: NDArray[np.int32]) -> int:
    last = past.order_offsets[customer + 1]
    mine = 0
    for order in range(max(past.order_offsets[customer], last - LATEST_ORDERS), last):
        fresh = np.float32(1) / (np.float32(1) + _FADING * np.float32(last - 1 - order))
        for line in range(past.line_offsets[order], past.line_offsets[order + 1]):
            item = past.items[line]
            if weight[item] == 0:
                bought[mine] = item
                mine += 1
            weight[item] += fresh
    return mine


@compiled
def _sum_neighbours(
    near: _Near,
    chosen: NDArray[np.int32],
    weight: NDArray[np.float32],
    total: NDArray[np.float32],
    met: NDArray[np.int32],
) -> int:
    offsets, neighbours, cosines = near
    others = 0
    for item in chosen:
        pull = np.sqrt(weight[item])
        for entry in range(offsets[item], offsets[item + 1]):
            other = neighbours[entry]
            met[others] = other
            others += total[other] == 0
            total[other] += pull * cosines[entry]
    return others
