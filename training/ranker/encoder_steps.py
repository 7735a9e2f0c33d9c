"""The inner loops of fitting the encoder."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled
from recommender.ranker.encode import add


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


@compiled
def weigh(
    scores: NDArray[np.float32],
    log_weights: NDArray[np.float32],
    left_out: NDArray[np.int32],
    left_out_offsets: NDArray[np.int64],
    hidden: NDArray[np.int32],
    hidden_offsets: NDArray[np.int64],
) -> None:
    """In place: every item stands for as many as its weight says, a hidden one for itself, one left out for none."""
    for row in range(len(scores)):
        for line in range(hidden_offsets[row], hidden_offsets[row + 1]):
            scores[row, hidden[line]] -= log_weights[hidden[line]]
        for item in range(len(log_weights)):
            scores[row, item] += log_weights[item]
        for line in range(left_out_offsets[row], left_out_offsets[row + 1]):
            if left_out[line] >= 0:
                scores[row, left_out[line]] = -np.inf


@compiled
def expect(scores: NDArray[np.float32], items: NDArray[np.int32], offsets: NDArray[np.int64], carts: int) -> None:
    """In place: what was hidden takes its share of each cart off the chances."""
    for row in range(len(scores)):
        number = offsets[row + 1] - offsets[row]
        for line in range(offsets[row], offsets[row + 1]):
            scores[row, items[line]] -= np.float32(1) / np.float32(carts * number)
