"""What goes with a customer's whole history: neighbours of everything bought, in one short list a customer."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled
from recommender.ranker.history import LATEST_ORDERS
from recommender.ranker.inputs import Past, Shop
from recommender.ranker.select import kth_largest

KEPT = 60
_MOST_ITEMS = 100
_FADING = np.float32(0.1)
_LEAST_COUNT = 2


class Tastes(NamedTuple):
    """Items a customer may like, best first: int64 (customers + 1,), int32 and float32 (tastes,)."""

    offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    scores: NDArray[np.float32]


def tastes(shop: Shop, past: Past) -> Tastes:
    """The `KEPT` items of each customer with the largest sum of asymmetric cosines from the items of the history.

    An item of the history weighs the root of ``sum of 1 / (1 + 0.1 * orders since)``; the 100 weightiest count, and the
    sum is divided by the root of the number of different items.
    """
    customers = len(past.order_offsets) - 1
    offsets = np.zeros(customers + 1, np.int64)
    items, scores = np.empty(customers * KEPT, np.int32), np.empty(customers * KEPT, np.float32)
    rows = len(shop.item_orders)
    work = np.zeros(rows, np.float32), np.zeros(rows, np.float32), np.empty(rows, np.int32), np.empty(rows, np.int32)
    _fill(shop, past, work, offsets, items, scores)
    return Tastes(offsets, items[: offsets[-1]].copy(), scores[: offsets[-1]].copy())


@compiled
def _fill(
    shop: Shop,
    past: Past,
    work: tuple[NDArray, NDArray, NDArray, NDArray],
    offsets: NDArray[np.int64],
    items: NDArray[np.int32],
    scores: NDArray[np.float32],
) -> None:
    weight, total, bought, met = work
    for customer in range(len(offsets) - 1):
        mine = _weigh(past, customer, weight, bought)
        chosen = bought[:mine]
        if mine > _MOST_ITEMS:
            heaviest = np.argsort(-weight[bought[:mine]], kind="mergesort")[:_MOST_ITEMS]
            chosen = bought[:mine][heaviest]
        others = _sum_neighbours(shop, chosen, weight, total, met)
        best = _best(total[met[:others]])
        start = offsets[customer]
        for place in range(len(best)):
            item = met[best[place]]
            items[start + place] = item
            scores[start + place] = total[item] / np.sqrt(np.float32(max(mine, 1)))
        offsets[customer + 1] = start + len(best)
        for place in range(mine):
            weight[bought[place]] = 0
        for place in range(others):
            total[met[place]] = 0


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
    shop: Shop,
    chosen: NDArray[np.int32],
    weight: NDArray[np.float32],
    total: NDArray[np.float32],
    met: NDArray[np.int32],
) -> int:
    offsets, neighbours, counts, cosines = shop.pair_offsets, shop.pair_items, shop.pair_counts, shop.pair_cosines
    others = 0
    for item in chosen:
        pull = np.sqrt(weight[item])
        for entry in range(offsets[item], offsets[item + 1]):
            if counts[entry] < _LEAST_COUNT or cosines[entry] <= 0:
                continue
            other = neighbours[entry]
            if total[other] == 0:
                met[others] = other
                others += 1
            total[other] += pull * cosines[entry]
    return others
