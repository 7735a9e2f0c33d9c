"""The ranking of a cart's candidates by the learned probability."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.blend import Blend, blend_of
from recommender.ranker.compiled import Native, NativeType, compiled, compiled_brief, native
from recommender.ranker.contributions import contributions
from recommender.ranker.describe import describe
from recommender.ranker.inputs import Past, Scratch, Shop, frozen, new_scratch
from recommender.ranker.network import Network, logits, probabilities
from recommender.ranker.select import falling
from recommender.ranker.signals import COLUMN, ITEM_SIGNALS, SIGNALS
from recommender.ranker.weights import RankerWeights

_BLEND, _LOG_SHARE = COLUMN["blend"], COLUMN["log_share"]
_ITEM_LOG_SHARE = ITEM_SIGNALS.index("log_share")


class _Ground(Native):
    """What all rankings rest on."""


class _GroundType(NativeType):
    pass


class _Memory(Native):
    """What one ranking works in."""


class _MemoryType(NativeType):
    pass


native(_GroundType, _Ground, "shop", "past", "blend", "network", "spread")
native(_MemoryType, _Memory, "scratch", "rows", "signals")


class Ranking(NamedTuple):
    """Candidates of a cart, best first, equal ones by row.

    Attributes
    ----------
    rows : int32 (candidates,).
    scores : float64 (candidates,), what they are ordered by: the logit less a little of the log share.
    probabilities : float64 (candidates,); they fall but for that little.
    """

    rows: NDArray[np.int32]
    scores: NDArray[np.float64]
    probabilities: NDArray[np.float64]


class Ranker:
    """The kernel and the network over one model and its customers; safe to share between threads."""

    def __init__(self, shop: Shop, past: Past, weights: RankerWeights) -> None:
        self._shop, self._weights = shop, weights.blend
        self._candidates, self._spread = int(weights.breadth[0]), np.float32(weights.spread[0])
        network = Network(*map(frozen, weights.network))
        self._ground = _ground_of(shop, past, blend_of(shop, weights.blend), network, self._spread)
        self._idle: list[_Memory] = []

    def rank(self, cart: NDArray[np.int32], customer: int, now: int) -> Ranking:
        """Rank the candidates of a cart.

        Parameters
        ----------
        cart : int32, different item rows, ascending.  customer : row of the customer, -1 for a stranger.
        now : seconds since 1970; the customer's orders from then on do not count.
        """
        memory = self._taken()
        found = _ranked(self._ground, customer, now, cart, memory)
        self._idle.append(memory)
        return Ranking(*found)

    def contributions(self, cart: NDArray[np.int32], customer: int, now: int) -> dict[int, dict[str, float]]:
        """What each signal adds to the score of each candidate, by item row and by name; they sum up to the score."""
        rows, likely, signals = self._described(cart, customer, now)
        shop, log_shares = self._shop, signals[_LOG_SHARE]
        best = float(shop.item_signals[shop.recent[0], _ITEM_LOG_SHARE]) if len(shop.recent) else 0.0
        told = contributions(self._weights, signals.T, best)
        told |= {"network": likely - signals[_BLEND], "spread": -self._spread * log_shares}
        columns = {name: np.asarray(column, np.float64).tolist() for name, column in told.items()}
        return {row: {name: columns[name][place] for name in columns} for place, row in enumerate(rows.tolist())}

    def score(
        self, cart: NDArray[np.int32], customer: int, now: int
    ) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
        """Candidates by row, their logits, and the logs of their shares of all baskets."""
        rows, likely, signals = self._described(cart, customer, now)
        return rows, likely, signals[_LOG_SHARE]

    def _described(
        self, cart: NDArray[np.int32], customer: int, now: int
    ) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
        memory = self._taken()
        described = _described(self._ground, customer, now, cart, memory)
        self._idle.append(memory)
        return described

    def _taken(self) -> _Memory:
        """Working memory that nobody else works in; the one used last, which the processor still has at hand."""
        try:
            return self._idle.pop()
        except IndexError:
            rows = np.empty(self._candidates, np.int32)
            signals = np.empty((len(SIGNALS), self._candidates), np.float32)
            return _memory_of(new_scratch(self._shop), rows, signals)


@compiled
def _ground_of(shop: Shop, past: Past, blend: Blend, network: Network, spread: np.float32) -> _Ground:
    return _Ground(shop, past, blend, network, spread)


@compiled
def _memory_of(scratch: Scratch, rows: NDArray[np.int32], signals: NDArray[np.float32]) -> _Memory:
    return _Memory(scratch, rows, signals)


@compiled_brief
def _ranked(
    ground: _Ground, customer: int, now: int, cart: NDArray[np.int32], memory: _Memory
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
    """The arrays of a `Ranking`: the whole way from a cart to it in machine code, as each call has its price."""
    found, likely = _judged(ground, customer, now, cart, memory)
    scores = (likely - ground.spread * memory.signals[_LOG_SHARE, :found]).astype(np.float32)
    order = falling(scores)
    return memory.rows[order], scores[order].astype(np.float64), probabilities(likely)[order]


@compiled
def _described(
    ground: _Ground, customer: int, now: int, cart: NDArray[np.int32], memory: _Memory
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
    """Candidates by row, their logits, and float32 (signals, candidates)."""
    found, likely = _judged(ground, customer, now, cart, memory)
    return memory.rows[:found].copy(), likely, memory.signals[:, :found].copy()


@compiled
def _judged(
    ground: _Ground, customer: int, now: int, cart: NDArray[np.int32], memory: _Memory
) -> tuple[int, NDArray[np.float32]]:
    """How many candidates the memory then holds, and their logits."""
    rows, signals = memory.rows, memory.signals
    found = describe(ground.shop, ground.past, ground.blend, customer, now, cart, memory.scratch, rows, signals)
    return found, logits(ground.network, signals, _BLEND, found)
