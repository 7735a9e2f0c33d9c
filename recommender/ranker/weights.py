"""What training learns for the ranking, as the model keeps it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.network import Network


@dataclass(frozen=True)
class RankerWeights:
    """The learned ranking: a blend of signals and the network that corrects it.

    Attributes
    ----------
    blend : float32 (blended + 1,), weights of `recommender.ranker.signals.BLEND`, the bias last.
    network : its last layer is zero where the blend stands alone.
    breadth : int32 (3,): candidates that the blend lets through to the network, baskets like the cart that count, and
        baskets that are looked at to find them.
    spread : float32 (1,), weight of the log share that is taken off the order, so that more of the catalog is shown.
    """

    blend: NDArray[np.float32]
    network: Network
    breadth: NDArray[np.int32]
    spread: NDArray[np.float32]
