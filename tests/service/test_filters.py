"""The filter of a request."""

import pytest

PUBLISHABLE, SECRET = "pk-tiny", "sk-tiny"


def shown(client, text, **headers):
    reply = client.post("/v1/suggestions", json={"items": ["bread"], "filter": text}, headers=headers)
    assert reply.status_code == 200, reply.json
    return {suggestion["item_id"] for suggestion in reply.json["suggestions"]}


def test_only_items_that_it_is_true_of_are_shown(client):
    assert shown(client, "price <= 3") == {"butter", "milk"}
    assert shown(client, 'category in "Drinks > *"') == {"coffee"}
    assert shown(client, 'brand = "Nobody"') == set()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("price <= 'x'", 'line 1, column 10: "x" is text; price is a number: write one as in 19.99'),
        ("price <=\n", "line 2, column 1: found the end; expected a value"),
        ("gram = 5", "line 1, column 1: gram: the catalogue has no such column; did you mean grams?"),
    ],
)
def test_a_filter_that_does_not_parse_is_told_with_its_place(client, text, told):
    reply = client.post("/v1/suggestions", json={"items": [], "filter": text})
    (error,) = reply.json["errors"]
    assert (reply.status_code, error["in"], error["path"]) == (422, "body", "filter")
    assert told in error["detail"]


def test_shoppers_cannot_ask_for_the_merchants_figures(make_app):
    client = make_app(publishable_key=PUBLISHABLE, secret_key=SECRET).test_client()
    assert shown(client, "price <= 3", **{"X-API-Key": PUBLISHABLE}) == {"butter", "milk"}
    body = {"items": ["bread"], "filter": "cost < 2 and stock > 1"}
    reply = client.post("/v1/suggestions", json=body, headers={"X-API-Key": PUBLISHABLE})
    assert reply.status_code == 403
    assert reply.json["detail"].startswith("filter: cost, stock: needs the secret key")
    assert shown(client, "cost < 2 and stock > 1", **{"X-API-Key": SECRET}) == {"milk"}
