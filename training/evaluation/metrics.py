"""What a ranked list is worth: hits and their places, cart by cart, and what all lists show together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.evaluation.lists import Lists
from training.evaluation.questions import Questions

DEPTHS = (5, 10, 20)
LIST_DEPTH = 10


@dataclass(frozen=True)
class Shelf:
    """The items as they were before the reported window.

    Attributes
    ----------
    item_orders : int64 (items,), orders with each item.  baskets : all of them.
    prices, costs : float64 (items,), NaN unknown.
    """

    item_orders: NDArray[np.int64]
    baskets: int
    prices: NDArray[np.float64]
    costs: NDArray[np.float64]

    @property
    def margins(self) -> NDArray[np.float64]:
        return self.prices - self.costs

    def shares(self) -> NDArray[np.float64]:
        """float64 (items,): share of the baskets with each item, half an order for one that was never sold."""
        return np.maximum(self.item_orders, 0.5) / max(self.baskets, 1)


def hits(lists: Lists, questions: Questions) -> NDArray[np.int64]:
    """int64 (carts, places): position in ``questions.wanted`` of the item in each place, -1 where it is not wanted."""
    items = max(int(lists.rows.max(initial=0)), int(questions.wanted.max(initial=0))) + 1
    carts = np.repeat(np.arange(len(questions)), np.diff(questions.wanted_offsets))
    keys = carts * items + questions.wanted
    order = np.argsort(keys)
    asked = np.arange(len(questions))[:, None] * items + lists.rows
    if not len(keys):
        return np.full(asked.shape, -1)
    at = np.minimum(np.searchsorted(keys[order], asked), len(keys) - 1)
    found = (keys[order][at] == asked) & (lists.rows >= 0)
    return np.where(found, order[at], -1)


def per_cart(lists: Lists, questions: Questions, shelf: Shelf) -> dict[str, NDArray[np.float64]]:
    """float64 (carts,) of each metric: ``hr``, ``recall``, ``ndcg``, ``mrr`` at three depths, novelty, revenue, margin.

    ``hr`` is 1 where any wanted item is in the list, ``recall`` the share of them, ``ndcg`` binary gains with the ideal
    list of as many hits (Järvelin & Kekäläinen 2002), ``mrr`` one over the place of the first. ``novelty10`` is the
    mean of ``-log2(share of the baskets)`` of what is listed. ``revenue10`` and ``margin10`` add what the
    wanted items found brought; they are left out where no price (no cost) is known.
    """
    places = hits(lists, questions)
    hit = places >= 0
    number = np.diff(questions.wanted_offsets)
    gains = 1 / np.log2(np.arange(hit.shape[1]) + 2.0)
    ideal = np.concatenate([[0.0], np.cumsum(gains)])
    figures: dict[str, NDArray[np.float64]] = {}
    for depth in DEPTHS:
        top = hit[:, :depth]
        found = top.any(axis=1)
        figures[f"hr{depth}"] = found.astype(np.float64)
        figures[f"recall{depth}"] = top.sum(axis=1) / np.maximum(number, 1)
        figures[f"ndcg{depth}"] = (top * gains[:depth]).sum(axis=1) / ideal[np.clip(number, 1, depth)]
        figures[f"mrr{depth}"] = np.where(found, 1 / (top.argmax(axis=1) + 1.0), 0.0)
    figures["novelty10"] = _novelty(lists, shelf)
    prices, costs = paid(questions, shelf)
    for name, worth in (("revenue10", prices), ("margin10", prices - costs)):
        if not np.isnan(worth).all():
            top = places[:, :LIST_DEPTH]
            figures[name] = np.where(top >= 0, np.nan_to_num(worth)[np.maximum(top, 0)], 0.0).sum(axis=1)
    return figures


def paid(questions: Questions, shelf: Shelf) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Price and cost of each wanted item: its own line's, else the shelf's, NaN where neither tells."""
    prices = np.where(np.isnan(questions.prices), shelf.prices[questions.wanted], questions.prices)
    return prices, np.where(np.isnan(questions.costs), shelf.costs[questions.wanted], questions.costs)


def of_all_lists(lists: Lists, shelf: Shelf) -> dict[str, float]:
    """``items_shown`` (different ones in all top tens), ``coverage`` (of all sold), ``gini`` (how often each is shown).

    Gini is 0 where every item sold is shown equally often and 1 where one item takes every place.
    """
    listed = lists.rows[:, :LIST_DEPTH]
    counts = np.bincount(listed[listed >= 0], minlength=len(shelf.item_orders))
    sold = shelf.item_orders > 0
    counts = np.sort(counts[sold | (counts > 0)])
    shown = int((counts > 0).sum())
    return {"items_shown": shown, "coverage": shown / max(len(counts), 1), "gini": gini(counts)}


def gini(counts: NDArray[np.int64]) -> float:
    """Gini coefficient of ascending counts.

    >>> gini(np.array([1, 1, 1])), gini(np.array([0, 0, 0, 4]))
    (0.0, 0.75)
    """
    number, total = len(counts), counts.sum()
    if not total:
        return 0.0
    return float((2 * (np.arange(1, number + 1) * counts).sum() / total - number - 1) / number)


def _novelty(lists: Lists, shelf: Shelf) -> NDArray[np.float64]:
    listed = lists.rows[:, :LIST_DEPTH]
    surprise = np.where(listed >= 0, -np.log2(shelf.shares())[np.maximum(listed, 0)], 0.0)
    return surprise.sum(axis=1) / np.maximum((listed >= 0).sum(axis=1), 1)
