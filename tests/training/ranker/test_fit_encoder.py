from dataclasses import replace

import numpy as np
import pytest
from encoder_oracle import answers
from encoder_shop import ITEMS, baskets_of

from recommender.ranker.encoder import Encoder
from training.baskets import Baskets
from training.ranker.fit_encoder import Schedule, fit_encoder

QUICK = Schedule(epochs=30)
SAMPLED = replace(QUICK, sample=4)


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


@pytest.fixture(scope="module", params=[QUICK, SAMPLED], ids=["every item", "a sample"])
def schedule(request: pytest.FixtureRequest) -> Schedule:
    return request.param


@pytest.fixture(scope="module")
def fitted(schedule: Schedule) -> Encoder:
    encoder = fit_encoder(made_up(1500), ITEMS, 0, schedule=schedule)
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


def test_the_same_seed_gives_the_same_bytes(fitted: Encoder, schedule: Schedule):
    again = fit_encoder(made_up(1500), ITEMS, 0, schedule=schedule)
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
