"""Many carts in one call: each is answered as it would be alone."""

import json
from datetime import UTC, date, datetime

import pytest
from tiny_shop import tiny_customers, tiny_model

from recommender.engine import PLACEMENTS, Recommender
from recommender.errors import UsageError

SHOP = Recommender(tiny_model(), tiny_customers())


def test_many_carts():
    one = {"items": ["bread"], "exclude": ["butter"]}
    two = {"items": [], "customer_id": "ann", "at": datetime(2026, 11, 1, tzinfo=UTC)}
    three = {"items": [], "customer_id": "ann"}
    answers = SHOP.suggest_many([one, two, three], placement="cross-sell", k=2)
    assert [" ".join(s.item_id for s in answer) for answer in answers] == [
        "milk coffee",
        "wine bread",
        "bread butter",
    ]
    assert [answer[0].reason.kind for answer in answers] == ["bestseller", "bestseller", "buy-again"]
    assert answers[0] == SHOP.suggest(["bread"], exclude=["butter"], k=2)


def test_lines_of_a_file_of_carts_are_carts():
    line = '{"cart_id": "7", "items": ["bread", {"item_id": "milk", "quantity": 2}], "at": "2026-11-01T00:00:00"}'
    plain = SHOP.suggest(["bread", ("milk", 2)], at=datetime(2026, 11, 1, tzinfo=UTC))
    assert SHOP.suggest_many([json.loads(line)]) == [plain]
    assert SHOP.suggest([{"item_id": "bread"}, {"item_id": "milk", "quantity": 2}], at=date(2026, 11, 1)) == plain


@pytest.mark.parametrize(
    ("cart", "told"),
    [
        (["bread"], r"carts\[1\] is \['bread'\]: expected a mapping, as in \{'items': \['bread'\]\}"),
        ({"item": ["bread"]}, r"carts\[1\] is .*: expected a mapping"),
        ({"items": [{"item": "bread"}]}, "items: {'item': 'bread'}: expected an item id"),
        ({"items": [{"item_id": "bread", "quantity": 0}]}, "'bread': quantity 0"),
        ({"items": [], "at": "yesterday"}, "at = 'yesterday': expected a time, or its text in ISO 8601"),
        ({"items": [], "at": 5}, "at = 5: expected a time"),
        ({"items": [], "customer_id": 7}, "customer_id = 7: expected text"),
    ],
)
def test_what_is_no_cart_is_told(cart: dict[str, object], told: str):
    with pytest.raises(UsageError, match=told):
        SHOP.suggest_many([{"items": ["bread"]}, cart])


@pytest.mark.parametrize("placement", list(PLACEMENTS))
def test_carts_are_answered_each_as_alone(placement: str):
    early = datetime(2026, 11, 1, tzinfo=UTC)
    asked = [(["bread", ("milk", 2)], None, None), ([], "ann", early), ([], "ann", None), (["x"], "nobody", early)]
    answers = list(SHOP.answer_each(asked, placement=placement, k=3))
    alone = [SHOP.answer(items, placement=placement, customer_id=who, at=at, k=3) for items, who, at in asked]
    assert answers == alone


def test_what_cannot_be_asked_of_a_cart_is_told_before_any_is_answered():
    answers = SHOP.answer_each([(["bread"], None, None), ("milk", None, None)])
    with pytest.raises(UsageError, match="items = 'milk': one text"):
        next(answers)
