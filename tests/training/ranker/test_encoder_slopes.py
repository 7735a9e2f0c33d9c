from dataclasses import replace

import numpy as np
import pytest
from encoder_oracle import answers
from encoder_shop import ITEMS

from recommender.ranker.encoder import Encoder
from training.ranker.encoder_batches import Batch
from training.ranker.encoder_slopes import slopes_of_batch, slopes_of_scores
from training.ranker.follower import follow

BATCH = Batch(
    shown=np.array([0, 4, 7, 2], np.int32),
    shown_offsets=np.array([0, 3, 4]),
    hidden=np.array([1, 9, 10], np.int32),
    hidden_offsets=np.array([0, 2, 3]),
    past=np.array([3, 3, 5], np.int32),
    past_offsets=np.array([0, 0, 3]),
    left_out=np.array([0, 4, 7, 2], np.int32),
    log_weights=np.log(np.arange(1, ITEMS + 1)).astype(np.float32),
)


def loss_of(encoder: Encoder, batch: Batch, carts: int) -> float:
    total = 0.0
    for row in range(batch.carts):
        shown, hidden, past = (
            items[offsets[row] : offsets[row + 1]].tolist()
            for items, offsets in (
                (batch.shown, batch.shown_offsets),
                (batch.hidden, batch.hidden_offsets),
                (batch.past, batch.past_offsets),
            )
        )
        scores = answers(encoder, shown, past)
        weights = np.exp(batch.log_weights.astype(np.float64))
        weights[hidden] = 1
        weights[shown] = 0
        chances = weights * np.exp(scores - scores.max())
        total -= np.log(chances[hidden] / chances.sum()).mean() / carts
    return float(total)


@pytest.mark.parametrize("weights", [np.zeros(ITEMS, np.float32), BATCH.log_weights], ids=["alike", "weighed"])
def test_slopes_are_those_of_the_loss(weights: np.ndarray):
    random = np.random.default_rng(3)
    shapes = ((ITEMS, 3), (ITEMS, 3), (3, 5), (5,), (5, 3), (ITEMS, 3), (ITEMS,))
    encoder = Encoder(*(random.normal(0, 1, shape).astype(np.float32) for shape in shapes))
    batch = replace(BATCH, log_weights=weights)
    whole = [np.ones((2, 3), np.float32), np.ones((2, 5), np.float32)]
    slopes = slopes_of_batch(encoder, batch, whole, 4)
    step = 1e-4
    for place, (layer, slope) in enumerate(zip(encoder, slopes, strict=True)):
        for at in random.choice(layer.size, min(layer.size, 12), replace=False):
            ends = []
            for sign in (1, -1):
                moved = layer.astype(np.float64)
                moved.reshape(-1)[at] += sign * step
                ends.append(loss_of(encoder._replace(**{Encoder._fields[place]: moved}), batch, 4))
            assert slope.reshape(-1)[at] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=2e-4)


def test_slopes_of_scores_by_hand():
    scores = np.log(np.array([[1, 2, 3, 4]], np.float32))
    batch = Batch(
        shown=np.array([30], np.int32),
        shown_offsets=np.array([0, 1]),
        hidden=np.array([0, 1], np.int32),
        hidden_offsets=np.array([0, 2]),
        past=np.empty(0, np.int32),
        past_offsets=np.array([0, 0]),
        left_out=np.array([3], np.int32),
        log_weights=np.log(np.array([7, 7, 3, 7], np.float32)),
    )
    slopes_of_scores(scores, batch, 2)
    expected = [(1 / 12 - 1 / 2) / 2, (2 / 12 - 1 / 2) / 2, (9 / 12) / 2, 0]
    assert scores[0].tolist() == pytest.approx(expected, abs=1e-6)


def test_what_is_shown_and_not_asked_is_left_alone():
    scores = np.zeros((1, 2), np.float32)
    batch = replace(
        BATCH,
        shown_offsets=np.array([0, 1]),
        hidden=np.array([1], np.int32),
        hidden_offsets=np.array([0, 1]),
        left_out=np.array([-1], np.int32),
        log_weights=np.zeros(2, np.float32),
    )
    slopes_of_scores(scores, batch, 1)
    assert scores[0].tolist() == [0.5, -0.5]


def test_the_first_step_of_adam_is_as_long_as_the_rate_for_the_rows_that_were_touched():
    layer = np.array([[1], [7], [2]], np.float32)
    mean, square = np.zeros((3, 1), np.float32), np.zeros((3, 1), np.float32)
    follow(layer, mean, square, np.array([[5], [-0.25]], np.float32), np.array([0, 2]), np.float32(0.125), 1)
    assert layer[:, 0].tolist() == pytest.approx([0.875, 7, 2.125])
    assert mean[:, 0].tolist() == pytest.approx([0.5, 0, -0.025])
