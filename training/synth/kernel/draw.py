"""Drawing the lines of new orders from fragments of old ones, as machine code."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled

_TRIES = 6
_CANDIDATES = 3
_NEAR = 8
_ONE = 1 << 30
_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)

State = NDArray[np.uint64]


class OldOrders(NamedTuple):
    """What fragments are taken from.

    Attributes
    ----------
    offsets, items : int64 (orders + 1,) and int32 (lines,), the old orders, an item once an order.
    order_of : int32 (lines,).
    item_offsets, item_lines : int64 (items + 1,) and int32 (lines,), the lines of every item.
    """

    offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    order_of: NDArray[np.int32]
    item_offsets: NDArray[np.int64]
    item_lines: NDArray[np.int32]


@compiled
def _below(state: State, bound: int) -> int:
    """A number from 0 to ``bound - 1``; `state`, uint64 (1,), moves on (splitmix64, Steele, Lea & Flood 2014)."""
    state[0] += _STEP
    mixed = state[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    mixed = mixed ^ (mixed >> np.uint64(31))
    return int(np.float64(mixed >> np.uint64(11)) / 9007199254740992.0 * bound)


@compiled
def _coprime(state: State, size: int) -> int:
    """A number from 1 to `size` that shares no divisor with it: steps of it come to every place."""
    while True:
        stride = 1 + _below(state, size)
        one, other = size, stride
        while other:
            one, other = other, one % other
        if one == 1:
            return stride


@compiled
def _near(state: State, order: int, first: int, last: int) -> int:
    """An order of the same customer, ``[first, last)``, from about the same time."""
    span = (last - first) // _NEAR + 1
    return min(max(order + _below(state, 2 * span + 1) - span, first), last - 1)


@compiled
def _with(state: State, old: OldOrders, item: int) -> int:
    """Anybody's order with this item."""
    begin, end = old.item_offsets[item], old.item_offsets[item + 1]
    return old.order_of[old.item_lines[begin + _below(state, end - begin)]]


@compiled
def _source(
    state: State, old: OldOrders, like: int, first: int, last: int, from_own: bool, anchor: int, missing: int
) -> int:
    """The order to take a fragment from: of a few candidates the one whose size is nearest to what is missing."""
    chosen, nearest = like, -1
    for _ in range(_CANDIDATES):
        candidate = _near(state, like, first, last) if from_own else _with(state, old, anchor)
        gap = abs(old.offsets[candidate + 1] - old.offsets[candidate] - missing)
        if nearest < 0 or gap < nearest:
            chosen, nearest = candidate, gap
    return chosen


@compiled
def draw(
    old: OldOrders,
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    like: NDArray[np.int64],
    sizes: NDArray[np.int64],
    own: float,
    going_on: float,
    seed: int,
    lines: NDArray[np.int32],
) -> None:
    """Fill `lines`, int32 (sum of sizes,), with numbers of old lines, different items within an order.

    An order is put together from fragments. Each comes from an order of the same customer from about the same time
    (chance `own`), or else from anybody's order with an item that is already there; its length is geometric, with the
    chance `going_on` of one line more. What is missing after many tries is taken from the order that it is `like`.

    Parameters
    ----------
    firsts, lasts : int64 (orders,), the old orders of the new order's customer.
    like : int64 (orders,), one of these, of `sizes` lines or more.
    """
    offsets, items = old.offsets, old.items
    mark = np.zeros(len(old.item_offsets) - 1, np.int64)
    state = np.zeros(1, np.uint64)
    state[0] = np.uint64(seed)
    begin = 0
    for order in range(len(sizes)):
        end, top, tries = begin + sizes[order], begin, _TRIES * sizes[order]
        while top < end and tries > 0:
            tries -= 1
            from_own = _below(state, _ONE) < own * _ONE
            chosen = _near(state, like[order], firsts[order], lasts[order])
            anchor = items[offsets[chosen] + _below(state, offsets[chosen + 1] - offsets[chosen])]
            if top > begin:
                anchor = items[lines[begin + _below(state, top - begin)]]
            chosen = _source(state, old, like[order], firsts[order], lasts[order], from_own, anchor, end - top)
            size = offsets[chosen + 1] - offsets[chosen]
            place, stride = _below(state, size), _coprime(state, size)
            for _ in range(size):
                line = offsets[chosen] + place
                place = (place + stride) % size
                if mark[items[line]] != order + 1:
                    mark[items[line]] = order + 1
                    lines[top] = line
                    top += 1
                if top == end or _below(state, _ONE) >= going_on * _ONE:
                    break
        line = offsets[like[order]]
        while top < end:
            if mark[items[line]] != order + 1:
                mark[items[line]] = order + 1
                lines[top] = line
                top += 1
            line += 1
        begin = end
