"""The first stage of the ranking at work: the blend of every slot, and the slots of the best.

Loops go over one sum of all slots after the other, so that the processor takes several slots at a time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.blend import Blend
from recommender.ranker.compiled import compiled
from recommender.ranker.gather import Gathered
from recommender.ranker.inputs import Scratch
from recommender.ranker.select import kth_largest, rising
from recommender.ranker.slots import CONTEXT, COSINES, COUNT, EASE, FAST, SIMILAR, SLOW, TASTE, WEIGHTED

TOP_COSINE, TOP_WEIGHTED, TOP_EASE, TOP_OWN, TOP_TASTE, TOP_SIMILAR = 0, 1, 2, 3, 4, 5
"""Places of the largest values of any candidate."""

_LEAST = np.float32(1e-9)


@compiled
def largest(scratch: Scratch, first: int, filled: Gathered) -> NDArray[np.float32]:
    """float32 (6,): the largest value of any candidate in each signal that is told relative to it."""
    sums, own, own_slots = scratch.sums, scratch.own, scratch.own_slots
    tops = np.full(6, _LEAST, np.float32)
    bits, sums_bits = tops.view(np.int32), sums.view(np.int32)
    for top, summed, end in (
        (TOP_COSINE, COSINES, filled.paired),
        (TOP_WEIGHTED, WEIGHTED, filled.paired),
        (TOP_EASE, EASE, filled.paired),
        (TOP_SIMILAR, SIMILAR, filled.alike),
        (TOP_TASTE, TASTE, filled.used),
    ):
        bits[top] = _largest(sums_bits[summed, first:end], bits[top])
    for place in range(filled.owned):
        if own_slots[place] >= first:
            tops[TOP_OWN] = max(tops[TOP_OWN], own[place, FAST] + own[place, SLOW] + own[place, CONTEXT])
    return tops


@compiled
def _largest(bits: NDArray[np.int32], least: np.int32) -> np.int32:
    """The largest, and at least `least`: floats above 0 are in the order of their bits, which as whole numbers the
    processor compares several at a time."""
    top = least
    for place in range(len(bits)):
        top = max(top, bits[place])
    return top


@compiled
def blended(scratch: Scratch, filled: Gathered, tops: NDArray[np.float32], blend: Blend) -> NDArray[np.float32]:
    """float32 (used,): the blend of every slot; a sum that is 0 adds nothing, so each goes over slots that have it."""
    sums, rows = scratch.sums, scratch.rows
    scales, weights, of_items = blend.scales, blend.weights, blend.of_items
    scores = np.empty(filled.used, np.float32)
    for slot in range(filled.used):
        scores[slot] = of_items[np.uintp(rows[slot])]
    one, paired, alike = np.float32(1), scores[: filled.paired], scores[: filled.alike]
    _add(paired, sums[COSINES], one, scales[0], weights[0])
    _add(paired, sums[COSINES], tops[TOP_COSINE], scales[1], weights[1])
    _add(paired, sums[WEIGHTED], one, scales[2], weights[2])
    _add(paired, sums[WEIGHTED], tops[TOP_WEIGHTED], scales[3], weights[3])
    _add(paired, sums[EASE], one, scales[4], weights[4])
    _add(paired, sums[EASE], tops[TOP_EASE], scales[5], weights[5])
    _add_own(scores, scratch, filled.owned, tops[TOP_OWN], scales, weights)
    _add(scores, sums[TASTE], tops[TOP_TASTE], scales[10], weights[10])
    _add(alike, sums[SIMILAR], one, scales[11], weights[11])
    _add(alike, sums[SIMILAR], tops[TOP_SIMILAR], scales[12], weights[12])
    return scores


@compiled
def _add_own(
    scores: NDArray[np.float32],
    scratch: Scratch,
    owned: int,
    top: np.float32,
    scales: NDArray[np.float32],
    weights: NDArray[np.float32],
) -> None:
    own, own_slots = scratch.own, scratch.own_slots
    for place in range(owned):
        count, slow, context = own[place, COUNT], own[place, SLOW], own[place, CONTEXT]
        total = (own[place, FAST] + slow + context) / top
        scores[own_slots[place]] += (
            weights[6] * (count / (count + scales[6]))
            + weights[7] * (slow / (slow + scales[7]))
            + weights[8] * (context / (context + scales[8]))
            + weights[9] * (total / (total + scales[9]))
        )


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
        slots, equal = np.empty(most + 1, np.int64), np.empty(used - first + 1, np.int64)
        above, equals = np.uintp(0), np.uintp(0)
        for slot in range(first, used):
            slots[above] = equal[equals] = slot
            above += np.uintp(scores[slot] > bar)
            equals += np.uintp(scores[slot] == bar)
        equal, slots = equal[:equals], slots[:most]
        slots[above:] = equal[np.argsort(items[equal])][: most - above]
    return slots[rising(items[slots].astype(np.int64))]
