"""The inner loops of fitting the encoder."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled
from recommender.ranker.encode import add

_EPSILON = np.float32(1e-8)


@compiled
def add_rows(
    sums: NDArray[np.float32], table: NDArray[np.float32], items: NDArray[np.int32], offsets: NDArray[np.int64]
) -> None:
    """`recommender.ranker.encode.add` for each row of `sums`."""
    for row in range(len(sums)):
        add(sums[row], table, items[offsets[row] : offsets[row + 1]])


@compiled
def blame(
    table: NDArray[np.float32], back: NDArray[np.float32], items: NDArray[np.int32], offsets: NDArray[np.int64]
) -> None:
    """The slopes of `add_rows`: what each item's row has to do with the slopes of the sums."""
    for row in range(len(back)):
        number = offsets[row + 1] - offsets[row]
        share = np.float32(1) / np.sqrt(np.float32(max(number, 1)))
        for line in range(offsets[row], offsets[row + 1]):
            for column in range(back.shape[1]):
                table[items[line], column] += share * back[row, column]


def slopes_of_scores(
    scores: NDArray[np.float32],
    shown: NDArray[np.int32],
    shown_offsets: NDArray[np.int64],
    hidden: NDArray[np.int32],
    hidden_offsets: NDArray[np.int64],
    carts: int,
) -> None:
    """In place: scores of carts × items become slopes of the mean loss of `carts`.

    The loss of a cart is ``-mean over hidden items of log(chance)``, the chance a softmax over all that is not shown.
    """
    _leave_out(scores, shown, shown_offsets)
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True) * np.float32(carts)
    _expect(scores, hidden, hidden_offsets, carts)


@compiled
def _leave_out(scores: NDArray[np.float32], items: NDArray[np.int32], offsets: NDArray[np.int64]) -> None:
    for row in range(len(scores)):
        for line in range(offsets[row], offsets[row + 1]):
            scores[row, items[line]] = -np.inf


@compiled
def _expect(scores: NDArray[np.float32], items: NDArray[np.int32], offsets: NDArray[np.int64], carts: int) -> None:
    for row in range(len(scores)):
        number = offsets[row + 1] - offsets[row]
        for line in range(offsets[row], offsets[row + 1]):
            scores[row, items[line]] -= np.float32(1) / np.float32(carts * number)


@compiled
def follow(
    layer: NDArray[np.float32],
    mean: NDArray[np.float32],
    square: NDArray[np.float32],
    slope: NDArray[np.float32],
    rate: np.float32,
    step: int,
) -> None:
    """One step of Adam (Kingma & Ba 2015), in place, with its usual .9 and .999."""
    first = np.float32(1 / (1 - 0.9**step))
    second = np.float32(1 / (1 - 0.999**step))
    for place in range(len(layer)):
        mean[place] += np.float32(0.1) * (slope[place] - mean[place])
        square[place] += np.float32(0.001) * (slope[place] * slope[place] - square[place])
        layer[place] -= rate * (mean[place] * first) / (np.sqrt(square[place] * second) + _EPSILON)
