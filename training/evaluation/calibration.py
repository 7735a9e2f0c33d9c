"""Whether the probabilities mean what they say."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.evidence import wilson_interval
from training.evaluation.lists import Lists
from training.evaluation.metrics import LIST_DEPTH, hits
from training.evaluation.questions import Questions

BINS = 10
_LEAST = 1e-6


@dataclass(frozen=True)
class Bin:
    """Places of like probability: their number, mean probability, and share of hits with Wilson's 95% interval."""

    places: int
    probability: float
    hit_rate: float
    low: float
    high: float


@dataclass(frozen=True)
class Calibration:
    """The probabilities of the first ten places against what happened.

    Attributes
    ----------
    ece_share : mean gap between probability and hit rate over ten bins of equal size, as a share of the hit rate.
    log_loss_ratio : log-loss over that of the plain hit rate of each place; below 1 the probabilities know more.
    expected_hits : sum of the probabilities.  hits : what it should be.
    """

    bins: tuple[Bin, ...]
    ece_share: float
    log_loss_ratio: float
    expected_hits: float
    hits: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def calibration(lists: Lists, questions: Questions) -> Calibration | None:
    """None where no place has a probability or nothing was hit."""
    if lists.probabilities is None:
        return None
    hit = hits(lists, questions)[:, :LIST_DEPTH] >= 0
    chance = lists.probabilities[:, :LIST_DEPTH]
    given = ~np.isnan(chance)
    place = np.broadcast_to(np.arange(LIST_DEPTH), chance.shape)[given]
    chance, hit = np.clip(chance[given], _LEAST, 1 - _LEAST), hit[given]
    if not hit.any():
        return None
    bins = _bins(chance, hit)
    gap = sum(abs(one.probability - one.hit_rate) * one.places for one in bins) / len(chance)
    rate = np.bincount(place, hit, LIST_DEPTH) / np.maximum(np.bincount(place, minlength=LIST_DEPTH), 1)
    plain = np.clip(rate, _LEAST, 1 - _LEAST)[place]
    return Calibration(
        bins=bins,
        ece_share=float(gap / hit.mean()),
        log_loss_ratio=_log_loss(chance, hit) / _log_loss(plain, hit),
        expected_hits=float(chance.sum()),
        hits=int(hit.sum()),
    )


def _bins(chance: NDArray[np.float64], hit: NDArray[np.bool_]) -> tuple[Bin, ...]:
    edges = np.quantile(chance, np.linspace(0, 1, BINS + 1))
    number = np.clip(np.searchsorted(edges, chance, side="right") - 1, 0, BINS - 1)
    found: list[Bin] = []
    for one in range(BINS):
        part = number == one
        if part.any():
            low, high = wilson_interval(int(hit[part].sum()), int(part.sum()))
            found.append(Bin(int(part.sum()), float(chance[part].mean()), float(hit[part].mean()), low, high))
    return tuple(found)


def _log_loss(chance: NDArray[np.float64], hit: NDArray[np.bool_]) -> float:
    return float(-np.where(hit, np.log(chance), np.log1p(-chance)).mean())
