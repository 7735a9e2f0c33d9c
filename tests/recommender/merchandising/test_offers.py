"""Services beside a cart: which, for which of its items, at what price, and always in places of their own."""

from datetime import UTC, datetime

import pytest
from tiny_shop import tiny_customers, tiny_model

from recommender import Recommender
from recommender.merchandising.cells import PolicyError
from recommender.merchandising.read import parse_policy

SHOP = Recommender(tiny_model(), tiny_customers())
PLAIN = ["butter", "milk", "coffee", "wine", "delivery"]
CARE = "[[offers]]\nid = 'care'\ntitle = 'Care plan'\nfilter = 'price > 0'\n"


def under(text: str) -> Recommender:
    return SHOP.with_policy(parse_policy(text.encode()))


def offered(text: str, *items: str, **question) -> list[tuple[str, float | None, str]]:
    found = under(text).suggest(items, **question)
    return [(s.item_id, s.price, s.reason.because[0]) for s in found if s.reason.kind == "offer"]


def test_an_offer_takes_a_place_of_its_own_behind_the_ranked_ones():
    found = under(CARE + "price = 4.99").suggest(["bread"], k=2)
    assert [s.item_id for s in found] == ["butter", "milk", "care"]
    offer = found[-1].as_json()
    assert offer["reason"] == {"kind": "offer", "because": ["bread"], "text": "offered with Brown bread"}
    assert (offer["title"], offer["price"], offer["probability"], offer["expected_profit"]) == (
        "Care plan",
        4.99,
        None,
        None,
    )
    assert (offer["preselected"], offer["requires_consent"]) == (False, True)


def test_prices():
    assert offered(CARE + "price = 4.99", "bread") == [("care", 4.99, "bread")]
    assert offered(CARE + "percent = 12.5", "coffee") == [("care", 1.0, "coffee")]
    table = CARE + "price_table = [{from = 0, below = 3, price = 1}, {from = 3, below = 8, price = 2}]"
    assert [offered(table, item)[0][1] for item in ("bread", "butter", "delivery")] == [1, 2, 2]
    assert offered(table, "coffee") == []
    everything = CARE.replace("price > 0", "price is missing or price > 0")
    assert offered(everything + "percent = 10", "wine") == []
    assert offered(everything + "price = 1", "wine") == [("care", 1, "wine")]


def test_it_goes_with_the_last_item_or_else_with_the_dearest():
    food = CARE.replace("price > 0", 'category in "Food > *"') + "price = 1"
    assert offered(food, "coffee", "bread", "butter") == [("care", 1, "butter")]
    assert offered(food, "bread", "butter", "milk", "coffee") == [("care", 1, "butter")]
    assert offered(food, "bread", "coffee", placement="add-on") == []
    assert offered(food, "coffee", "bread", placement="add-on") == [("care", 1, "bread")]
    assert offered(food, "coffee") == []
    assert offered(food) == []


def test_where_to_whom_and_when():
    text = CARE + "price = 1\nregions = ['de']\nminimum_age = 18\nstarts = 2026-11-20\nends = 2026-11-27\n"
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    german = {"region": "DE", "adult": True}
    assert offered(text, "bread", at=noon, context=german)
    assert offered(text, "bread", at=noon, context={"region": "de", "age": 18})
    for context in (
        {},
        {"region": "DE"},
        {"adult": True},
        {"region": "AT", "adult": True},
        {"region": "DE", "age": 17},
    ):
        assert not offered(text, "bread", at=noon, context=context)
    assert not offered(text, "bread", at=datetime(2026, 11, 27, tzinfo=UTC), context=german)
    assert not offered(CARE + "price = 1", "bread", placement="trending")
    assert offered(CARE + "price = 1\nplacements = ['trending']", "bread", placement="trending")
    assert not offered(CARE + "price = 1\ndry_run = true", "bread")


def test_the_highest_priority_goes_first_and_two_at_most():
    text = "".join(CARE.replace("'care'", f"'care{n}'") + f"price = {n}\npriority = {n}\n" for n in (1, 3, 2))
    assert [found[0] for found in offered(text, "bread")] == ["care3", "care2"]
    assert [found[0] for found in offered("[defaults]\nmost_offers = 3\n" + text, "bread")] == [
        "care3",
        "care2",
        "care1",
    ]
    assert offered("[defaults]\nmost_offers = 0\n" + text, "bread") == []


