"""Fitting the encoder: some lines of an order are hidden, and foretold from the others and what came before them.

A softmax over the items, as of Liang et al. (2018), *Variational Autoencoders for Collaborative Filtering* (their
denoising autoencoder), with the customer's last lines as a second input. In a large shop the softmax goes over a sample
of the items, drawn anew for each batch, and the items begin where the principal directions of the baskets put them.
"""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from recommender.ranker.encoder import Encoder
from training.baskets import Baskets
from training.progress import Step, unwatched
from training.ranker.asked_items import Sampled, every_item
from training.ranker.encoder_batches import Batch, batch_of, lines_of
from training.ranker.encoder_slopes import slopes_of_batch
from training.ranker.first_layers import UNITS, WIDTH, drawn_layers, start_at_directions
from training.ranker.follower import Follower
from training.ranker.halves import halves, summed
from training.ranker.touched_rows import numbered, read

_SMALL_SHOP = 2000


@dataclass(frozen=True)
class Schedule:
    """How long and how fast the encoder learns; `sample` is the number of items drawn for each batch, 0 for all."""

    epochs: int = 60
    most_steps: int = 5000
    batch: int = 256
    rate: float = 8e-3
    dropped: float = 0.15
    sample: int = 0


LARGE_SHOP = Schedule(epochs=15, most_steps=1500, rate=4e-3, sample=1024)


def fit_encoder(
    baskets: Baskets, most_items: int, seed: int, progress: Step = unwatched, schedule: Schedule | None = None
) -> Encoder | None:
    """An encoder of all orders of two items or more; None where the shop sold more than `most_items`.

    The shop decides and not its orders up to some day, so that a ranking is fitted with an encoder if and only if it
    serves with one.
    """
    items_of_shop = np.count_nonzero(baskets.sold)
    if items_of_shop > most_items:
        return None
    schedule = schedule or (Schedule() if items_of_shop <= _SMALL_SHOP else LARGE_SHOP)
    lines = lines_of(baskets)
    sold = np.bincount(baskets.items, minlength=len(baskets.item_ids))
    random = np.random.default_rng(seed)
    steps = min(schedule.epochs * -(-len(lines.orders) // schedule.batch), schedule.most_steps)
    layers = drawn_layers(sold, random)
    asks = every_item(len(sold))
    queue = np.empty(0, np.int64)
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(2) as threads:
        if schedule.sample and steps:
            layers = start_at_directions(layers, baskets.matrix(), random)
            asks = Sampled(sold, baskets.items, schedule.sample)
        follower = Follower(layers)
        for step in range(1, steps + 1):
            if len(queue) < schedule.batch:
                queue = random.permutation(lines.orders)
            chosen, queue = queue[: schedule.batch], queue[schedule.batch :]
            batches = [batch_of(lines, half, random) for half in halves(chosen)]
            rows, batches = numbered(batches, asks(batches, random), len(sold))
            slopes = _slopes(read(layers, rows), batches, len(chosen), schedule.dropped, random, threads)
            rate = schedule.rate * min(1.0, 10 * step / steps) * (1 - step / (steps + 1))
            follower.step(slopes, rows, np.float32(rate), threads)
            progress(step, steps)
    encoder = Encoder(*layers)
    for table in (encoder.cart, encoder.past, encoder.item):
        table[sold == 0] = 0
    return encoder


def _slopes(
    encoder: Encoder,
    batches: list[Batch],
    carts: int,
    dropped: float,
    random: np.random.Generator,
    threads: Executor,
) -> list[NDArray[np.float32]]:
    """Gradients of a batch; each half of it on a thread, so that no bit depends on the machine."""
    masks = [[_kept(random, (batch.carts, size), dropped) for size in (WIDTH, UNITS)] for batch in batches]

    def of_part(part: int) -> list[NDArray[np.float32]]:
        return slopes_of_batch(encoder, batches[part], masks[part], carts)

    return summed(threads.map(of_part, range(len(batches))))


def _kept(random: np.random.Generator, shape: tuple[int, int], dropped: float) -> NDArray[np.float32]:
    return (random.random(shape, np.float32) >= dropped) * np.float32(1 / (1 - dropped))
