"""The back-test: a model of the earlier orders answers later carts that the ranking was not fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from recommender.engine import Recommender
from recommender.evidence import wilson_interval
from training.baskets import Baskets
from training.ranker.later_carts import LaterCarts

PLACES = 10
_DAY = 86_400
_SMALL_SHOP = 3_000
_MOST_OF_A_SMALL_SHOP = 0.5
_LUCK = 0.05


@dataclass(frozen=True)
class Measured:
    """What a back-test found.

    Attributes
    ----------
    ranks : int64 (carts,), place of the hidden item from 0, `PLACES` where it is not among them.
    bestseller_ranks : the same for the bestsellers without the cart's items.
    shown : different items in all lists.
    expected_hits : sum of the probabilities of all places.
    """

    ranks: NDArray[np.int64]
    bestseller_ranks: NDArray[np.int64]
    shown: int
    expected_hits: float

    def as_json(self) -> dict[str, Any]:
        """Figures for the manifest; HR@10 with Wilson's 95% interval."""
        hits = int((self.ranks < PLACES).sum())
        low, high = wilson_interval(hits, len(self.ranks))
        return {
            "carts": len(self.ranks),
            "hr10": hits / len(self.ranks),
            "hr10_low": low,
            "hr10_high": high,
            "ndcg10": float(_gain(self.ranks).mean()),
            "bestsellers_hr10": float((self.bestseller_ranks < PLACES).mean()),
            "items_shown": self.shown,
            "hits": hits,
            "expected_hits": self.expected_hits,
        }

    def loses_to_bestsellers(self) -> bool:
        """Below the bestsellers by more than luck: a one-sided exact test on the carts that only one of them hit."""
        hit, best_hit = self.ranks < PLACES, self.bestseller_ranks < PLACES
        gained, lost = int((hit & ~best_hit).sum()), int((best_hit & ~hit).sum())
        return lost > gained and float(special.bdtr(gained, gained + lost, 0.5)) < _LUCK


def split(baskets: Baskets, share: float) -> int:
    """The order where the later part begins: the last `share` of orders, of a small shop twice that.

    Parameters
    ----------
    baskets : with a time each.
    """
    share = min(2 * share, _MOST_OF_A_SMALL_SHOP) if len(baskets) < _SMALL_SHOP else share
    return between_days(baskets, int(len(baskets) * (1 - share)))


def between_days(baskets: Baskets, order: int) -> int:
    """The first order of the day of `order`, unless that day alone takes more than half of what lies before it."""
    if order >= len(baskets):
        return order
    day = int(np.searchsorted(baskets.times, baskets.times[order] // _DAY * _DAY))
    return day if 2 * day >= order else order


def measure(recommender: Recommender, carts: LaterCarts, customer_ids: Sequence[str]) -> Measured:
    """Ask the engine itself, placement ``cross-sell``, for ten places a cart.

    Parameters
    ----------
    customer_ids : ids of the rows that `carts` names.
    """
    ids = list(recommender.catalog.item_ids)
    best = recommender.model.bestsellers.items
    ranks, bestseller_ranks = np.full((2, len(carts)), PLACES, np.int64)
    shown: set[str] = set()
    chances = 0.0
    for cart in range(len(carts)):
        rows = carts.items[carts.offsets[cart] : carts.offsets[cart + 1]]
        customer = int(carts.customers[cart])
        answer = recommender.answer(
            [ids[row] for row in rows],
            customer_id=customer_ids[customer] if customer >= 0 else None,
            k=PLACES,
            at=datetime.fromtimestamp(int(carts.times[cart]), UTC),
        )
        listed = [suggestion.item_id for suggestion in answer.suggestions]
        chances += sum(suggestion.probability or 0.0 for suggestion in answer.suggestions)
        shown.update(listed)
        hidden = ids[int(carts.hidden[cart])]
        ranks[cart] = _place(listed, hidden)
        others = best[~np.isin(best, rows)][:PLACES]
        bestseller_ranks[cart] = _place([ids[row] for row in others], hidden)
    return Measured(ranks, bestseller_ranks, len(shown), chances)


def _place(ids: Sequence[str], hidden: str) -> int:
    return ids.index(hidden) if hidden in ids else PLACES


def _gain(ranks: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.where(ranks < PLACES, 1 / np.log2(ranks + 2.0), 0.0)
