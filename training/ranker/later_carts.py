"""Later orders as carts with one item hidden: the questions that a ranking is fitted on and measured by."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from training.baskets import Baskets


@dataclass(frozen=True)
class LaterCarts:
    """Carts of later orders.

    Attributes
    ----------
    offsets : int64 (carts + 1,) and items : int32, the items that are shown.
    hidden : int32 (carts,), the one line taken out at random.
    customers : int32 (carts,), -1 unknown.  times : int64 (carts,), seconds.
    baskets : int64 (carts,), the order that a cart was made of; several carts may share one.
    """

    offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    hidden: NDArray[np.int32]
    customers: NDArray[np.int32]
    times: NDArray[np.int64]
    baskets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.hidden)

    def anonymous(self) -> LaterCarts:
        """The same carts of strangers."""
        return replace(self, customers=np.full(len(self), -1, np.int32))

    def unfilled(self) -> LaterCarts:
        """Those of known customers with nothing in them: the line is asked for before anything is in the cart."""
        known = self.of(self.customers >= 0)
        return replace(known, offsets=np.zeros(len(known) + 1, np.int64), items=np.empty(0, np.int32))

    def of(self, chosen: NDArray[np.bool_]) -> LaterCarts:
        """The carts for which `chosen`, bool (carts,), is true."""
        sizes = np.diff(self.offsets)
        lines = np.repeat(chosen, sizes)
        offsets = np.concatenate([[0], np.cumsum(sizes[chosen])]).astype(np.int64)
        rest = (self.hidden, self.customers, self.times, self.baskets)
        return LaterCarts(offsets, self.items[lines], *(array[chosen] for array in rest))


def later_carts(
    baskets: Baskets, start: int, stop: int, known: NDArray[np.bool_], *, draws: int, most: int, seed: int
) -> LaterCarts:
    """Up to `most` orders of ``[start, stop)`` at random, each as up to `draws` carts with different hidden lines.

    Parameters
    ----------
    known : bool (items,), items of the earlier orders; others are left out, and an order needs two that are known.
    """
    random = np.random.default_rng(seed)
    shown: list[NDArray[np.int32]] = []
    hidden: list[int] = []
    orders: list[int] = []
    taken = 0
    for order in random.permutation(np.arange(start, stop)).tolist():
        items = baskets.items[baskets.offsets[order] : baskets.offsets[order + 1]]
        items = items[known[items]]
        if len(items) < 2:
            continue
        for place in random.permutation(len(items))[:draws].tolist():
            shown.append(np.delete(items, place))
            hidden.append(int(items[place]))
            orders.append(order)
        taken += 1
        if taken == most:
            break
    order_rows = np.array(orders, np.int64)
    return LaterCarts(
        offsets=np.cumsum([0, *map(len, shown)]).astype(np.int64),
        items=np.concatenate([np.empty(0, np.int32), *shown]),
        hidden=np.array(hidden, np.int32),
        customers=baskets.customers[order_rows],
        times=baskets.times[order_rows],
        baskets=order_rows,
    )
