import numpy as np
import pytest
from encoder_shop import baskets_of

from training.ranker.asked_items import Asked, Sampled, every_item
from training.ranker.encoder_batches import Batch, batch_of, lines_of
from training.ranker.touched_rows import numbered, read

SOLD = np.array([60, 20, 10, 8, 2, 0])
LINES = np.repeat(np.arange(6), SOLD).astype(np.int32)
NOTHING, NO_OFFSETS = np.empty(0, np.int32), np.zeros(1, np.int64)


def hiding(items: list[int]) -> Batch:
    hidden = np.array(items, np.int32)
    return Batch(NOTHING, NO_OFFSETS, hidden, np.arange(len(items) + 1), NOTHING, NO_OFFSETS)


def test_a_sample_stands_for_all_items_on_average():
    """Each item, times how many it stands for, as often as it is asked: once."""
    random, asks = np.random.default_rng(0), Sampled(SOLD, LINES, 8)
    batches, total = 4000, np.zeros(6)
    for _ in range(batches):
        asked = asks([hiding(random.choice(LINES, 2).tolist())], random)
        total[asked.rows] += np.exp(asked.log_weights)
    assert total[:5] / batches == pytest.approx(1, abs=0.12)
    assert total[5] == 0


def test_how_many_an_item_stands_for_by_hand():
    asked = Sampled(SOLD, LINES, 8)([hiding([4]), hiding([1])], np.random.default_rng(0))
    never = (1 - 0.02) ** 8 * (1 - 1 / 5) ** 2  # of two hidden lines, six by sales and two of five items alike
    assert np.exp(asked.log_weights[asked.rows == 4]) == pytest.approx(1 / (1 - never), rel=1e-5)
    assert {1, 4} <= set(asked.rows.tolist())


def test_one_item_that_is_all_that_was_sold_stands_for_itself():
    asked = Sampled(np.array([0, 5]), np.ones(5, np.int32), 8)([hiding([1])], np.random.default_rng(0))
    assert asked.rows.tolist() == [1]
    assert asked.log_weights.tolist() == [0]


def test_of_all_items_each_stands_for_itself():
    asked = every_item(3)([], np.random.default_rng(0))
    assert asked.rows.tolist() == [0, 1, 2]
    assert asked.log_weights.tolist() == [0, 0, 0]


def test_places_among_the_rows_that_are_read_are_the_same_items():
    random = np.random.default_rng(1)
    orders = [(order % 3, random.choice(12, 4, replace=False).tolist()) for order in range(20)]
    batch = batch_of(lines_of(baskets_of(orders)), np.arange(17, 20), random)
    asked = np.unique(batch.hidden)
    rows, (local,) = numbered([batch], Asked(asked, np.zeros(len(asked), np.float32)), 12)
    assert rows.cart[local.shown].tolist() == batch.shown.tolist()
    assert rows.past[local.past].tolist() == batch.past.tolist()
    assert rows.item[local.hidden].tolist() == batch.hidden.tolist()
    there = np.isin(batch.shown, asked)
    assert rows.item[local.left_out[there]].tolist() == batch.shown[there].tolist()
    assert set(local.left_out[~there].tolist()) == {-1}
    layers = [np.arange(12, dtype=np.float32)[:, None] + place for place in range(7)]
    assert read(layers, rows).item[:, 0].tolist() == (asked + 5).tolist()
    assert read(layers, rows).second.shape == (12, 1)
