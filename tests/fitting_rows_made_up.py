"""Rows to fit a ranking on, made up: carts of candidates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recommender.ranker.signals import COLUMN, SIGNALS
from training.ranker.rows import Rows


def rows_of(carts: Sequence[Sequence[tuple[float, bool, float]]]) -> Rows:
    """Each candidate as its blend, whether it is the hidden item, and its weight; all other signals are 0."""
    flat = [candidate for cart in carts for candidate in cart]
    signals = np.zeros((len(flat), len(SIGNALS)), np.float32)
    signals[:, COLUMN["blend"]] = [blend for blend, _, _ in flat]
    return Rows(
        signals=signals,
        hits=np.array([hit for _, hit, _ in flat], np.bool_),
        weights=np.array([weight for _, _, weight in flat], np.float32),
        offsets=np.cumsum([0, *map(len, carts)]).astype(np.int64),
        groups=np.arange(len(carts), dtype=np.int64),
    )


def random_rows(carts: int, candidates: int, seed: int = 0, strength: float = 0.0, signal: str = "taste") -> Rows:
    """Random signals; the hidden item is drawn with ``exp(strength * signal)``, or is none of the candidates.

    The blend knows nothing of it.
    """
    random = np.random.default_rng(seed)
    signals = random.normal(0, 1, (carts, candidates, len(SIGNALS))).astype(np.float32)
    signals[:, :, COLUMN["log_price"]][random.random((carts, candidates)) < 0.3] = 0
    signals[:, :, COLUMN["log_share"]] = random.uniform(-9, -1, (carts, candidates))
    signals[:, :, COLUMN["blend"]] = 0
    pull = np.concatenate([np.exp(strength * signals[:, :, COLUMN[signal]]), np.ones((carts, 1))], axis=1)
    drawn = (random.random((carts, 1)) * pull.sum(axis=1, keepdims=True) > np.cumsum(pull, axis=1)).sum(axis=1)
    hits = np.arange(candidates) == drawn[:, None]
    return Rows(
        signals=signals.reshape(-1, len(SIGNALS)),
        hits=hits.reshape(-1),
        weights=np.ones(carts * candidates, np.float32),
        offsets=np.arange(carts + 1, dtype=np.int64) * candidates,
        groups=np.arange(carts, dtype=np.int64),
    )


BEST_LOG_SHARE = -1.0
