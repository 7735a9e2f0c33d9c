"""The questions of a back-test: later orders of which a part is shown and the rest is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from training.baskets import Baskets
from training.ranker.later_carts import later_carts

_STEPS = 4

Parts = tuple[int, NDArray[np.int32], NDArray[np.int32]]


@dataclass(frozen=True)
class Questions:
    """Carts, and what was in the rest of their orders.

    Attributes
    ----------
    shown_offsets : int64 (carts + 1,) and shown : int32, the items of each cart.
    wanted_offsets : int64 (carts + 1,) and wanted : int32, the items to be found.
    prices, costs : float64 of each wanted item, as paid, NaN unknown.
    customers : int32 (carts,), who asks, -1 where nobody is named.
    groups : int64 (carts,), equal for carts of one customer (of one order where it is unknown), whoever is named.
    orders : int64 (carts,), the order of each cart.  times : int64 (carts,), seconds.
    """

    shown_offsets: NDArray[np.int64]
    shown: NDArray[np.int32]
    wanted_offsets: NDArray[np.int64]
    wanted: NDArray[np.int32]
    prices: NDArray[np.float64]
    costs: NDArray[np.float64]
    customers: NDArray[np.int32]
    groups: NDArray[np.int64]
    orders: NDArray[np.int64]
    times: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.orders)

    def anonymous(self) -> Questions:
        """The same carts without their customers."""
        return replace(self, customers=np.full(len(self), -1, np.int32))

    def cart(self, number: int) -> NDArray[np.int32]:
        """int32: the items that a cart shows."""
        return self.shown[self.shown_offsets[number] : self.shown_offsets[number + 1]]

    def matrix(self, items: int) -> sparse.csr_matrix:
        """float32 (carts, items) of ones: what the carts show."""
        ones = np.ones(len(self.shown), np.float32)
        matrix = sparse.csr_matrix((ones, self.shown, self.shown_offsets), shape=(len(self), items))
        matrix.sort_indices()
        return matrix


@dataclass(frozen=True)
class Later:
    """Where questions come from: orders ``[start, stop)``, of which items with `known` count; at most `most` carts."""

    baskets: Baskets
    start: int
    stop: int
    known: NDArray[np.bool_]
    most: int
    seed: int

    def orders(self) -> Iterator[tuple[int, NDArray[np.int32]]]:
        """Orders of two known items or more in random order, with those items as they were added."""
        random = np.random.default_rng(self.seed)
        offsets, items = self.baskets.offsets, self.baskets.items
        for order in random.permutation(np.arange(self.start, self.stop)).tolist():
            found = items[offsets[order] : offsets[order + 1]]
            found = found[self.known[found]]
            if len(found) > 1:
                yield order, found


def one_hidden(later: Later) -> Questions:
    """One line of an order, taken at random, is asked for; the cart is the rest."""
    carts = later_carts(later.baskets, later.start, later.stop, later.known, draws=1, most=later.most, seed=later.seed)
    shown = np.split(carts.items, carts.offsets[1:-1]) if len(carts) else []
    hidden = carts.hidden[:, None]
    return _questions(later.baskets, list(zip(carts.baskets.tolist(), shown, hidden, strict=True)))


def next_added(later: Later) -> Questions:
    """The item that was added next to a growing cart; four random steps of an order at most."""
    random = np.random.default_rng(later.seed)
    parts: list[Parts] = []
    for order, items in later.orders():
        steps = np.sort(random.permutation(np.arange(1, len(items)))[:_STEPS])
        parts.extend((order, items[:step], items[step : step + 1]) for step in steps.tolist())
        if len(parts) >= later.most:
            break
    return _questions(later.baskets, parts[: later.most])


def second_half(later: Later) -> Questions:
    """The later half of the items added (a random half where their order is unknown); the cart is the first half."""
    random = np.random.default_rng(later.seed)
    parts: list[Parts] = []
    for order, added in later.orders():
        items = added if later.baskets.has_line_order else random.permutation(added)
        half = (len(items) + 1) // 2
        parts.append((order, items[:half], items[half:]))
        if len(parts) == later.most:
            break
    return _questions(later.baskets, parts)


def next_order(later: Later) -> Questions:
    """All of a customer's next order, before anything is in the cart; of customers who ordered before."""
    baskets = later.baskets
    earlier, asked = baskets.customers[: later.start], baskets.customers[later.start : later.stop]
    customers, firsts = np.unique(asked, return_index=True)
    firsts = later.start + firsts[(customers >= 0) & np.isin(customers, earlier)]
    parts: list[Parts] = []
    for order in np.random.default_rng(later.seed).permutation(firsts).tolist():
        items = baskets.items[baskets.offsets[order] : baskets.offsets[order + 1]]
        items = items[later.known[items]]
        if len(items):
            parts.append((order, items[:0], items))
        if len(parts) == later.most:
            break
    return _questions(baskets, parts)


PROTOCOLS: Mapping[str, Callable[[Later], Questions]] = {
    "one hidden item": one_hidden,
    "next item added": next_added,
    "second half of the cart": second_half,
    "next order": next_order,
}
MAIN_PROTOCOL = "one hidden item"
NEXT_ORDER = "next order"
"""The one protocol that shows nothing, and is asked of known customers alone."""


def _questions(baskets: Baskets, parts: list[Parts]) -> Questions:
    orders = np.array([order for order, _, _ in parts], np.int64)
    shown = [part for _, part, _ in parts]
    wanted = [part for _, _, part in parts]
    wanted_items = np.concatenate([np.empty(0, np.int32), *wanted]).astype(np.int32)
    lines = _lines(baskets, np.repeat(orders, [len(part) for part in wanted]), wanted_items)
    customers = baskets.customers[orders]
    return Questions(
        shown_offsets=np.cumsum([0, *map(len, shown)]).astype(np.int64),
        shown=np.concatenate([np.empty(0, np.int32), *shown]).astype(np.int32),
        wanted_offsets=np.cumsum([0, *map(len, wanted)]).astype(np.int64),
        wanted=wanted_items,
        prices=baskets.prices[lines],
        costs=baskets.costs[lines],
        customers=customers,
        groups=np.where(customers >= 0, customers, len(baskets.customer_ids) + orders),
        orders=orders,
        times=baskets.times[orders],
    )


def _lines(baskets: Baskets, orders: NDArray[np.int64], items: NDArray[np.int32]) -> NDArray[np.int64]:
    lines = np.empty(len(orders), np.int64)
    for place, (order, item) in enumerate(zip(orders.tolist(), items.tolist(), strict=True)):
        first, last = baskets.offsets[order], baskets.offsets[order + 1]
        lines[place] = first + int(np.flatnonzero(baskets.items[first:last] == item)[0])
    return lines
