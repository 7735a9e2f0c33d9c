"""How much popularity can be taken off the order before hits are lost: more of the catalog is shown for nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.rank import Ranker
from training.ranker.later_carts import LaterCarts

SPREADS = (0.0, 0.025, 0.05, 0.075, 0.1, 0.125)
_CARTS = 2500
_PLACES = 10
_SMALL_LOSS = 0.01
_STEPS = np.array(SPREADS, np.float32)[:, None]


def choose_spread(ranker: Ranker, carts: LaterCarts) -> float:
    """The largest of `SPREADS` that does not surely lose hits among ten places, with and without the customer.

    Surely is a net loss of more than one hit in a hundred and of more than one standard error, the root of the hits
    that changed: less may be luck, while what it adds to the catalog that is shown is certain.

    Parameters
    ----------
    carts : later carts, 2,500 of them count at most.
    """
    told = [_hits(ranker, carts, cart) for cart in range(min(len(carts), _CARTS))]
    hits = np.concatenate([np.empty((0, len(SPREADS)), np.bool_), *told])
    gained, lost = (hits & ~hits[:, :1]).sum(axis=0), (~hits & hits[:, :1]).sum(axis=0)
    may_lose = np.maximum(_SMALL_LOSS * hits[:, 0].sum(), np.sqrt(gained + lost))
    return SPREADS[int(np.flatnonzero(lost - gained <= may_lose)[-1])]


def _hits(ranker: Ranker, carts: LaterCarts, cart: int) -> NDArray[np.bool_]:
    """bool (1 or 2, SPREADS): whether the hidden item is among the ten, for the customer and for a stranger."""
    items = np.sort(carts.items[carts.offsets[cart] : carts.offsets[cart + 1]])
    asked = sorted({int(carts.customers[cart]), -1})
    found = np.zeros((len(asked), len(SPREADS)), np.bool_)
    for row, customer in enumerate(asked):
        rows, likely, log_shares = ranker.score(items, customer, int(carts.times[cart]))
        hidden = np.flatnonzero(rows == carts.hidden[cart])
        if len(hidden):
            scores = likely - _STEPS * log_shares
            found[row] = [_above(one, int(hidden[0])) < _PLACES for one in scores]
    return found


def _above(scores: np.ndarray, place: int) -> int:
    return int((scores > scores[place]).sum() + (scores[:place] == scores[place]).sum())
