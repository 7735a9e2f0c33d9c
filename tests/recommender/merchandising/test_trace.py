"""What became of every candidate, what scores are made of, and why an answer is empty."""

from dataclasses import replace

import pytest
from counted_shop import counted_model
from planted_shop import planted
from tiny_shop import tiny_customers, tiny_item_signals, tiny_model

from recommender import Recommender
from recommender.merchandising.policy import Policy
from recommender.merchandising.read import parse_policy

SHOP = Recommender(tiny_model(), tiny_customers())
POLICY = """
[[rules]]
name = "no milk"
action = "exclude"
items = ["milk"]
[[rules]]
name = "drinks first"
action = "boost"
factor = 1000
filter = 'category = "Drinks"'
[[rules]]
name = "wine at two"
action = "pin"
items = ["wine"]
place = 2
[[rules]]
name = "tried out"
action = "exclude"
items = ["butter", "coffee"]
dry_run = true
[[caps]]
name = "one of Meadow"
by = "brand"
most = 1
"""


def traced(text: str, *items: str, shop: Recommender = SHOP, **question):
    answer = shop.with_policy(parse_policy(text.encode())).answer(items, trace=True, **question)
    assert answer.trace is not None
    return answer, {candidate["item_id"]: candidate for candidate in answer.trace["candidates"]}


def test_every_candidate_has_a_place_or_a_reason():
    answer, told = traced(POLICY, "bread", k=3)
    assert [s.item_id for s in answer.suggestions] == ["coffee", "wine", "butter"]
    assert answer.trace["rules"] == ["drinks first", "no milk", "wine at two", "one of Meadow"]
    assert {item: (c["place"], c["removed_by"]) for item, c in told.items()} == {
        "coffee": (1, None),
        "wine": (2, None),
        "butter": (3, None),
        "bread": (None, "in the cart"),
        "milk": (None, "by the rule no milk"),
        "jam": (None, "out of stock"),
        "tea": (None, "not active"),
        "delivery": (None, "no place left"),
    }
    assert {item: c["moved_by"] for item, c in told.items() if c["moved_by"]} == {
        "coffee": ["drinks first"],
        "tea": ["drinks first"],
        "wine": ["wine at two"],
    }
    assert {item for item, c in told.items() if c["dry_run"] == ["tried out"]} == {"butter", "coffee"}


def test_caps_pairs_and_what_the_request_says():
    _, told = traced(POLICY.replace("no milk", "none").replace('"milk"', '"nosuch"'), "bread", exclude=["coffee"])
    assert told["milk"]["removed_by"] == "by the rule one of Meadow"
    assert told["coffee"]["removed_by"] == "shown on the page already"
    pair = "[[never_together]]\nname = 'apart'\nfirst_items = ['bread']\nsecond_items = ['butter']"
    assert traced(pair, "bread")[1]["butter"]["removed_by"] == "by the rule apart"
    assert traced("", "bread", filter="price < 2")[1]["butter"]["removed_by"] == "not what the filter asks for"
    assert traced("", "coffee")[1]["tea"]["removed_by"] == "not active"
    assert traced("[defaults]\ninactive = false", "coffee")[1]["tea"]["removed_by"] == (
        "a substitute or a variant of an item in the cart"
    )
    seldom = tiny_item_signals()
    seldom[:, 6] = 0.01
    shop = Recommender(replace(tiny_model(), item_signals=seldom), tiny_customers())
    assert traced("", "bread", shop=shop, customer_id="ann")[1]["butter"]["removed_by"] == "bought recently"
    offer = "[[offers]]\nid = 'delivery'\nitems = ['bread']"
    assert traced(offer, "bread")[1]["delivery"]["removed_by"] == "offered beside the cart"


def test_a_trace_changes_no_answer():
    shop = SHOP.with_policy(parse_policy(POLICY.encode()))
    plain = shop.answer(["bread"])
    assert plain.trace is None
    assert "trace" not in plain.as_json()
    assert replace(shop.answer(["bread"], trace=True), trace=None) == plain


@pytest.mark.parametrize("customer", [None, "ann"])
def test_the_contributions_sum_up_to_the_score(customer):
    for shop in (SHOP, Recommender(counted_model(planted(200)))):
        cart = shop.catalog.item_ids[0]
        answer = shop.answer([cart], customer_id=customer, trace=True)
        ranked = [c for c in answer.trace["candidates"] if c["source"] == "ranker"]
        assert ranked
        for candidate in ranked:
            assert sum(candidate["contributions"].values()) == pytest.approx(candidate["score"], abs=1e-4)
        assert {"bias", "network", "spread", "cosine_sum", "log_share"} <= set(ranked[0]["contributions"])


def test_an_empty_answer_says_why():
    everything = "[[rules]]\nname = 'closed'\naction = 'exclude'\nfilter = 'price > 0 or price is missing'"
    shop = SHOP.with_policy(parse_policy(everything.encode()))
    assert shop.answer(["bread"]).empty_because == (
        "all 8 candidates are left out: 5 by the rule closed, 1 out of stock, 1 in the cart, 1 not active"
    )
    assert SHOP.answer(["bread"], filter='brand = "Nobody"').empty_because == (
        "all 8 candidates are left out: 5 not what the filter asks for, 1 out of stock, 1 in the cart, 1 not active"
    )
    assert SHOP.answer(["bread"]).empty_because is None
    assert SHOP.with_policy(Policy()).answer([], new_only=True).empty_because == (
        "no candidate: nothing that this placement draws from goes with the cart"
    )
