"""How much popularity can be taken off the order before hits are lost: more of the catalog is shown for nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.inputs import Shop
from recommender.ranker.rank import Ranker
from training.ranker.later_carts import LaterCarts

SPREADS = (0.0, 0.025, 0.05, 0.075, 0.1, 0.125, 0.15, 0.175)
_CARTS = 2500
_PLACES = 10
_SMALL_LOSS = 0.01
_SURE = 2.0
_TO_SPARE = 7 / 6


def choose_spread(ranker: Ranker, carts: LaterCarts, wanted: int) -> float:
    """The smallest of `SPREADS` that shows more items than `wanted`, or as many as can be had for no sure loss of hits.

    Hits and items are those of ten places; items count apart for customers and for strangers, and the fewer count. Of
    the items wanted there must be a sixth to spare, since lists of later weeks overlap in other ways.
    Surely is a net loss of more than one hit in a hundred and of more than two standard errors, roots of the hits that
    changed: less may be luck.

    Parameters
    ----------
    carts : later carts, 2,500 of them count at most.  wanted : different items, as `shown_by_neighbours` tells them.
    """
    if not wanted:
        return 0.0
    hits: list[NDArray[np.bool_]] = []
    shown: dict[bool, list[set[int]]] = {}
    for cart in range(min(len(carts), _CARTS)):
        items = np.sort(carts.items[carts.offsets[cart] : carts.offsets[cart + 1]])
        for customer in sorted({int(carts.customers[cart]), -1}):
            rows, likely, log_shares = ranker.score(items, customer, int(carts.times[cart]))
            tops = [rows[_best(likely - spread * log_shares)] for spread in SPREADS]
            hits.append(np.array([carts.hidden[cart] in top for top in tops], np.bool_))
            for known, top in zip(shown.setdefault(customer >= 0, [set() for _ in SPREADS]), tops, strict=True):
                known.update(top.tolist())
    reached = [min((len(lists[place]) for lists in shown.values()), default=0) for place in range(len(SPREADS))]
    enough = next((place for place, items in enumerate(reached) if items >= _TO_SPARE * wanted), len(SPREADS) - 1)
    return SPREADS[min(enough, _dearest(np.array(hits, np.bool_).reshape(-1, len(SPREADS))))]


def shown_by_neighbours(shop: Shop, carts: LaterCarts) -> int:
    """Different items in the ten places that summed asymmetric cosines alone would fill, over the same carts."""
    shown: set[int] = set()
    for cart in range(min(len(carts), _CARTS)):
        items = carts.items[carts.offsets[cart] : carts.offsets[cart + 1]]
        entries = [np.arange(shop.pair_offsets[item], shop.pair_offsets[item + 1]) for item in items]
        places = np.concatenate([np.empty(0, np.int64), *entries])
        rows, place = np.unique(shop.pair_items[places], return_inverse=True)
        sums = np.bincount(place, shop.pair_cosines[places], len(rows))
        others = ~np.isin(rows, items)
        shown.update(rows[others][_best(sums[others])].tolist())
    return len(shown)


def _dearest(hits: NDArray[np.bool_]) -> int:
    """Place of the largest of `SPREADS` that does not surely lose hits, bool (questions, SPREADS)."""
    gained, lost = (hits & ~hits[:, :1]).sum(axis=0), (~hits & hits[:, :1]).sum(axis=0)
    may_lose = np.maximum(_SMALL_LOSS * hits[:, 0].sum(), _SURE * np.sqrt(gained + lost))
    return int(np.flatnonzero(lost - gained <= may_lose)[-1])


def _best(scores: NDArray[np.floating]) -> NDArray[np.intp]:
    """Places of the ten highest, equal ones in order of place."""
    return np.argsort(-scores, kind="stable")[:_PLACES]
