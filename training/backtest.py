"""The back-test: a model of the earlier orders answers the later ones, one item of each hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from recommender.engine import Recommender
from recommender.evidence import wilson_interval
from training.baskets import Baskets

PLACES = 10
_DAY = 86_400
_LUCK = 0.05


@dataclass(frozen=True)
class HiddenItem:
    """A later cart: `items` are shown to the model, `hidden` is the one line taken out at random."""

    items: tuple[str, ...]
    customer_id: str | None
    hidden: str


@dataclass(frozen=True)
class Measured:
    """What a back-test found.

    Attributes
    ----------
    ranks : int64 (carts,), place of the hidden item from 0, `PLACES` where it is not among them.
    bestseller_ranks : the same for the bestsellers without the cart's items.
    shown : different items in all lists.
    """

    ranks: NDArray[np.int64]
    bestseller_ranks: NDArray[np.int64]
    shown: int

    def as_json(self) -> dict[str, Any]:
        """Figures for the manifest; HR@10 with Wilson's 95% interval."""
        hits = int((self.ranks < PLACES).sum())
        low, high = wilson_interval(hits, len(self.ranks))
        return {
            "protocol": "back-test: a model of the earlier orders, one hidden item a later cart, whole catalog ranked",
            "carts": len(self.ranks),
            "hr10": hits / len(self.ranks),
            "hr10_low": low,
            "hr10_high": high,
            "ndcg10": float(_gain(self.ranks).mean()),
            "bestsellers_hr10": float((self.bestseller_ranks < PLACES).mean()),
            "items_shown": self.shown,
        }

    def loses_to_bestsellers(self) -> bool:
        """Below the bestsellers by more than luck: a one-sided exact test on the carts that only one of them hit."""
        hit, best_hit = self.ranks < PLACES, self.bestseller_ranks < PLACES
        gained, lost = int((hit & ~best_hit).sum()), int((best_hit & ~hit).sum())
        return lost > gained and float(binomtest(gained, gained + lost, alternative="less").pvalue) < _LUCK


def split(baskets: Baskets, share: float) -> int:
    """The order where the later part begins: the last `share` of orders, whole days where there are times.

    Without times the order of the file stands for time.
    """
    border = int(len(baskets) * (1 - share))
    if not baskets.has_times or border >= len(baskets):
        return border
    day = baskets.times[border] // _DAY * _DAY
    return int(np.searchsorted(baskets.times, day))


def hidden_items(baskets: Baskets, start: int, known: NDArray[np.bool_], most: int, seed: int) -> list[HiddenItem]:
    """Carts of the orders from `start` on with two known items or more, at most `most` drawn at random.

    Parameters
    ----------
    known : bool (items,), items that the earlier orders hold; others are left out of the carts.
    """
    random = np.random.default_rng(seed)
    carts: list[HiddenItem] = []
    for order in (start + random.permutation(len(baskets) - start)).tolist():
        rows = baskets.items[baskets.offsets[order] : baskets.offsets[order + 1]]
        rows = rows[known[rows]]
        if len(rows) < 2:
            continue
        ids = [baskets.item_ids[row] for row in rows.tolist()]
        hidden = ids.pop(int(random.integers(len(ids))))
        customer = int(baskets.customers[order])
        carts.append(HiddenItem(tuple(ids), baskets.customer_ids[customer] if customer >= 0 else None, hidden))
        if len(carts) == most:
            break
    return carts


def measure(recommender: Recommender, carts: Sequence[HiddenItem]) -> Measured:
    """Ask the engine itself, placement ``cross-sell``, for ten places a cart."""
    best = [recommender.catalog.item_ids[row] for row in recommender.model.bestsellers.items.tolist()]
    ranks, bestseller_ranks = np.full((2, len(carts)), PLACES, np.int64)
    shown: set[str] = set()
    for number, cart in enumerate(carts):
        answer = recommender.answer(cart.items, customer_id=cart.customer_id, k=PLACES)
        ids = [suggestion.item_id for suggestion in answer.suggestions]
        shown.update(ids)
        ranks[number] = _place(ids, cart.hidden)
        others = [item for item in best[: PLACES + len(cart.items)] if item not in cart.items]
        bestseller_ranks[number] = _place(others[:PLACES], cart.hidden)
    return Measured(ranks, bestseller_ranks, len(shown))


def _place(ids: Sequence[str], hidden: str) -> int:
    return ids.index(hidden) if hidden in ids else PLACES


def _gain(ranks: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.where(ranks < PLACES, 1 / np.log2(ranks + 2.0), 0.0)
