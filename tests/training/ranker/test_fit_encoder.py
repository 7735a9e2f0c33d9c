from dataclasses import replace

import numpy as np
import pytest
from encoder_oracle import answers
from encoder_shop import ITEMS, baskets_of

from recommender.ranker.encoder import Encoder
from training.baskets import Baskets
from training.ranker.encoder_batches import Batch
from training.ranker.encoder_steps import follow, slopes_of_scores
from training.ranker.fit_encoder import Schedule, _part_slopes, fit_encoder

QUICK = Schedule(epochs=30)


def made_up(orders: int) -> Baskets:
    """Of two of the items 0 to 3 the third of a basket tells whether they are alike in parity, which no pair tells.

    Customer 0 always takes item 6, customer 1 item 7, beside two items that tell nothing.
    """
    random = np.random.default_rng(0)
    found: list[tuple[int, list[int]]] = []
    for order in range(orders):
        one, other = random.choice(4, 2, replace=False).tolist()
        found.append((-1, [one, other, 4 if (one + other) % 2 else 5]))
        found.append((order % 2, [8 + order % 3, 6 + order % 2]))
    return baskets_of(found)


@pytest.fixture(scope="module")
def fitted() -> Encoder:
    encoder = fit_encoder(made_up(1500), ITEMS, 0, schedule=QUICK)
    assert encoder is not None
    return encoder


def test_it_reads_a_cart_as_a_whole(fitted: Encoder):
    for one in range(4):
        for other in set(range(4)) - {one}:
            scores = answers(fitted, [one, other], [])
            assert (scores[4] > scores[5] + 2) == bool((one + other) % 2)
            assert (scores[5] > scores[4] + 2) != bool((one + other) % 2)


def test_it_remembers_what_the_customer_had(fitted: Encoder):
    for customer in (0, 1):
        scores = answers(fitted, [8], [9, 6 + customer, 10, 6 + customer])
        assert scores[6 + customer] > scores[7 - customer] + 1


def test_the_same_seed_gives_the_same_bytes(fitted: Encoder):
    again = fit_encoder(made_up(1500), ITEMS, 0, schedule=QUICK)
    assert again is not None
    assert all(one.tobytes() == other.tobytes() for one, other in zip(fitted, again, strict=True))


def test_an_item_that_was_never_sold_says_nothing(fitted: Encoder):
    assert not fitted.cart[11].any()
    assert not fitted.past[11].any()
    assert not fitted.item[11].any()
    assert fitted.cart[:11].any(axis=1).all()


@pytest.mark.parametrize("orders", [0, 1, 6, 500])
def test_the_shop_decides_and_not_its_orders_up_to_some_day(orders: int):
    """Else a ranking that was fitted without an encoder would serve with one, or the other way round."""
    shop, sold = made_up(250), 11
    part = shop.part(0, orders)
    assert fit_encoder(part, sold, 0, schedule=Schedule(epochs=1)) is not None
    assert fit_encoder(part, sold - 1, 0) is None


def test_without_orders_to_learn_from_it_says_how_often_items_sell():
    shop = replace(made_up(50), countable=np.zeros(100, np.bool_))
    encoder = fit_encoder(shop, ITEMS, 0)
    assert encoder is not None
    lines = np.bincount(shop.items, minlength=ITEMS)
    np.testing.assert_allclose(np.exp(encoder.item_bias), (lines + 0.5) / (lines.sum() + ITEMS / 2), rtol=1e-5)


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
        scores[shown] = -np.inf
        chances = np.exp(scores - scores.max())
        total -= np.log(chances[hidden] / chances.sum()).mean() / carts
    return float(total)


def test_slopes_are_those_of_the_loss():
    random = np.random.default_rng(3)
    shapes = ((ITEMS, 3), (ITEMS, 3), (3, 5), (5,), (5, 3), (ITEMS, 3), (ITEMS,))
    encoder = Encoder(*(random.normal(0, 1, shape).astype(np.float32) for shape in shapes))
    batch = Batch(
        shown=np.array([0, 4, 7, 2], np.int32),
        shown_offsets=np.array([0, 3, 4]),
        hidden=np.array([1, 9, 10], np.int32),
        hidden_offsets=np.array([0, 2, 3]),
        past=np.array([3, 3, 5], np.int32),
        past_offsets=np.array([0, 0, 3]),
    )
    whole = [np.ones((2, 3), np.float32), np.ones((2, 5), np.float32)]
    slopes = _part_slopes(encoder, batch, whole, 4)
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
    slopes_of_scores(scores, np.array([3], np.int32), np.array([0, 1]), np.array([0, 1], np.int32), np.array([0, 2]), 2)
    expected = [(1 / 6 - 1 / 2) / 2, (2 / 6 - 1 / 2) / 2, (3 / 6) / 2, 0]
    assert scores[0].tolist() == pytest.approx(expected, abs=1e-6)


def test_the_first_step_of_adam_is_as_long_as_the_rate():
    layer, mean, square = np.array([1, 2], np.float32), np.zeros(2, np.float32), np.zeros(2, np.float32)
    follow(layer, mean, square, np.array([5, -0.25], np.float32), np.float32(0.125), 1)
    assert layer.tolist() == pytest.approx([0.875, 2.125])
    assert mean.tolist() == pytest.approx([0.5, -0.025])
