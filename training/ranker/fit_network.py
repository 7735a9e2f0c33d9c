"""The second stage: a small network that corrects the blend, fitted with Adam and stopped early."""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from recommender.ranker.compiled import compiled
from recommender.ranker.network import LEAK, Network, shared, squashed
from recommender.ranker.signals import COLUMN
from training.progress import Step, unwatched
from training.ranker.halves import halves, summed
from training.ranker.objective import chances, loss, losses
from training.ranker.rows import Rows

HIDDEN = (32, 16)
_SAMPLE = 200_000
_SURE = 1.0

Layers = list[NDArray[np.float32]]


@dataclass(frozen=True)
class Schedule:
    """How long and how fast the network learns."""

    steps: int = 600
    rate: float = 3e-3
    decay: float = 1e-4
    batch: int = 256
    least_batch: int = 32
    held_out: float = 0.12
    most_held_out: int = 1500
    least_held_out: int = 30
    look_every: int = 60
    patience: int = 4
    averaging: float = 0.99


@dataclass(frozen=True)
class Fitted:
    """A network, and the mean loss of carts that it did not learn from: with the blend alone, and with it.

    `sure` tells whether the gain is more than one standard error: less may be the luck of the best of many looks.
    """

    network: Network
    blend_loss: float
    loss: float
    steps: int
    sure: bool

    def as_blend(self) -> Fitted:
        """The same with a network that corrects nothing."""
        return replace(self, network=shared(self.network, 0.0), loss=self.blend_loss)


