"""What goes out: exactly the fields that other programs rely on, in their order."""

import json

from recommender.evidence import bought_with
from recommender.suggestion import Answer, Suggestion

REASON = bought_with("bought-together", ["bread"], ["Brown bread"], 5, 6, 5 / 3, 5)


def test_a_suggestion_as_json():
    value = Suggestion("butter", "Salted butter", 3.0, 0.625, REASON).as_json()
    assert list(value.items()) == [
        ("item_id", "butter"),
        ("title", "Salted butter"),
        ("price", 3.0),
        ("score", 0.625),
        ("probability", None),
        ("expected_profit", None),
        ("profit_basis", None),
        ("incremental_profit", None),
        ("quantity", 1),
        ("reason", REASON.as_json()),
        ("preselected", False),
        ("requires_consent", False),
    ]


def test_an_answer_as_json():
    suggestion = Suggestion("butter", "Salted butter", None, 0.625, REASON)
    value = Answer("cross-sell", [suggestion], ["x"], "bestseller").as_json()
    assert list(value.items()) == [
        ("placement", "cross-sell"),
        ("suggestions", [suggestion.as_json()]),
        ("missing_items", ["x"]),
        ("fallback", "bestseller"),
        ("empty_because", None),
    ]
    assert json.loads(json.dumps(value, allow_nan=False)) == value
