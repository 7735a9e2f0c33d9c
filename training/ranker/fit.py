"""Fitting the ranking: questions from later orders, answered with counts of the earlier ones."""

from __future__ import annotations

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
from training.ranker.fit_network import HIDDEN, fit_network
from training.ranker.later_carts import LaterCarts
from training.ranker.rows import Rows, Sampling, fitting_rows, joined
from training.ranker.spread import choose_spread, shown_by_neighbours

_BLEND_SAMPLING = Sampling(candidates=1500, best=30, others=60)
_BLEND_CARTS = 1500
_BREADTH = (128, 80, 800)
_BREADTH_OF_STRANGERS = (400, 400, 6000)


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
    shop: Shop, past: Past, carts: LaterCarts, start: RankerWeights, config: RankerConfig, seed: int, progress: Step
) -> FittedRanker:
    """Fit the blend, then the network that corrects it, each as far as there are orders to fit it on.

    Each cart counts as its customer's and as a stranger's.

    Parameters
    ----------
    shop, past : of orders earlier than every cart.  start : the documented blend.
    """
    orders = len(np.unique(carts.baskets))
    if orders < config.min_orders:
        return FittedRanker(start, 0)
    best_log_share = float(shop.item_signals[shop.recent[0], ITEM_SIGNALS.index("log_share")])
    few = carts.of(np.arange(len(carts)) < _BLEND_CARTS)
    blend = fit_blend(_rows(shop, past, start.blend, few, _BLEND_SAMPLING, seed), best_log_share)
    if orders < config.min_network_orders:
        return FittedRanker(replace(start, blend=blend), len(few))
    sampling = Sampling(candidates=int(start.breadth[0]), best=20, others=40)
    rows = _rows(shop, past, blend, carts, sampling, seed + 2)
    fitted = fit_network(rows, seed, progress=progress)
    weights = replace(start, blend=blend, network=fitted.network)
    spread = np.array([choose_spread(Ranker(shop, past, weights), carts, shown_by_neighbours(shop, carts))], np.float32)
    return FittedRanker(replace(weights, spread=spread), len(carts), fitted.blend_loss, fitted.loss)


def _rows(
    shop: Shop, past: Past, weights: NDArray[np.float32], carts: LaterCarts, sampling: Sampling, seed: int
) -> Rows:
    blend = blend_of(shop, weights)
    parts = [fitting_rows(shop, past, blend, carts, sampling, seed)]
    if (carts.customers >= 0).any():
        parts.append(fitting_rows(shop, past, blend, carts.anonymous(), sampling, seed + 1))
    return joined(parts)
