"""The second stage: a small network over a candidate's signals, and the probability that follows from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled

LEAK = np.float32(0.05)


@dataclass(frozen=True)
class Network:
    """Weights of a network of two hidden layers on squashed signals.

    Attributes
    ----------
    scales : float32 (signals,): a signal x enters as ``x / (|x| + scale)``.
    first, first_bias : float32 (signals, h1), (h1,).  second, second_bias : (h1, h2), (h2,).
    last, last_bias : (h2,), (1,).
    """

    scales: NDArray[np.float32]
    first: NDArray[np.float32]
    first_bias: NDArray[np.float32]
    second: NDArray[np.float32]
    second_bias: NDArray[np.float32]
    last: NDArray[np.float32]
    last_bias: NDArray[np.float32]


def squashed(signals: NDArray[np.float32], scales: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 (rows, signals) between -1 and 1: ``x / (|x| + scale)``.

    >>> squashed(np.array([[3.0, 0.0]], np.float32), np.ones(2, np.float32)).tolist()
    [[0.75, 0.0]]
    """
    bounds = np.abs(signals)
    bounds += scales
    return np.divide(signals, bounds, out=bounds)


def leaky(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """The larger of x and a twentieth of x."""
    return np.maximum(x, LEAK * x)


def logits(network: Network, signals: NDArray[np.float32], blend: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 (rows,): the blend of each candidate, corrected by the network.

    Parameters
    ----------
    signals : float32 (rows, signals).  blend : float32 (rows,).
    """
    hidden = leaky(squashed(signals, network.scales) @ network.first + network.first_bias)
    hidden = leaky(hidden @ network.second + network.second_bias)
    return hidden @ network.last + network.last_bias + blend


@compiled
def probabilities(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """float64 (candidates,): the chance of each candidate against each other and against any item that is none of them.

    ``p_j = exp(f_j) / (1 + sum_k exp(f_k))``: the 1 stands for the items outside the list.

    >>> probabilities(np.zeros(3, np.float32)).tolist()
    [0.25, 0.25, 0.25]
    """
    if not len(scores):
        return np.empty(0)
    top = max(float(scores.max()), 0.0)
    weights = np.exp(scores.astype(np.float64) - top)
    return weights / (np.exp(-top) + weights.sum())
