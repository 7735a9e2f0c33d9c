"""The first stage of the ranking at work: the blend of every slot, and the slots of the best.

Loops go over one sum of all slots after the other, so that the processor takes several slots at a time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.blend import Blend
from recommender.ranker.compiled import compiled
from recommender.ranker.select import kth_largest
from recommender.ranker.slots import CONTEXT, COSINES, COUNT, EASE, FAST, SIMILAR, SLOW, TASTE, WEIGHTED

TOP_COSINE, TOP_WEIGHTED, TOP_EASE, TOP_OWN, TOP_TASTE, TOP_SIMILAR = 0, 1, 2, 3, 4, 5
"""Places of the largest values of any candidate."""

_LEAST = np.float32(1e-9)
_SLOTS = 32
_LAST_SLOT = (1 << _SLOTS) - 1


@compiled
def largest(sums: NDArray[np.float32], first: int, used: int) -> NDArray[np.float32]:
    """float32 (6,): the largest value of any candidate in each signal that is told relative to it."""
    tops = np.full(6, _LEAST, np.float32)
    for slot in range(first, used):
        tops[0] = max(tops[0], sums[COSINES, slot])
        tops[1] = max(tops[1], sums[WEIGHTED, slot])
        tops[2] = max(tops[2], sums[EASE, slot])
        tops[3] = max(tops[3], sums[FAST, slot] + sums[SLOW, slot] + sums[CONTEXT, slot])
        tops[4] = max(tops[4], sums[TASTE, slot])
        tops[5] = max(tops[5], sums[SIMILAR, slot])
    return tops


@compiled
def blended(
    sums: NDArray[np.float32], rows: NDArray[np.int32], used: int, tops: NDArray[np.float32], blend: Blend
) -> NDArray[np.float32]:
    """float32 (used,): the blend of every slot."""
    scales, weights, of_items = blend.scales, blend.weights, blend.of_items
    scores = np.empty(used, np.float32)
    for slot in range(used):
        scores[slot] = of_items[rows[slot]]
    one, own = np.float32(1), sums[FAST, :used] + sums[SLOW, :used] + sums[CONTEXT, :used]
    _add(scores, sums[COSINES], one, scales[0], weights[0])
    _add(scores, sums[COSINES], tops[TOP_COSINE], scales[1], weights[1])
    _add(scores, sums[WEIGHTED], one, scales[2], weights[2])
    _add(scores, sums[WEIGHTED], tops[TOP_WEIGHTED], scales[3], weights[3])
    _add(scores, sums[EASE], one, scales[4], weights[4])
    _add(scores, sums[EASE], tops[TOP_EASE], scales[5], weights[5])
    _add(scores, sums[COUNT], one, scales[6], weights[6])
    _add(scores, sums[SLOW], one, scales[7], weights[7])
    _add(scores, sums[CONTEXT], one, scales[8], weights[8])
    _add(scores, own, tops[TOP_OWN], scales[9], weights[9])
    _add(scores, sums[TASTE], tops[TOP_TASTE], scales[10], weights[10])
    _add(scores, sums[SIMILAR], one, scales[11], weights[11])
    _add(scores, sums[SIMILAR], tops[TOP_SIMILAR], scales[12], weights[12])
    return scores


@compiled
def _add(
    scores: NDArray[np.float32], values: NDArray[np.float32], top: np.float32, scale: np.float32, weight: np.float32
) -> None:
    """Add ``weight * x / (|x| + scale)`` with x = value / top, as value / (|value| + scale * top)."""
    if weight != 0:
        bend = scale * top
        for slot in range(len(scores)):
            scores[slot] += weight * (values[slot] / (abs(values[slot]) + bend))


@compiled
def best(scores: NDArray[np.float32], items: NDArray[np.int32], first: int, used: int, most: int) -> NDArray[np.int64]:
    """Slots of the `most` best candidates, in the order of their items; equal scores go by item."""
    if used - first <= most:
        slots = np.arange(first, used)
    else:
        bar = kth_largest(scores[first:used], most)
        equal, slots = np.empty(used - first, np.int64), np.empty(most, np.int64)
        above, equals = 0, 0
        for slot in range(first, used):
            if scores[slot] > bar:
                slots[above] = slot
                above += 1
            elif scores[slot] == bar:
                equal[equals] = slot
                equals += 1
        equal = equal[:equals]
        slots[above:] = equal[np.argsort(items[equal])][: most - above]
    keys = np.empty(len(slots), np.int64)
    for place in range(len(slots)):
        keys[place] = np.int64(items[slots[place]]) << _SLOTS | slots[place]
    return np.sort(keys) & _LAST_SLOT
