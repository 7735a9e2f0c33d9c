"""Fitting the encoder: some lines of an order are hidden, and foretold from the others and what came before them.

A softmax over all items, as of Liang et al. (2018), *Variational Autoencoders for Collaborative Filtering* (their
denoising autoencoder), with the customer's last lines as a second input.
"""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from recommender.ranker.encoder import Encoder
from recommender.ranker.network import LEAK
from training.baskets import Baskets
from training.progress import Step, unwatched
from training.ranker.encoder_batches import Batch, Lines, batch_of, lines_of
from training.ranker.encoder_steps import add_rows, blame, follow, slopes_of_scores
from training.ranker.halves import halves, summed

_WIDTH, _UNITS = 64, 128


@dataclass(frozen=True)
class Schedule:
    """How long and how fast the encoder learns."""

    epochs: int = 60
    most_steps: int = 5000
    batch: int = 256
    rate: float = 4e-3
    dropped: float = 0.15


def fit_encoder(
    baskets: Baskets, most_items: int, seed: int, progress: Step = unwatched, schedule: Schedule | None = None
) -> Encoder | None:
    """An encoder of all orders of two items or more; None where the shop sold more than `most_items`.

    The work of a step grows with the items, so that a large shop does without. The shop decides and not its orders up
    to some day, so that a ranking is fitted with an encoder if and only if it serves with one.
    """
    if np.count_nonzero(baskets.sold) > most_items:
        return None
    schedule = schedule or Schedule()
    lines = lines_of(baskets)
    sold = np.bincount(baskets.items, minlength=len(baskets.item_ids))
    random = np.random.default_rng(seed)
    steps = min(schedule.epochs * -(-len(lines.orders) // schedule.batch), schedule.most_steps)
    layers = _first_layers(sold, random)
    means, squares = ([np.zeros_like(layer) for layer in layers] for _ in range(2))
    queue = np.empty(0, np.int64)
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(2) as threads:
        for step in range(1, steps + 1):
            if len(queue) < schedule.batch:
                queue = random.permutation(lines.orders)
            chosen, queue = queue[: schedule.batch], queue[schedule.batch :]
            slopes = _slopes(layers, lines, chosen, schedule.dropped, random, threads)
            rate = np.float32(schedule.rate * min(1.0, 10 * step / steps) * (1 - step / (steps + 1)))
            for layer, mean, square, slope in zip(layers, means, squares, slopes, strict=True):
                follow(layer.reshape(-1), mean.reshape(-1), square.reshape(-1), slope.reshape(-1), rate, step)
            progress(step, steps)
    encoder = Encoder(*layers)
    for table in (encoder.cart, encoder.past, encoder.item):
        table[sold == 0] = 0
    return encoder


def _first_layers(sold: NDArray[np.int64], random: np.random.Generator) -> list[NDArray[np.float32]]:
    """In the order of `Encoder`; an item's bias begins as the log of its share."""
    items = len(sold)

    def drawn(rows: int, columns: int, spread: float) -> NDArray[np.float32]:
        return random.normal(0, spread, (rows, columns)).astype(np.float32)

    share = np.log((sold + 0.5) / (sold + 0.5).sum()).astype(np.float32)
    cart, past, item = (drawn(items, _WIDTH, 0.05) for _ in range(3))
    first = drawn(_WIDTH, _UNITS, (2 / _WIDTH) ** 0.5)
    return [cart, past, first, np.zeros(_UNITS, np.float32), drawn(_UNITS, _WIDTH, _UNITS**-0.5), item, share]


def _slopes(
    layers: list[NDArray[np.float32]],
    lines: Lines,
    orders: NDArray[np.int64],
    dropped: float,
    random: np.random.Generator,
    threads: Executor,
) -> list[NDArray[np.float32]]:
    """Gradients of a batch; each half of it on a thread, so that no bit depends on the machine."""
    batches = [batch_of(lines, half, random) for half in halves(orders)]
    masks = [[_kept(random, (batch.carts, size), dropped) for size in (_WIDTH, _UNITS)] for batch in batches]

    def of_part(part: int) -> list[NDArray[np.float32]]:
        return _part_slopes(Encoder(*layers), batches[part], masks[part], len(orders))

    return summed(threads.map(of_part, range(len(batches))))


def _kept(random: np.random.Generator, shape: tuple[int, int], dropped: float) -> NDArray[np.float32]:
    return (random.random(shape, np.float32) >= dropped) * np.float32(1 / (1 - dropped))


def _part_slopes(
    encoder: Encoder, batch: Batch, masks: list[NDArray[np.float32]], carts: int
) -> list[NDArray[np.float32]]:
    asked = np.zeros((batch.carts, encoder.cart.shape[1]), np.float32)
    add_rows(asked, encoder.cart, batch.shown, batch.shown_offsets)
    add_rows(asked, encoder.past, batch.past, batch.past_offsets)
    asked *= masks[0]
    inner = asked @ encoder.first + encoder.first_bias
    slope_of_inner = np.where(inner > 0, np.float32(1), LEAK) * masks[1]
    inner *= slope_of_inner
    code = inner @ encoder.second
    scores = code @ encoder.item.T
    scores += encoder.item_bias
    slopes_of_scores(scores, batch.shown, batch.shown_offsets, batch.hidden, batch.hidden_offsets, carts)
    back = scores @ encoder.item
    second = inner.T @ back
    back = (back @ encoder.second.T) * slope_of_inner
    first = asked.T @ back
    first_bias = back.sum(axis=0)
    back = (back @ encoder.first.T) * masks[0]
    cart, past = (np.zeros_like(table) for table in (encoder.cart, encoder.past))
    blame(cart, back, batch.shown, batch.shown_offsets)
    blame(past, back, batch.past, batch.past_offsets)
    return [cart, past, first, first_bias, second, scores.T @ code, scores.sum(axis=0)]
