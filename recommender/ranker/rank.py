"""The ranking of a cart's candidates by the learned probability."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.describe import describe
from recommender.ranker.gather import room_needed
from recommender.ranker.inputs import Past, Scratch, Shop, new_scratch
from recommender.ranker.network import Network, logits, probabilities
from recommender.ranker.signals import BLEND_SCALES, COLUMN, SIGNALS

CANDIDATES = 300
_BLEND = COLUMN["blend"]


@dataclass(frozen=True)
class Ranking:
    """Candidates of a cart, likeliest first, equal ones by row.

    Attributes
    ----------
    rows : int32 (candidates,).  scores : float64 (candidates,), the probability of each.
    """

    rows: NDArray[np.int32]
    scores: NDArray[np.float64]


class Ranker:
    """The kernel and the network over one model and its customers; safe to share between threads."""

    def __init__(self, shop: Shop, past: Past, blend: NDArray[np.float32], network: Network) -> None:
        self._shop, self._past = shop, past
        self._blend, self._network = blend, network
        self._local = threading.local()

    def rank(self, cart: NDArray[np.int32], customer: int, now: int) -> Ranking:
        """Rank the candidates of a cart.

        Parameters
        ----------
        cart : int32, different item rows, ascending.  customer : row of the customer, -1 for a stranger.
        now : seconds since 1970; the customer's orders from then on do not count.
        """
        rows, signals = self._rows()
        scratch = self._scratch(room_needed(self._shop, self._past, customer, cart))
        found = int(
            describe(self._shop, self._past, BLEND_SCALES, self._blend, customer, now, cart, scratch, rows, signals)
        )
        scores = logits(self._network, signals[:found], signals[:found, _BLEND])
        order = np.argsort(-scores, kind="stable")
        return Ranking(rows[order], probabilities(scores[order]))

    def _rows(self) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        if not hasattr(self._local, "rows"):
            self._local.rows = np.empty(CANDIDATES, np.int32)
            self._local.signals = np.empty((CANDIDATES, len(SIGNALS)), np.float32)
        return self._local.rows, self._local.signals

    def _scratch(self, slots: int) -> Scratch:
        scratch: Scratch | None = getattr(self._local, "scratch", None)
        if scratch is None or len(scratch.rows) < slots:
            categories = len(self._shop.companion_offsets) - 1
            scratch = new_scratch(len(self._shop.item_orders), categories, max(4096, 2 * slots))
            self._local.scratch = scratch
        return scratch
