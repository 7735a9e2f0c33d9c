"""Each kind of rule on the tiny shop, where bread suggests butter, milk, coffee, wine and delivery, in that order."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from tiny_shop import BUTTER, WINE, tiny_catalog, tiny_customers, tiny_item_signals, tiny_model

from recommender import Recommender
from recommender.errors import UsageError
from recommender.merchandising.read import parse_policy

SHOP = Recommender(tiny_model(), tiny_customers())
PLAIN = ["butter", "milk", "coffee", "wine", "delivery"]


def under(text: str, shop: Recommender = SHOP) -> Recommender:
    return shop.with_policy(parse_policy(text.encode()))


def shown(text: str, *items: str, shop: Recommender = SHOP, **question) -> list[str]:
    return [s.item_id for s in under(text, shop).suggest(items or ["bread"], **question)]


def rule(action: str, *lines: str) -> str:
    return "\n".join(["[[rules]]", f"action = '{action}'", *lines, ""])


def test_without_rules():
    assert shown("") == PLAIN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (rule("exclude", "filter = 'price <= 3'"), ["coffee", "wine", "delivery"]),
        (rule("exclude", "items = ['milk', 'nosuch']"), ["butter", "coffee", "wine", "delivery"]),
        (rule("exclude", "filter = 'price <= 3'", "items = ['wine']"), ["coffee", "delivery"]),
        (rule("bury", "filter = 'brand = \"Meadow\"'"), ["coffee", "wine", "delivery", "butter", "milk"]),
        (
            rule("boost", "factor = 1000", "items = ['wine', 'delivery']"),
            ["wine", "butter", "milk", "coffee", "delivery"],
        ),
        (rule("boost", "factor = 0.001", "items = ['butter']"), ["milk", "coffee", "wine", "butter", "delivery"]),
        (rule("pin", "items = ['wine', 'delivery']", "place = 2"), ["butter", "wine", "delivery", "milk", "coffee"]),
        (rule("pin", "items = ['bread', 'jam', 'tea', 'wine']"), ["wine", "butter", "milk", "coffee", "delivery"]),
        (rule("pin", "items = ['wine']", "place = 50"), PLAIN),
        (rule("price", "of = 'cart'", "high = 1.2"), ["butter", "milk", "wine"]),
        (rule("price", "of = 'added'", "low = 2", "filter = 'brand is missing'"), PLAIN),
        (
            rule("price", "of = 'added'", "low = 2.1", "filter = 'brand is missing'"),
            ["butter", "milk", "coffee", "wine"],
        ),
        (rule("restrict", "adult = true", "items = ['wine']"), ["butter", "milk", "coffee", "delivery"]),
        ("[[caps]]\nby = 'brand'\nmost = 1", ["butter", "coffee", "wine", "delivery"]),
        ("[[caps]]\nby = 'category'\nlevel = 2\nmost = 1", ["butter", "coffee", "wine", "delivery"]),
        ("[[caps]]\nby = 'category'\nmost = 1\nfilter = 'price < 3'", PLAIN),
        (
            "[[never_together]]\nfirst_items = ['butter']\nsecond = 'category = \"Drinks\"'",
            ["butter", "milk", "wine", "delivery"],
        ),
        ("[[never_together]]\nfirst_items = ['bread']\nsecond_items = ['butter']", PLAIN[1:]),
        ("[[never_together]]\nfirst_items = ['butter']\nsecond_items = ['bread']", PLAIN[1:]),
    ],
)
def test_one_rule(text, expected):
    assert shown(text) == expected
    assert shown(text.replace("]]\n", "]]\ndry_run = true\n", 1)) == PLAIN
    assert shown("dry_run = true\n" + text) == PLAIN


def test_price_rules_measure_by_the_cart_its_dearest_and_its_last():
    """Bread 2.50 and butter 3: coffee at 8, delivery at 5, milk at 1.50, wine has no price."""
    cart = ["butter", "bread"]
    assert shown(rule("price", "of = 'cart'", "high = 1"), *cart) == ["milk", "wine", "delivery"]
    assert shown(rule("price", "of = 'dearest'", "high = 1"), *cart) == ["milk", "wine"]
    assert shown(rule("price", "of = 'added'", "high = 0.5"), *cart) == ["wine"]
    assert shown(rule("price", "of = 'added'", "high = 0.5"), "wine") != ["wine"]


def test_exclusion_wins_over_a_pin():
    text = rule("pin", "items = ['wine']") + rule("exclude", "items = ['wine']")
    assert shown(text) == ["butter", "milk", "coffee", "delivery"]
    assert under(text).remarks() == ["rules[1]: rules[2] (exclude) wins for 1 of its items"]


def test_caps_count_what_is_pinned_and_pairs_hold_it_apart():
    assert shown(rule("pin", "items = ['milk']") + "[[caps]]\nby = 'brand'\nmost = 1") == [
        "milk",
        "coffee",
        "wine",
        "delivery",
    ]
    apart = "[[never_together]]\nfirst_items = ['wine']\nsecond_items = ['butter', 'coffee']"
    assert shown(rule("pin", "items = ['wine']") + apart) == ["wine", "milk", "delivery"]


def test_seeds():
    text = rule("exclude", "items = ['coffee']", "when_cart = 'category in \"Food > *\"'")
    assert "coffee" not in shown(text, "bread")
    assert "coffee" in shown(text, "delivery")
    text = rule("pin", "items = ['wine']", "when_cart_items = ['butter', 'nosuch']")
    assert shown(text, "bread")[0] == "butter"
    assert shown(text, "bread", "butter")[0] == "wine"


def test_placements_of_the_shop():
    text = "[placements.drawer]\nbase = 'add-on'\nk = 2\n" + rule("bury", "items = ['milk']", "placements = ['drawer']")
    assert shown(text, placement="drawer") == ["wine", "milk"] or len(shown(text, placement="drawer")) <= 2
    assert shown(text) == PLAIN
    assert under(text).answer(["bread"], placement="drawer").placement == "drawer"
    with pytest.raises(UsageError, match=r"no such placement; there are bought-together, .*, drawer$"):
        shown(text, placement="drawers")
    assert shown("[placements.cross-sell]\nk = 2") == PLAIN[:2]


def test_dates_go_by_the_cart_or_by_the_clock():
    text = rule("exclude", "items = ['milk']", "starts = 2026-11-20", "ends = 2026-11-27T08:00:00Z")
    days = {19: True, 20: False, 26: False, 28: True}
    for day, there in days.items():
        assert ("milk" in shown(text, at=datetime(2026, 11, day, tzinfo=UTC))) is there
    shop = under(text)
    assert [shop.epoch(datetime(2026, 11, day, tzinfo=UTC)) for day in days] == [0, 1, 1, 2]
    assert "milk" in shown(rule("exclude", "items = ['milk']", "ends = 2001-01-01"))
    assert "milk" not in shown(rule("exclude", "items = ['milk']", "starts = 2001-01-01"))


def test_restrictions_go_by_what_the_request_says():
    """What it does not say is not assumed."""
    text = rule("restrict", "adult = true", "regions = ['de', 'AT']", "items = ['wine']")
    text += rule("restrict", "except_regions = ['CH']", "items = ['coffee']")
    contexts = [
        {},
        {"adult": True},
        {"adult": True, "region": "DE"},
        {"adult": "true", "region": "at"},
        {"region": "CH"},
    ]
    told = [set(PLAIN) - set(shown(text, context=context)) for context in contexts]
    assert told == [{"wine", "coffee"}, {"wine", "coffee"}, set(), {"wine"}, {"wine", "coffee"}]


def test_promotions_have_a_quota_and_say_so():
    text = rule("promote", "filter = 'brand is missing'", "quota = 2", "place = 2", "tag = 'Ad'")
    found = under(text).suggest(["bread"])
    assert [s.item_id for s in found] == ["butter", "coffee", "wine", "milk", "delivery"]
    assert [s.reason.kind == "promoted" for s in found] == [False, True, True, False, False]
    assert found[1].reason.text == "Ad: a bestseller: in 2 of 12 baskets"
    assert found[1].probability is not None


def test_bestsellers_beside_a_promotion_are_still_a_last_resort():
    promoted = under(rule("promote", "items = ['wine']")).answer(["nosuch"], k=2)
    assert [s.reason.kind for s in promoted.suggestions] == ["promoted", "bestseller"]
    assert promoted.fallback == SHOP.answer(["nosuch"], k=2).fallback == "bestseller"


def test_what_no_list_of_candidates_holds_is_placed_all_the_same():
    found = under(rule("promote", "items = ['delivery']", "tag = 'Ad'") + rule("pin", "items = ['wine']", "place = 2"))
    first, second, *_ = found.suggest(["coffee"], placement="add-on", k=2)
    assert (first.item_id, first.reason.kind) == ("delivery", "promoted")
    assert (second.item_id, second.reason.kind, second.reason.text) == ("wine", "promoted", "chosen by the shop")
    assert found.answer(["coffee"], placement="add-on", k=2).fallback is None


def test_default_exclusions_can_be_switched_off():
    everything = Recommender(tiny_model(), tiny_customers())
    assert not {"jam", "tea"} & set(shown("", shop=everything))
    assert "jam" in shown("[defaults]\nout_of_stock = false")
    assert "tea" in shown("[defaults]\ninactive = false")
    assert "tea" not in shown("[defaults]\ninactive = false", "coffee")
    assert "tea" in shown("[defaults]\ninactive = false\nvariants = false", "coffee")
    assert "butter" not in shown("[defaults]\nmin_stock = 13")
    free = SHOP.with_catalog(replace(tiny_catalog(), price=np.zeros(8)))
    assert shown("", shop=free) == []
    assert shown("[defaults]\nprice_zero = false", shop=free) == PLAIN
    assert "bread" in shown("[defaults]\nin_cart = false", placement="trending")


def test_what_was_bought_lately_and_is_seldom_bought_again_is_left_out():
    """Ann bought butter on the first of November and milk on the sixth; carts are of the twelfth."""
    signals = tiny_item_signals()
    signals[BUTTER, 6], signals[WINE, 6] = 0.01, 0.01
    shop = Recommender(replace(tiny_model(), item_signals=signals), tiny_customers())
    ann = {"customer_id": "ann", "shop": shop}
    assert "butter" not in shown("", **ann)
    assert "butter" in shown("")
    assert "butter" in shown("[defaults]\nrecent_days = 11", **ann)
    assert "butter" not in shown("[defaults]\nrecent_days = 12", **ann)
    assert "butter" in shown("[defaults]\nbought_recently = false", **ann)
    assert "butter" in shown("[defaults]\nrebought_share = 0.005", **ann)
    assert "butter" in shown("", at=datetime(2026, 11, 1, 9, tzinfo=UTC), **ann)
    assert "milk" not in shown("[defaults]\nrebought_share = 0.5", **ann)


def test_rules_that_cannot_apply_do_nothing_and_are_told():
    text = rule("exclude", "name = 'red'", "filter = 'colour = \"red\"'") + rule("pin", "items = ['nosuch']")
    text += rule("exclude", "filter = 'price > 1000'") + rule("bury", "items = ['milk']", "ends = 2001-01-01")
    assert shown(text) == PLAIN
    told = under(text).remarks()
    assert told[0].startswith("red: does nothing: line 1, column 1: colour: the catalogue has no such column")
    assert told[1:] == [
        "rules[2]: the catalogue has no item nosuch",
        "rules[2]: filter means no item of the catalogue, so the rule does nothing",
        "rules[3]: filter means no item of the catalogue, so the rule does nothing",
        "rules[4]: ended on 2001-01-01, so it does nothing",
    ]


def test_contradictions_and_circles_are_told():
    text = rule("pin", "name = 'a'", "items = ['wine']") + rule("pin", "name = 'b'", "items = ['milk']")
    text += rule("pin", "name = 'c'", "items = ['milk']", "placements = ['trending']")
    text += rule("boost", "name = 'd'", "factor = 2", "filter = 'price < 5'", "placements = ['cross-sell']")
    text += rule("bury", "name = 'e'", "items = ['milk', 'butter']", "placements = ['cross-sell']")
    text += "[[never_together]]\nname = 'f'\nfirst_items = ['milk']\nsecond_items = ['tea', 'milk']\n"
    text += "[[never_together]]\nname = 'g'\nfirst_items = ['tea', 'milk']\nsecond_items = ['milk']\n"
    assert under(text).remarks() == [
        "d: e (bury) wins for 2 of its items",
        "b: place 1 is taken by a: it gets the next free one",
        "c: place 1 is taken by a: it gets the next free one",
        "c: place 1 is taken by b: it gets the next free one",
        "f: 1 item stands on both sides, so no two of them ever meet",
        "g: 1 item stands on both sides, so no two of them ever meet",
        "g: says again, or the other way round, what f says",
    ]


def test_a_hundred_boosts_sum_up():
    text = "".join(rule("boost", "factor = 1.1", f"name = 'b{n}'", "items = ['wine']") for n in range(100))
    assert shown(text)[0] == "wine"
    halved = "".join(rule("boost", "factor = 0.5", f"name = 'h{n}'", "items = ['wine']") for n in range(20))
    assert shown(text + halved) == PLAIN
