"""What shoppers are told, and what is for the merchant alone."""

import pytest

PUBLISHABLE, SECRET = "pk-tiny", "sk-tiny"


@pytest.fixture
def client(make_app):
    return make_app(publishable_key=PUBLISHABLE, secret_key=SECRET).test_client()


def reasons(client, key, placement="cross-sell"):
    body = {"items": ["bread"], "placement": placement}
    reply = client.post("/v1/suggestions", json=body, headers={"X-API-Key": key}).json
    return {suggestion["item_id"]: suggestion["reason"] for suggestion in reply["suggestions"]}


def test_evidence_of_fewer_than_five_customers_is_for_the_merchant(client):
    """Butter met bread in baskets of 5 customers; coffee sold to 2."""
    merchant, shopper = reasons(client, SECRET), reasons(client, PUBLISHABLE)
    assert list(merchant) == list(shopper)
    assert merchant["butter"].pop("customers") == 5
    assert shopper["butter"] == merchant["butter"]
    assert shopper["butter"]["count"] == 5
    assert merchant["coffee"]["count"] == 2
    assert shopper["coffee"] == {"kind": "bestseller", "because": [], "text": "a bestseller"}


def test_a_trend_of_two_customers_is_told_in_general_words(client):
    assert "2 baskets" in reasons(client, SECRET, "trending")["wine"]["text"]
    assert reasons(client, PUBLISHABLE, "trending")["wine"]["text"] == "sells more than it used to"


def test_pages_that_caches_keep_are_the_shoppers(client):
    answers = [
        client.get("/v1/items/bread/suggestions", headers={"X-API-Key": key}).data for key in (PUBLISHABLE, SECRET)
    ]
    assert answers[0] == answers[1]
    assert b'"count":2' not in answers[0]


def test_a_box_of_two_customers_is_told_without_counts(client):
    """Delivery went with milk in baskets of 2 customers, butter with bread in baskets of 5."""
    few, enough = (
        client.get(f"/v1/items/{item}/bundle", headers={"X-API-Key": PUBLISHABLE}).json["bundle"]
        for item in ("milk", "bread")
    )
    assert (few["count"], few["of"], few["text"]) == (None, None, "often bought together")
    assert few["items"][1]["reason"] == {
        "kind": "bought-together",
        "because": ["milk"],
        "text": "often bought with what is in the cart",
    }
    assert (enough["count"], enough["of"], enough["items"][1]["reason"]["count"]) == (5, 6, 5)
    assert "customers" not in {*few, *enough, *enough["items"][1]["reason"]}


def test_the_box_of_a_service_without_keys_is_the_merchants(make_app):
    box = make_app().test_client().get("/v1/items/milk/bundle").json["bundle"]
    assert (box["count"], box["customers"], box["items"][1]["reason"]["customers"]) == (2, 2, 2)


def test_names_of_rules_are_for_the_merchant(make_app, tmp_path):
    policy = tmp_path / "policy.toml"
    policy.write_text(
        "[[rules]]\nname = 'secret plan'\naction = 'exclude'\nfilter = 'not price is missing'\nitems = ['wine']"
    )
    client = make_app(publishable_key=PUBLISHABLE, secret_key=SECRET, policy=policy).test_client()
    told = {
        key: client.post("/v1/suggestions", json={"items": ["bread"]}, headers={"X-API-Key": key}).json["empty_because"]
        for key in (PUBLISHABLE, SECRET)
    }
    assert "by the rule secret plan" in told[SECRET]
    assert "by a rule" in told[PUBLISHABLE]
    assert "secret" not in told[PUBLISHABLE]