def test_not_again_where_the_cart_or_the_page_has_it():
    assert offered(CARE + "price = 1", "care", "bread") == []
    assert offered(CARE + "price = 1", "bread", exclude=["care"]) == []


def test_a_service_of_the_catalogue_is_offered_instead_of_ranked():
    """Delivery costs 5 and would be the fifth suggestion beside bread."""
    text = "[[offers]]\nid = 'delivery'\nfilter = 'category in \"Food > *\"'\n"
    found = under(text).suggest(["bread"])
    assert [s.item_id for s in found] == PLAIN
    assert (found[-1].reason.kind, found[-1].price, found[-1].title) == ("offer", 5, "Delivery to the door")
    assert offered(text, "delivery", "bread") == []
    assert offered(text, "bread", exclude=["delivery"]) == []
    assert offered(text + "[[rules]]\naction = 'exclude'\nitems = ['delivery']", "bread") == []
    assert offered(text, "bread", filter="price < 5") == []
    assert offered(text + "[[rules]]\naction = 'price'\nof = 'dearest'\nhigh = 1.9", "bread") == []
    assert offered(text + "[[rules]]\naction = 'price'\nof = 'dearest'\nhigh = 2", "bread")
    assert offered(text + "[[never_together]]\nfirst_items = ['bread']\nsecond_items = ['delivery']", "bread") == []


def test_services_that_are_ranked_need_consent_too():
    found = {s.item_id: s.requires_consent for s in SHOP.suggest(["bread"])}
    assert found == dict.fromkeys(PLAIN[:4], False) | {"delivery": True}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[offers]]\nfilter = 'price > 0'\nprice = 1", "offers[1]: id is missing"),
        ("[[offers]]\nid = 'care'\nprice = 1", "offers[1] 'care': filter and items are missing"),
        (CARE + "price = -1", "offers[1] 'care': price = -1: expected a number of at least 0"),
        (CARE + "percent = 0", "offers[1] 'care': percent = 0: expected a number above 0 and at most 100"),
        (CARE + "price = 1\npercent = 5", "offers[1] 'care': price and percent: an offer has one price"),
        (
            CARE + "price = 1\nrequires_consent = false",
            "offers[1] 'care': requires_consent = false: a paid extra",
        ),
        (
            CARE + "price_table = [{from = 0, below = 100, price = 1}, {from = 150, price = 2}]",
            "offers[1] 'care': price_table: a gap from 100 to 150, where items would have no price: close it",
        ),
        (
            CARE + "price_table = [{from = 0, below = 100, price = 1}, {from = 50, price = 2}]",
            "offers[1] 'care': price_table: bands overlap from 50 to 100; begin the next band at 100",
        ),
        (
            CARE + "price_table = [{from = 5, below = 5, price = 1}]",
            "offers[1] 'care'.price_table[1]: below = 5 is not",
        ),
        (CARE + "price_table = [{from = 5}]", "offers[1] 'care'.price_table[1]: price is missing"),
        ((CARE + "price = 1\n") * 2, "'offer care': two rules have this name"),
    ],
)
def test_what_is_no_offer_is_told(text, told):
    with pytest.raises(PolicyError) as refused:
        parse_policy(text.encode())
    assert told in str(refused.value)


def test_offers_that_can_never_be_made_are_told():
    text = CARE.replace("price > 0", "colour = 1") + "price = 1\n"
    text += (
        "[[offers]]\nid = 'a'\nprice = 1\nfilter = 'price > 1000'\n[[offers]]\nid = 'b'\nitems = ['milk', 'nosuch']\n"
    )
    told = under(text).remarks()
    assert told[0].startswith("offer care: is never made: line 1, column 1: colour: the catalogue has no such column")
    assert told[1:] == [
        "offer a: applies to no item of the catalogue, so it is never made",
        "offer b: the catalogue has no item nosuch",
        "offer b: has no price, and the catalogue has no such item to take it from: it is never made",
    ]
    assert offered(text, "milk") == []
