"""Fitting the ranking: questions from later orders, answered with counts of the earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.blend import blend_of
from recommender.ranker.inputs import Past, Shop
from recommender.ranker.network import Network
from recommender.ranker.rank import Ranker
from recommender.ranker.signals import BLEND_WEIGHTS, ITEM_SIGNALS, SIGNALS
from recommender.ranker.weights import RankerWeights
from training.config import RankerConfig
from training.progress import Step
from training.ranker.fit_blend import fit_blend
from training.ranker.fit_network import HIDDEN
from training.ranker.fit_windows import fit_on_windows
from training.ranker.later_carts import LaterCarts
from training.ranker.rows import Rows, Sampling, fitting_rows, joined
from training.ranker.spread import choose_spread, shown_by_neighbours

_BLEND_SAMPLING = Sampling(candidates=1500, best=30, others=60)
_BLEND_CARTS = 1500
_BREADTH = (128, 80, 800)
_BREADTH_OF_STRANGERS = (400, 400, 6000)


@dataclass(frozen=True)
class Window:
    """Later carts, and the shop and its customers' histories as they were before the first of them."""

    shop: Shop
    past: Past
    carts: LaterCarts

    @property
    def orders(self) -> int:
        return len(np.unique(self.carts.baskets))


@dataclass(frozen=True)
class FittedRanker:
    """The fitted ranking.

    Attributes
    ----------
    carts : carts that it was fitted on; 0 where they were too few and the documented blend ranks.
    blend_loss, loss : mean loss a cart, in nats, on carts held out of the fit: the blend's, and with the network.
    """

    weights: RankerWeights
    carts: int
    blend_loss: float | None = None
    loss: float | None = None


@dataclass(frozen=True)
class Rankings:
    """How a `cart` is ranked, and a `home` page, where nothing is in it."""

    cart: FittedRanker
    home: FittedRanker

    @classmethod
    def documented(cls, customers_known: bool) -> Rankings:
        """Nothing fitted, see `documented_blend`."""
        blend = FittedRanker(documented_blend(customers_known), 0)
        return cls(blend, blend)


def documented_blend(customers_known: bool) -> RankerWeights:
    """The fixed blend of `recommender.ranker.signals.BLEND`, with a network that corrects nothing.

    Where no customer is known there is no history to look through, and the time goes into more candidates.
    """
    breadth = _BREADTH if customers_known else _BREADTH_OF_STRANGERS
    sizes = (len(SIGNALS), *HIDDEN)
    network = Network(
        scales=np.ones(sizes[0], np.float32),
        first=np.zeros((sizes[0], sizes[1]), np.float32),
        first_bias=np.zeros(sizes[1], np.float32),
        second=np.zeros((sizes[1], sizes[2]), np.float32),
        second_bias=np.zeros(sizes[2], np.float32),
        last=np.zeros(sizes[2], np.float32),
        last_bias=np.zeros(1, np.float32),
    )
    return RankerWeights(BLEND_WEIGHTS, network, np.array(breadth, np.int32), np.zeros(1, np.float32))


def fit_ranker(
    windows: Sequence[Window], start: RankerWeights, config: RankerConfig, seed: int, progress: Step
) -> FittedRanker:
    """Fit the blend, then the network that corrects it, each as far as there are orders to fit it on.

    Each cart counts as its customer's and as a stranger's, unless nothing is in any: of a stranger with nothing in the
    cart there is nothing to rank by.

    Parameters
    ----------
    windows : the last in time first, and where its orders are few the one before it.
    start : the documented blend.
    """
    last = windows[0]
    if last.orders < config.min_orders:
        return FittedRanker(start, 0)
    best_log_share = float(last.shop.item_signals[last.shop.recent[0], ITEM_SIGNALS.index("log_share")])
    few = [replace(window, carts=window.carts.of(np.arange(len(window.carts)) < _BLEND_CARTS)) for window in windows]
    blend_rows = [_rows(window, start.blend, _BLEND_SAMPLING, seed) for window in few]
    blend = fit_blend(joined(blend_rows), best_log_share)
    if last.orders < config.min_network_orders:
        return FittedRanker(replace(start, blend=blend), sum(len(window.carts) for window in few))
    sampling = Sampling(candidates=int(start.breadth[0]), best=20, others=40)
    fitted = fit_on_windows([_rows(window, blend, sampling, seed + 2) for window in windows], seed, progress)
    weights = replace(start, blend=blend, network=fitted.network)
    ranker, wanted = Ranker(last.shop, last.past, weights), shown_by_neighbours(last.shop, last.carts)
    spread = np.array([choose_spread(ranker, last.carts, wanted)], np.float32)
    carts = sum(len(window.carts) for window in windows)
    return FittedRanker(replace(weights, spread=spread), carts, fitted.blend_loss, fitted.loss)


def _rows(window: Window, weights: NDArray[np.float32], sampling: Sampling, seed: int) -> Rows:
    blend = blend_of(window.shop, weights)
    parts = [fitting_rows(window.shop, window.past, blend, window.carts, sampling, seed)]
    if len(window.carts.items) and (window.carts.customers >= 0).any():
        parts.append(fitting_rows(window.shop, window.past, blend, window.carts.anonymous(), sampling, seed + 1))
    return joined(parts)
