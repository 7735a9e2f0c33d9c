"""What the pairs of the cart's items say of the best candidates, beyond the sums that the blend was made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled
from recommender.ranker.inputs import Shop
from recommender.ranker.signals import COLUMN

CONFIDENCE_PRIOR = np.float32(2)

_COSINE_MAX, _WEIGHTED_MAX, _EASE_MAX = COLUMN["cosine_max"], COLUMN["weighted_max"], COLUMN["ease_max"]
_CONFIDENCE_MEAN, _CONFIDENCE_MAX = COLUMN["confidence_mean"], COLUMN["confidence_max"]
_LOG_LIFT_MAX, _MET_SHARE = COLUMN["log_lift_max"], COLUMN["met_share"]


@compiled
def fill_met(
    shop: Shop, cart: NDArray[np.int32], slot_of: NDArray[np.int32], found: int, signals: NDArray[np.float32]
) -> None:
    """Fill the largest values and the means of the first `found` candidates.

    Parameters
    ----------
    slot_of : int32 (items,), ``-1 - place`` of a candidate, of all others no number below 0.
    signals : float32 (signals, candidates).
    """
    offsets, others, counts = shop.pair_offsets, shop.pair_items, shop.pair_counts
    cosines, weighted, ease, orders = shop.pair_cosines, shop.pair_weighted, shop.pair_ease, shop.item_orders
    columns = (_COSINE_MAX, _CONFIDENCE_MEAN, _CONFIDENCE_MAX, _WEIGHTED_MAX, _EASE_MAX, _LOG_LIFT_MAX, _MET_SHARE)
    for column in columns:
        signals[column, :found] = 0
    for item in cart:
        own = np.float32(orders[item])
        share = own / np.float32(shop.baskets)
        for entry in _entries_of_candidates(others, int(offsets[item]), int(offsets[item + 1]), slot_of):
            other = np.uintp(others[entry])
            place = np.uintp(-1 - slot_of[other])
            both = np.float32(counts[entry])
            confidence = both / (own + CONFIDENCE_PRIOR)
            lift = (both + np.float32(1)) / (share * np.float32(orders[other]) + np.float32(1))
            signals[_COSINE_MAX, place] = max(signals[_COSINE_MAX, place], cosines[entry])
            signals[_CONFIDENCE_MEAN, place] += confidence
            signals[_CONFIDENCE_MAX, place] = max(signals[_CONFIDENCE_MAX, place], confidence)
            signals[_WEIGHTED_MAX, place] = max(signals[_WEIGHTED_MAX, place], weighted[entry])
            signals[_EASE_MAX, place] = max(signals[_EASE_MAX, place], ease[entry])
            signals[_LOG_LIFT_MAX, place] = max(signals[_LOG_LIFT_MAX, place], lift)
            signals[_MET_SHARE, place] += 1
    size = np.float32(max(len(cart), 1))
    for place in range(found):
        lift = signals[_LOG_LIFT_MAX, place]
        signals[_LOG_LIFT_MAX, place] = np.log(lift) if lift > 0 else np.float32(-1)
        signals[_CONFIDENCE_MEAN, place] /= size
        signals[_MET_SHARE, place] /= size


@compiled
def _entries_of_candidates(
    others: NDArray[np.int32], start: int, end: int, slot_of: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Entries from `start` to `end` whose item is a candidate; which are, the processor could not foresee."""
    entries, found = np.empty(end - start + 1, np.int64), np.uintp(0)
    for entry in range(start, end):
        entries[found] = entry
        found += np.uintp(slot_of[np.uintp(others[entry])] < 0)
    return entries[:found]
