"""The second stage: a small network over a candidate's signals, and the probability that follows from it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled
from recommender.ranker.processor import LANES, UNITS, weigh

LEAK = np.float32(0.05)
"""What passes of a sum below 0."""


class Network(NamedTuple):
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


def shared(network: Network, share: float) -> Network:
    """The network with a share of its correction; of a share of 0 the blend is left as it is."""
    part = np.float32(share)
    return network._replace(last=network.last * part, last_bias=network.last_bias * part)


@compiled
def logits(network: Network, signals: NDArray[np.float32], blend: int, found: int) -> NDArray[np.float32]:
    """float32 (found,): the blend of each candidate, corrected by the network.

    Parameters
    ----------
    signals : float32 (signals, candidates).  blend : its row that holds the blend.  found : candidates that count.
    """
    scales, width = network.scales, -(-found // LANES) * LANES
    bent = np.zeros((len(scales), width), np.float32)
    for signal in range(len(scales)):
        scale = scales[signal]
        for place in range(found):
            bent[signal, place] = signals[signal, place] / (abs(signals[signal, place]) + scale)
    first = _layer(bent, network.first, network.first_bias)
    second = _layer(first, network.second, network.second_bias)
    sums = signals[blend, :found] + network.last_bias[0]
    for unit in range(len(network.last)):
        weight = network.last[unit]
        for place in range(found):
            sums[place] += weight * second[unit, place]
    return sums


@compiled
def _layer(values: NDArray[np.float32], weights: NDArray[np.float32], bias: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 (units, places): sums, of those below 0 a twentieth; there are some times `LANES` places."""
    places = values.shape[1]
    units = np.empty((len(bias), places), np.float32)
    for unit in range(0, len(bias), UNITS):
        for place in range(0, places, LANES):
            weigh(units, unit, place, values, weights, bias)
    flat = units.reshape(-1)
    for place in range(len(flat)):
        flat[place] = max(flat[place], LEAK * flat[place])
    return units


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