def fit_network(rows: Rows, seed: int, schedule: Schedule | None = None, progress: Step = unwatched) -> Fitted:
    """Learn a correction of the blend; it is none at all where no look at it did better on the held-out carts."""
    schedule = schedule or Schedule()
    random = np.random.default_rng(seed)
    scales = _scales(rows.signals)
    inputs = squashed(rows.signals, scales)
    sample = inputs[:: max(1, len(inputs) // _SAMPLE)]
    mean, spread = sample.mean(axis=0), sample.std(axis=0) + np.float32(0.02)
    inputs -= mean
    inputs /= spread
    learn, hold = _held_out(rows, schedule, random)
    held = _batch(rows, inputs, hold)
    layers = _first_layers(inputs.shape[1], random)
    adam = _Adam(layers, schedule)
    blank = [layer * (0 if place in (2, 5) else 1) for place, layer in enumerate(layers)]
    best, best_loss, looks_without = blank, held.loss(blank), 0
    blend_loss = best_loss
    size = int(min(schedule.batch, max(schedule.least_batch, len(learn) // 8)))
    queue = np.empty(0, np.int64)
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(2) as threads:
        while adam.steps < schedule.steps and looks_without < schedule.patience and len(learn):
            if len(queue) < size:
                queue = random.permutation(learn)
            chosen, queue = np.sort(queue[:size]), queue[size:]
            adam.step(_slopes(rows, inputs, chosen, adam.layers, schedule.decay, threads))
            progress(adam.steps, schedule.steps)
            if adam.steps % schedule.look_every == 0:
                now = held.loss(adam.averages)
                looks_without += 1
                if now < best_loss - 1e-4:
                    best, best_loss, looks_without = [layer.copy() for layer in adam.averages], now, 0
    sure = held.surely_prefers(best, blank)
    return Fitted(_unscaled(best, scales, mean, spread), blend_loss, best_loss, adam.steps, sure)


@dataclass(frozen=True)
class _Batch:
    inputs: NDArray[np.float32]
    blend: NDArray[np.float32]
    rows: Rows

    def loss(self, layers: Layers) -> float:
        return loss(_forward(layers, self.inputs)[-1][:, 0] + self.blend, self.rows)

    def surely_prefers(self, layers: Layers, others: Layers) -> bool:
        """Whether the mean gain of a cart is more than luck."""
        scores, other_scores = (_forward(one, self.inputs)[-1][:, 0] + self.blend for one in (layers, others))
        gains = losses(other_scores, self.rows) - losses(scores, self.rows)
        return len(gains) > 1 and float(gains.mean()) > _SURE * float(gains.std(ddof=1)) / np.sqrt(len(gains))

    def slopes(self, layers: Layers, carts: int) -> Layers:
        """Gradients in the order of the layers, three matrices, three biases; these are some of a batch's `carts`."""
        activations = _forward(layers, self.inputs)
        chance = chances(activations[-1][:, 0] + self.blend, self.rows.weights, self.rows.offsets)
        back = ((chance - self.rows.hits) / max(carts, 1)).astype(np.float32)[:, None]
        slopes = [np.empty(0, np.float32)] * 6
        for place in (2, 1, 0):
            slopes[place] = activations[place].T @ back
            slopes[3 + place] = back.sum(axis=0)
            if place:
                back = back @ layers[place].T
                _dampen(back, activations[place])
        return slopes


def _slopes(
    rows: Rows, inputs: NDArray[np.float32], carts: NDArray[np.int64], layers: Layers, decay: float, threads: Executor
) -> Layers:
    """Gradients of a batch; each half of it on a thread, so that no bit depends on the machine."""
    slopes = summed(threads.map(lambda half: _batch(rows, inputs, half).slopes(layers, len(carts)), halves(carts)))
    for place in range(3):
        slopes[place] += np.float32(decay) * layers[place]
    return slopes


class _Adam:
    """Adam (Kingma & Ba 2015) with a warm start, a falling rate and a running average of the layers."""

    def __init__(self, layers: Layers, schedule: Schedule) -> None:
        self.layers = layers
        self.averages = [layer.copy() for layer in layers]
        self.steps = 0
        self._schedule = schedule
        self._means = [np.zeros_like(layer) for layer in layers]
        self._squares = [np.zeros_like(layer) for layer in layers]

    def step(self, slopes: Layers) -> None:
        self.steps += 1
        t, plan = self.steps, self._schedule
        rate = plan.rate * min(1.0, t / 50) * (1 - 0.9 * t / plan.steps)
        follow = np.float32(1 - min(plan.averaging, t / (t + 10)))
        for place, slope in enumerate(slopes):
            self._means[place] += np.float32(0.1) * (slope - self._means[place])
            self._squares[place] += np.float32(0.01) * (slope * slope - self._squares[place])
            mean = self._means[place] / np.float32(1 - 0.9**t)
            spread = np.sqrt(self._squares[place] / np.float32(1 - 0.99**t)) + np.float32(1e-7)
            self.layers[place] -= np.float32(rate) * mean / spread
            self.averages[place] += follow * (self.layers[place] - self.averages[place])


def _forward(layers: Layers, inputs: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    activations = [inputs]
    for place in range(3):
        out = activations[-1] @ layers[place]
        _add_bias(out, layers[3 + place], LEAK if place < 2 else np.float32(1))
        activations.append(out)
    return activations


@compiled
def _add_bias(out: NDArray[np.float32], bias: NDArray[np.float32], leak: np.float32) -> None:
    """Add the bias, and let a share of what is negative through."""
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            value = out[row, column] + bias[column]
            out[row, column] = value if value > 0 else leak * value


@compiled
def _dampen(back: NDArray[np.float32], activation: NDArray[np.float32]) -> None:
    """Multiply by the slope of the leaky units, in place."""
    for row in range(back.shape[0]):
        for column in range(back.shape[1]):
            if activation[row, column] <= 0:
                back[row, column] *= LEAK


def _batch(rows: Rows, inputs: NDArray[np.float32], carts: NDArray[np.int64]) -> _Batch:
    sizes = rows.offsets[carts + 1] - rows.offsets[carts]
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    chosen = np.arange(offsets[-1]) - np.repeat(offsets[:-1] - rows.offsets[carts], sizes)
    part = Rows(rows.signals[:0], rows.hits[chosen], rows.weights[chosen], offsets, rows.groups[carts])
    return _Batch(inputs[chosen], rows.signals[chosen, COLUMN["blend"]], part)


def _held_out(
    rows: Rows, schedule: Schedule, random: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    groups, group_of = np.unique(rows.groups, return_inverse=True)
    number = min(max(int(len(groups) * schedule.held_out), schedule.least_held_out), schedule.most_held_out)
    held = np.zeros(len(groups), np.bool_)
    held[random.permutation(len(groups))[:number]] = True
    filled = np.diff(rows.offsets) > 0
    return np.flatnonzero(~held[group_of] & filled), np.flatnonzero(held[group_of] & filled)


def _first_layers(signals: int, random: np.random.Generator) -> Layers:
    sizes = (signals, *HIDDEN, 1)
    layers = [
        random.normal(0, np.sqrt(2 / rows), (rows, columns)).astype(np.float32) for rows, columns in pairwise(sizes)
    ]
    layers[-1] *= 0
    return layers + [np.zeros(size, np.float32) for size in sizes[1:]]


def _scales(signals: NDArray[np.float32]) -> NDArray[np.float32]:
    sample = signals[:: max(1, len(signals) // _SAMPLE)]
    scales = np.ones(signals.shape[1], np.float32)
    for place in range(signals.shape[1]):
        values = np.abs(sample[:, place])
        values = values[np.isfinite(values) & (values != 0)]
        if len(values):
            scales[place] = np.median(values)
    return scales


def _unscaled(
    layers: Layers, scales: NDArray[np.float32], mean: NDArray[np.float32], spread: NDArray[np.float32]
) -> Network:
    first = layers[0] / spread[:, None]
    return Network(
        scales=scales,
        first=first.astype(np.float32),
        first_bias=(layers[3] - mean @ first).astype(np.float32),
        second=layers[1],
        second_bias=layers[4],
        last=layers[2][:, 0].copy(),
        last_bias=layers[5],
    )
