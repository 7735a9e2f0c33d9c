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
    """Fill the largest values and the means of the first `found` rows of signals.

    Parameters
    ----------
    slot_of : int32 (items,), of the candidate of row r the number ``-1 - r``, of all others none below 0.
    """
    offsets, others, counts = shop.pair_offsets, shop.pair_items, shop.pair_counts
    cosines, weighted, ease, orders = shop.pair_cosines, shop.pair_weighted, shop.pair_ease, shop.item_orders
    columns = (_COSINE_MAX, _CONFIDENCE_MEAN, _CONFIDENCE_MAX, _WEIGHTED_MAX, _EASE_MAX, _LOG_LIFT_MAX, _MET_SHARE)
    for place in range(found):
        for column in columns:
            signals[place, column] = 0
    for item in cart:
        own = np.float32(orders[item])
        share = own / np.float32(shop.baskets)
        for entry in range(offsets[item], offsets[item + 1]):
            place = -1 - slot_of[others[entry]]
            if place < 0:
                continue
            both = np.float32(counts[entry])
            confidence = both / (own + CONFIDENCE_PRIOR)
            lift = (both + np.float32(1)) / (share * np.float32(orders[others[entry]]) + np.float32(1))
            signals[place, _COSINE_MAX] = max(signals[place, _COSINE_MAX], cosines[entry])
            signals[place, _CONFIDENCE_MEAN] += confidence
            signals[place, _CONFIDENCE_MAX] = max(signals[place, _CONFIDENCE_MAX], confidence)
            signals[place, _WEIGHTED_MAX] = max(signals[place, _WEIGHTED_MAX], weighted[entry])
            signals[place, _EASE_MAX] = max(signals[place, _EASE_MAX], ease[entry])
            signals[place, _LOG_LIFT_MAX] = max(signals[place, _LOG_LIFT_MAX], lift)
            signals[place, _MET_SHARE] += 1
    size = np.float32(max(len(cart), 1))
    for place in range(found):
        lift = signals[place, _LOG_LIFT_MAX]
        signals[place, _LOG_LIFT_MAX] = np.log(lift) if lift > 0 else np.float32(-1)
        signals[place, _CONFIDENCE_MEAN] /= size
        signals[place, _MET_SHARE] /= size
