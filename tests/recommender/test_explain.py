"""The evidence of every place: the best-supported share of real baskets, or none."""

from dataclasses import replace

import numpy as np
import pytest
from tiny_shop import (
    BREAD,
    BUTTER,
    COFFEE,
    DELIVERY,
    JAM,
    MILK,
    TEA,
    WINE,
    tiny_catalog,
    tiny_model,
    tiny_rules,
)

from recommender.candidates import matching_rules, meetings
from recommender.cart import parse_cart
from recommender.evidence import Reason, wilson_interval
from recommender.explain import explain
from recommender.model import Model
from recommender.placements import Link
from recommender.policy import Pick


def because_of(row: int, *items: str, model: Model | None = None) -> Reason:
    """The reason for an item beside a cart, as a candidate from the pairs."""
    model, cart = model or tiny_model(), parse_cart(tiny_catalog(), items)
    found = meetings(model.pairs, cart.rows)
    link = Link("pairs", np.array([row], np.int32), np.array([1.0]), found)
    (reason,) = explain(model, [Pick(link, 0)], matching_rules(model, cart))
    return reason


def of_source(source: str, row: int) -> Reason:
    link = Link(source, np.array([TEA, row], np.int32), np.array([2.0, 1.0]))
    (reason,) = explain(tiny_model(), [Pick(link, 1)], np.empty(0, np.int64))
    return reason


def test_a_claimed_pair():
    """Bread is in 6 baskets, butter in 5 of them and in 6 of 12: the lift is (5/6) / (6/12) = 5/3."""
    reason = because_of(BUTTER, "bread")
    assert reason == Reason(
        "bought-together", "5 of 6 baskets with Brown bread had it too", ("bread",), 5, 6, pytest.approx(5 / 3)
    )


def test_an_unclaimed_pair_is_no_rule():
    """Tea is in 2 baskets, wine in 1 of them and in 2 of 12: the lift is (1/2) / (2/12) = 3."""
    assert because_of(WINE, "tea") == Reason(
        "similar-baskets", "1 of 2 baskets with Tea had it too", ("tea",), 1, 2, pytest.approx(3)
    )


def test_a_claimed_pair_goes_before_a_stronger_unclaimed_one():
    """Milk: 2 of 2 baskets with delivery, claimed; made 6 of 6 with bread, unclaimed, that is more, yet no rule."""
    model = tiny_model()
    counts = model.pairs.counts.copy()
    counts[2] = 6
    reason = because_of(MILK, "bread", "delivery", model=replace(model, pairs=replace(model.pairs, counts=counts)))
    assert (reason.kind, reason.because, reason.count, reason.of) == ("bought-together", ("delivery",), 2, 2)


def test_of_several_pairs_the_one_with_the_highest_lower_bound():
    """Bread: 5 of 6 baskets with butter (at least 44%) are better evidence than 2 of 2 with jam (34%)."""
    assert wilson_interval(5, 6)[0] > wilson_interval(2, 2)[0]
    assert because_of(BREAD, "butter", "jam").because == ("butter",)


def test_equal_evidence_goes_to_the_lower_id():
    """Jam: 2 of 6 baskets with bread and 2 of 6 with butter; without the longer rule bread is named."""
    model = tiny_model()
    without = replace(model, rules=replace(tiny_rules(), of=np.array([6, 2, 2], np.int32)))
    reason = because_of(JAM, "butter", "bread", model=without)
    assert (reason.because, reason.count, reason.of) == (("bread",), 2, 6)


def test_a_longer_rule_that_beats_its_pairs():
    """Jam: 2 of 5 baskets with bread and butter (at least 12%), 2 of 6 with either (10%).

    The lift is (2/5) / (2/12) = 2.4.
    """
    assert because_of(JAM, "butter", "bread") == Reason(
        "bought-together",
        "2 of 5 baskets with Brown bread and Salted butter had it too",
        ("bread", "butter"),
        2,
        5,
        pytest.approx(2.4),
    )


def test_a_longer_rule_that_beats_no_pair_is_not_told():
    """Butter: {bread, jam} gives 2 of 2 (at least 34%), bread alone 5 of 6 (44%)."""
    assert because_of(BUTTER, "bread", "jam").because == ("bread",)


def test_a_rule_about_another_item_is_no_evidence():
    assert because_of(MILK, "bread", "butter").because == ("bread",)


def test_a_longer_rule_makes_a_pair_bought_together():
    """Made 2 of 2, {tea, wine} → milk beats milk's unclaimed 1 of 2 with tea."""
    model = tiny_model()
    rules = replace(
        model.rules,
        offsets=np.array([0, 2, 3, 3, 3, 3, 3, 4, 4], np.int64),
        antecedents=np.array([*model.rules.antecedents.tolist(), [TEA, WINE, -1]], np.int32),
        consequents=np.array([*model.rules.consequents, MILK], np.int32),
        counts=np.array([*model.rules.counts, 2], np.int32),
        of=np.array([*model.rules.of, 2], np.int32),
    )
    reason = because_of(MILK, "tea", "wine", model=replace(model, rules=rules))
    assert (reason.kind, reason.because, reason.count, reason.of) == ("bought-together", ("tea", "wine"), 2, 2)


def test_of_several_longer_rules_the_surest():
    """Wine: 1 of 2 with bread and butter (at least 9%), 5 of 6 with bread and jam (44%), with butter and jam too."""
    model = tiny_model()
    rules = replace(
        model.rules,
        consequents=np.array([WINE, WINE, WINE], np.int32),
        counts=np.array([1, 5, 5], np.int32),
        of=np.array([2, 6, 6], np.int32),
    )
    pairs = replace(model.pairs, items=np.where(model.pairs.items == COFFEE, WINE, model.pairs.items).astype(np.int32))
    reason = because_of(WINE, "bread", "butter", "jam", model=replace(model, rules=rules, pairs=pairs))
    assert (reason.kind, reason.because, reason.count, reason.of) == ("bought-together", ("bread", "jam"), 5, 6)


@pytest.mark.parametrize(
    ("source", "row", "reason"),
    [
        ("factors", COFFEE, Reason("similar-baskets", "baskets like this one often held it")),
        ("home", COFFEE, Reason("similar-customers", "customers who buy alike bought it")),
        ("trending", WINE, Reason("trending", "sold in 2 baskets of late where 0 were expected")),
        ("category", BUTTER, Reason("category", "a bestseller in Dairy: in 6 of 12 baskets", (), 6, 12)),
        ("category", DELIVERY, Reason("category", "a bestseller in Services: in 2 of 12 baskets", (), 2, 12)),
        ("category", WINE, Reason("category", "a bestseller: in 2 of 12 baskets", (), 2, 12)),
        ("bestseller", BUTTER, Reason("bestseller", "a bestseller: in 6 of 12 baskets", (), 6, 12)),
    ],
)
def test_other_sources(source: str, row: int, reason: Reason):
    assert of_source(source, row) == reason
