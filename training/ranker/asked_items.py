"""Which items a batch of the encoder's softmax goes over, and what each of them stands for.

Of a sample every item counts as many times as it is seldom drawn (Horvitz & Thompson 1952), so that the sum under the
softmax is right on average; the hidden items are among them for sure and count once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.ranker.encoder_batches import Batch

_UNIFORM = 0.25
"""Share of a sample that is drawn from all items alike; the others are drawn as often as they sell."""


@dataclass(frozen=True)
class Asked:
    """Items of a softmax.

    Attributes
    ----------
    rows : int64 (asked,), item rows, rising.
    log_weights : float32 (asked,), log of how many items each stands for.
    """

    rows: NDArray[np.int64]
    log_weights: NDArray[np.float32]


Asks = Callable[[Sequence[Batch], np.random.Generator], Asked]


def every_item(items: int) -> Asks:
    """All items of the shop, each for itself.

    >>> every_item(2)([], np.random.default_rng(0)).rows.tolist()
    [0, 1]
    """
    asked = Asked(np.arange(items), np.zeros(items, np.float32))
    return lambda batches, random: asked  # noqa: ARG005  # nothing of it is drawn


_NEARLY_ALL = 1 - 1e-9


class Sampled:
    """What is hidden, and a sample of the items that were sold.

    Parameters
    ----------
    sold : int64 (items,), lines of each item.  lines : int32, item rows, of all lines.
    sample : number of draws, 2 at least.
    """

    def __init__(self, sold: NDArray[np.int64], lines: NDArray[np.int32], sample: int) -> None:
        self._lines, self._items = lines, np.flatnonzero(sold)
        self._alike = int(sample * _UNIFORM)
        self._by_sales = sample - self._alike
        self._share = np.minimum(sold / sold.sum(), _NEARLY_ALL)

    def __call__(self, batches: Sequence[Batch], random: np.random.Generator) -> Asked:
        """The hidden items count as drawn by how often items sell, since that is how they came."""
        hidden = np.concatenate([batch.hidden for batch in batches])
        alike = self._items[random.integers(len(self._items), size=self._alike)]
        by_sales = self._lines[random.integers(len(self._lines), size=self._by_sales)]
        drawn = np.zeros(len(self._share), np.bool_)
        for items in (hidden, alike, by_sales):
            drawn[items] = True
        rows = np.flatnonzero(drawn)
        never = (len(hidden) + self._by_sales) * np.log1p(-self._share[rows])
        never += self._alike * np.log1p(-1 / max(len(self._items), 2))
        return Asked(rows, -np.log(-np.expm1(never)).astype(np.float32))
