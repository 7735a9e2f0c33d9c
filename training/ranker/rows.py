"""The rows that the ranking is fitted on, made by the kernel that serves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.blend import Blend
from recommender.ranker.compiled import compiled
from recommender.ranker.describe import describe
from recommender.ranker.inputs import Past, Scratch, Shop, new_scratch
from recommender.ranker.signals import COLUMN, SIGNALS
from training.ranker.later_carts import LaterCarts

_BLEND = COLUMN["blend"]
_THREADS = 2


@dataclass(frozen=True)
class Rows:
    """Candidates of many carts, cart by cart.

    Attributes
    ----------
    signals : float32 (rows, SIGNALS).  hits : bool (rows,), True for the hidden item.
    weights : float32 (rows,), how many candidates a row stands for: the best are all there, the rest are sampled.
    offsets : int64 (carts + 1,).  groups : int64 (carts,), equal for carts made of one order.
    """

    signals: NDArray[np.float32]
    hits: NDArray[np.bool_]
    weights: NDArray[np.float32]
    offsets: NDArray[np.int64]
    groups: NDArray[np.int64]

    @property
    def carts(self) -> int:
        return len(self.groups)

    def of(self, chosen: NDArray[np.bool_]) -> Rows:
        """The rows of the carts for which `chosen`, bool (carts,), is true."""
        sizes = np.diff(self.offsets)
        rows = np.repeat(chosen, sizes)
        offsets = np.concatenate([[0], np.cumsum(sizes[chosen])])
        return Rows(self.signals[rows], self.hits[rows], self.weights[rows], offsets, self.groups[chosen])


@dataclass(frozen=True)
class Sampling:
    """How many candidates of a cart become rows.

    Attributes
    ----------
    candidates : how many the blend lets through.  best : of those, how many are all kept.
    others : how many of the rest are drawn, each weighted for those it stands for.
    """

    candidates: int
    best: int
    others: int


def fitting_rows(
    shop: Shop,
    past: Past,
    blend: Blend,
    carts: LaterCarts,
    sampling: Sampling,
    seed: int,
) -> Rows:
    """Every cart's hidden item (where it is among the candidates), its best rivals and a sample of the others.

    The carts are shared between two threads; which of them is faster changes nothing.
    """

    def of_part(part: int) -> Rows:
        chosen = np.arange(len(carts)) % _THREADS == part
        random = np.random.default_rng((seed, part))
        return _rows_of(shop, past, blend, carts.of(chosen), sampling, random)

    with ThreadPoolExecutor(_THREADS) as threads:
        return joined(list(threads.map(of_part, range(_THREADS))))


def _rows_of(
    shop: Shop,
    past: Past,
    blend: Blend,
    carts: LaterCarts,
    sampling: Sampling,
    random: np.random.Generator,
) -> Rows:
    scratch = new_scratch(shop)
    bound = len(carts) * (sampling.best + sampling.others + 1) + sampling.candidates
    signals = np.empty((bound, len(SIGNALS)), np.float32)
    hits, row_weights = np.zeros(bound, np.bool_), np.empty(bound, np.float32)
    offsets = np.zeros(len(carts) + 1, np.int64)
    draw = (sampling.candidates, sampling.best, sampling.others)
    questions = (carts.offsets, carts.items, carts.hidden, carts.customers, carts.times)
    _fill(
        shop,
        past,
        blend,
        questions,
        draw,
        random,
        scratch,
        signals,
        hits,
        row_weights,
        offsets,
    )
    used = int(offsets[-1])
    return Rows(signals[:used], hits[:used], row_weights[:used], offsets, carts.baskets)


def joined(parts: list[Rows]) -> Rows:
    """Rows of several sets of carts, one after the other."""
    starts = np.cumsum([0, *(len(part.hits) for part in parts)])
    offsets = [part.offsets[:-1] + start for part, start in zip(parts, starts, strict=False)]
    return Rows(
        np.concatenate([part.signals for part in parts]),
        np.concatenate([part.hits for part in parts]),
        np.concatenate([part.weights for part in parts]),
        np.concatenate([*offsets, starts[-1:]]),
        np.concatenate([part.groups for part in parts]),
    )


@compiled
def _fill(
    shop: Shop,
    past: Past,
    blend: Blend,
    questions: tuple[NDArray, NDArray, NDArray, NDArray, NDArray],
    draw: tuple[int, int, int],
    random: np.random.Generator,
    scratch: Scratch,
    signals: NDArray[np.float32],
    hits: NDArray[np.bool_],
    row_weights: NDArray[np.float32],
    offsets: NDArray[np.int64],
) -> None:
    cart_offsets, items, hidden, customers, times = questions
    candidates, best, others = draw
    rows, buffer = np.empty(candidates, np.int32), np.empty((signals.shape[1], candidates), np.float32)
    used = 0
    for cart in range(len(hidden)):
        shown = np.sort(items[cart_offsets[cart] : cart_offsets[cart + 1]])
        found = describe(shop, past, blend, customers[cart], times[cart], shown, scratch, rows, buffer)
        order = np.argsort(-buffer[_BLEND, :found], kind="mergesort")
        rest = max(found - best, 0)
        drawn = min(others, rest)
        full = len(hits) - (len(hidden) - cart) * (best + 1)
        for place in range(found):
            candidate = order[place]
            hit = rows[candidate] == hidden[cart]
            weight = np.float32(1)
            if not hit and place >= best:
                if used >= full or random.random() * rest >= drawn:
                    continue
                weight = np.float32(rest) / np.float32(drawn)
            signals[used] = buffer[:, candidate]
            hits[used], row_weights[used] = hit, weight
            used += 1
        offsets[cart + 1] = used
