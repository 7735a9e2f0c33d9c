"""The first stage of the ranking as the kernel reads it: what an item brings to any cart is summed beforehand."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.inputs import Shop, frozen
from recommender.ranker.signals import BLEND, BLEND_SCALES, ITEM_SIGNALS

_NAMES = [name for name, _, _ in BLEND]
_OF_ITEMS = [place for place, name in enumerate(_NAMES) if name == "share_relative" or name in ITEM_SIGNALS]
_OF_CARTS = [place for place in range(len(BLEND)) if place not in _OF_ITEMS]


class Blend(NamedTuple):
    """Weights of `recommender.ranker.signals.BLEND` over one shop.

    Attributes
    ----------
    scales, weights : float32 (terms,), of the terms that depend on the cart or the customer, in their order.
    of_items : float32 (items,), the bias and all other terms.
    """

    scales: NDArray[np.float32]
    weights: NDArray[np.float32]
    of_items: NDArray[np.float32]


def blend_of(shop: Shop, weights: NDArray[np.float32]) -> Blend:
    """The blend of the given weights, float32 (blended + 1,), the bias last."""
    total = np.full(len(shop.item_orders), weights[-1], np.float32)
    for place in _OF_ITEMS:
        term = _item_term(shop, _NAMES[place])
        total += weights[place] * (term / (np.abs(term) + BLEND_SCALES[place]))
    return Blend(frozen(BLEND_SCALES[_OF_CARTS]), frozen(weights[_OF_CARTS]), frozen(total))


def _item_term(shop: Shop, name: str) -> NDArray[np.float32]:
    if name != "share_relative":
        return shop.item_signals[:, ITEM_SIGNALS.index(name)]
    log_shares = shop.item_signals[:, ITEM_SIGNALS.index("log_share")]
    best = log_shares[shop.recent[0]] if len(shop.recent) else np.float32(0)
    return np.exp(log_shares - best, dtype=np.float32)
