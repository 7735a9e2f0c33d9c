"""Orders as the encoder learns from them: which lines are shown, which are hidden, and what the customer had before."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.encoder import PAST_LINES
from training.baskets import Baskets

_LEAST_SHOWN, _FORGOTTEN = 0.5, 0.5


@dataclass(frozen=True)
class Lines:
    """Lines of orders, and the same sorted by customer.

    Attributes
    ----------
    orders : int64, those to learn from: two items or more, not giant.
    offsets, items : of all orders, see `training.baskets.Baskets`.
    by_customer : int32, items of known customers' lines, customer by customer, oldest first.
    past_start, past_stop : int64 (orders,), the customer's last lines before each order, there.
    """

    orders: NDArray[np.int64]
    offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    by_customer: NDArray[np.int32]
    past_start: NDArray[np.int64]
    past_stop: NDArray[np.int64]


@dataclass(frozen=True)
class Batch:
    """Lines of some orders: what is shown, what is hidden, and what the customer had before.

    Attributes
    ----------
    shown, hidden, past : int32, item rows, or their places among the rows that are read.
    shown_offsets, hidden_offsets, past_offsets : int64 (carts + 1,).
    left_out : int32, the place of each shown line among the items that the softmax goes over, -1 where it is not there.
    log_weights : float32, of these items, see `training.ranker.asked_items.Asked`.
    """

    shown: NDArray[np.int32]
    shown_offsets: NDArray[np.int64]
    hidden: NDArray[np.int32]
    hidden_offsets: NDArray[np.int64]
    past: NDArray[np.int32]
    past_offsets: NDArray[np.int64]
    left_out: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    log_weights: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))

    @property
    def carts(self) -> int:
        return len(self.shown_offsets) - 1


def lines_of(baskets: Baskets) -> Lines:
    """Orders to learn from, with the lines that came before each."""
    sizes = baskets.sizes
    by_customer = np.argsort(baskets.customers, kind="stable")
    unknown = int((baskets.customers < 0).sum())
    known = by_customer[unknown:]
    stops = np.cumsum(sizes[known])
    starts = stops - sizes[known]
    customers = baskets.customers[known]
    firsts = starts[np.searchsorted(customers, customers)]
    past_start, past_stop = np.zeros(len(baskets), np.int64), np.zeros(len(baskets), np.int64)
    past_stop[known] = starts
    past_start[known] = np.maximum(firsts, starts - PAST_LINES)
    orders = np.flatnonzero(baskets.countable & (sizes > 1))
    items = baskets.items[_places(baskets.offsets[known], sizes[known])]
    return Lines(orders, baskets.offsets, baskets.items, items, past_start, past_stop)


def batch_of(lines: Lines, orders: NDArray[np.int64], random: np.random.Generator) -> Batch:
    """Of each order one line is shown and one hidden; of the others between half and all are shown.

    Every second customer is as unknown as a stranger.
    """
    first, sizes = lines.offsets[orders], np.diff(lines.offsets)[orders]
    items, row = lines.items[_places(first, sizes)], np.repeat(np.arange(len(orders)), sizes)
    shown = random.random(len(items)) < np.repeat(random.uniform(_LEAST_SHOWN, 1, len(orders)), sizes)
    shuffled = np.lexsort((random.random(len(items)), row))
    opens = np.cumsum(sizes) - sizes
    shown[shuffled[opens]], shown[shuffled[opens + 1]] = True, False
    numbers = np.bincount(row[shown], minlength=len(orders))
    before = lines.past_stop[orders] - lines.past_start[orders]
    before *= random.random(len(orders)) >= _FORGOTTEN
    return Batch(
        shown=items[shown],
        shown_offsets=_offsets(numbers),
        hidden=items[~shown],
        hidden_offsets=_offsets(sizes - numbers),
        past=lines.by_customer[_places(lines.past_start[orders], before)],
        past_offsets=_offsets(before),
    )


def _offsets(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(sizes)])


def _places(starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """``starts[i], starts[i] + 1 …``, as many as ``sizes[i]``, one after the other."""
    offsets = np.cumsum(sizes) - sizes
    return np.arange(sizes.sum()) + np.repeat(starts - offsets, sizes)
