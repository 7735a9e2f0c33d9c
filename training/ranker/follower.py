"""Going down the slopes of the encoder's layers, of those rows alone that a batch touched."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled
from recommender.ranker.encoder import Encoder
from training.ranker.touched_rows import Rows

_EPSILON = np.float32(1e-8)


class Follower:
    """Adam (Kingma & Ba 2015) with its usual .9 and .999, for rows that a step touched and no others.

    Parameters
    ----------
    layers : float32, in the order of `Encoder`; they are changed in place.
    """

    def __init__(self, layers: Sequence[NDArray[np.float32]]) -> None:
        self._layers = [_as_rows(layer) for layer in layers]
        self._means, self._squares = ([np.zeros_like(layer) for layer in self._layers] for _ in range(2))
        self._step = 0

    def step(self, slopes: Sequence[NDArray[np.float32]], rows: Rows, rate: np.float32, threads: Executor) -> None:
        """Go down the slopes of the rows that were touched."""
        self._step += 1

        def follow_layer(place: int) -> None:
            layer, slope = self._layers[place], slopes[place]
            touched = np.arange(len(layer))[rows.of(Encoder._fields[place])]
            state = self._means[place], self._squares[place]
            follow(layer, *state, _as_rows(slope), touched, rate, self._step)

        for _ in threads.map(follow_layer, range(len(self._layers))):
            pass


def _as_rows(layer: NDArray[np.float32]) -> NDArray[np.float32]:
    return layer[:, None] if layer.ndim == 1 else layer


@compiled
def follow(
    layer: NDArray[np.float32],
    mean: NDArray[np.float32],
    square: NDArray[np.float32],
    slope: NDArray[np.float32],
    rows: NDArray[np.int64],
    rate: np.float32,
    step: int,
) -> None:
    """One step of Adam, in place, of some rows; `slope` has a row for each of them."""
    first = np.float32(1 / (1 - 0.9**step))
    second = np.float32(1 / (1 - 0.999**step))
    for place in range(len(rows)):
        row = rows[place]
        for column in range(layer.shape[1]):
            down = slope[place, column]
            mean[row, column] += np.float32(0.1) * (down - mean[row, column])
            square[row, column] += np.float32(0.001) * (down * down - square[row, column])
            root = np.sqrt(square[row, column] * second)
            layer[row, column] -= rate * (mean[row, column] * first) / (root + _EPSILON)
