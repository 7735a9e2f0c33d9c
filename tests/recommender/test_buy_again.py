"""What a customer had before, shown to be bought again, and probabilities of home pages."""

from dataclasses import replace

import pytest
from tiny_shop import tiny_customers, tiny_model

from recommender.engine import Recommender

SHOP = Recommender(tiny_model(), tiny_customers())


def test_buying_again():
    """What Ann had before, by how likely she takes it; jam is out of stock. Her own orders are told, whatever says
    more: butter was in six of all twelve baskets."""
    answer = SHOP.answer([], placement="buy-again", customer_id="ann")
    assert [(one.item_id, one.reason.kind, one.reason.count, one.reason.of) for one in answer.suggestions] == [
        ("bread", "buy-again", 2, 2),
        ("butter", "buy-again", 1, 2),
        ("milk", "buy-again", 1, 2),
    ]
    assert [s.probability for s in answer.suggestions] == [
        s.probability for s in SHOP.answer([], customer_id="ann").suggestions[:3]
    ]
    assert (answer.fallback, answer.empty_because) == (None, None)
    beside = SHOP.answer(["milk"], placement="buy-again", customer_id="ann")
    assert [(one.item_id, one.reason.kind) for one in beside.suggestions] == [
        ("bread", "buy-again"),
        ("butter", "buy-again"),
    ]


def test_who_has_nothing_to_buy_again_is_told_why():
    """Zoë had wine alone."""
    answer = SHOP.answer([], placement="buy-again", customer_id="zoë", exclude=["wine"])
    assert answer.suggestions == []
    assert answer.empty_because == "the only candidate is left out: shown on the page already"


@pytest.mark.parametrize("customer_id", [None, "nobody"])
def test_a_stranger_has_nothing_to_buy_again_and_gets_labelled_bestsellers(customer_id: str | None):
    answer = SHOP.answer([], placement="buy-again", customer_id=customer_id, k=3)
    assert [one.item_id for one in answer.suggestions] == ["bread", "butter", "milk"]
    assert answer.fallback == "bestseller"


def test_where_home_pages_could_not_be_fitted_there_is_no_probability():
    counts = {name: count for name, count in SHOP.model.manifest.counts.items() if name != "home_carts"}
    shop = Recommender(replace(SHOP.model, manifest=replace(SHOP.model.manifest, counts=counts)), SHOP.customers)
    assert {one.probability for one in shop.answer([], customer_id="ann").suggestions} == {None}
    assert None not in {one.probability for one in shop.answer(["milk"], customer_id="ann").suggestions}
