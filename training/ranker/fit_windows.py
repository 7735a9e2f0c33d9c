"""One network of one window of later orders or of two, and how much of its correction holds at a later time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.network import Network, logits, shared
from recommender.ranker.signals import COLUMN
from training.progress import Step, unwatched
from training.ranker.fit_network import Fitted, fit_network
from training.ranker.objective import loss
from training.ranker.rows import Rows, joined

_SHARES = np.linspace(0, 1, 21)
_ROWS_AT_ONCE = 65_536


@dataclass(frozen=True)
class Transfer:
    """The share of a network's correction that serves later carts best, and their mean loss, in nats: of the blend
    alone, and with that share."""

    share: float
    blend_loss: float
    loss: float


def fit_on_windows(windows: Sequence[Rows], seed: int, progress: Step = unwatched) -> Fitted:
    """A network of the last window, the first of `windows`, or of it and the one before, whichever foretells better.

    Where there is one window only, its network counts where it is surely better on carts held out of it. Where there
    are two, the later half of the last one judges: a network of what lies before that half, with the earlier window
    and without it, and how much of its correction to keep. The better of the two ways is then fitted on all.
    """
    last = windows[0]
    if len(windows) == 1:
        fitted = fit_network(last, seed, progress=progress)
        return fitted if fitted.sure else fitted.as_blend()
    later = last.groups >= np.median(last.groups)
    ways = ([last], [last, *windows[1:]])
    trials = [fit_network(joined([last.of(~later), *way[1:]]), seed) for way in ways]
    held = [transfer(trial.network, last.of(later)) for trial in trials]
    better = int(np.argmin([found.loss for found in held]))
    fitted = fit_network(joined(ways[better]), seed, progress=progress)
    found = held[better]
    return replace(fitted, network=shared(fitted.network, found.share), blend_loss=found.blend_loss, loss=found.loss)


def transfer(network: Network, later: Rows) -> Transfer:
    """Try shares of 0, .05 … 1 on carts later than all that the network learned from.

    Carts held out of its fit lie between those, in the same weeks, and flatter it.
    """
    blend = later.signals[:, COLUMN["blend"]]
    correction = _logits(network, later.signals) - blend
    losses = [loss(blend + share * correction, later) for share in _SHARES]
    best = int(np.argmin(losses))
    return Transfer(float(_SHARES[best]), losses[0], losses[best])


def _logits(network: Network, signals: NDArray[np.float32]) -> NDArray[np.float32]:
    parts = [signals[row : row + _ROWS_AT_ONCE] for row in range(0, len(signals), _ROWS_AT_ONCE)]
    found = [logits(network, np.ascontiguousarray(part.T), COLUMN["blend"], len(part)) for part in parts]
    return np.concatenate([np.empty(0, np.float32), *found])
