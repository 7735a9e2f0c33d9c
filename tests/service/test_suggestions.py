"""The answers to carts and items."""

import pytest
from tiny_shop import tiny_customers, tiny_model

from recommender.engine import PLACEMENTS, Recommender
from service.schemas import AnswerDocument


@pytest.fixture
def recommender():
    return Recommender(tiny_model(), tiny_customers())


def ask(client, **body):
    return client.post("/v1/suggestions", json=body)


def test_answer_is_the_engines(client, recommender):
    reply = ask(client, items=["bread", {"item_id": "xx", "quantity": 2}], k=3)
    assert reply.status_code == 200
    assert reply.content_type == "application/json"
    answer = reply.json
    expected = recommender.answer(["bread", "xx"], k=3).as_json()
    assert {name: answer[name] for name in expected} == expected
    assert answer["missing_items"] == ["xx"]
    assert answer["suggestions"][0]["item_id"] == "butter"
    assert answer["suggestions"][0]["reason"]["text"] == "5 of 6 baskets with Brown bread had it too"


def test_answer_has_the_members_of_the_schema(client):
    for placement in PLACEMENTS:
        answer = ask(client, items=["bread", "nix"], placement=placement, k=100).json
        AnswerDocument.model_validate(answer)
        members = ["model_id", "request_id", "placement", "suggestions", "missing_items", "fallback", "empty_because"]
        assert list(answer) == members


def test_without_explaining_the_kind_remains(client):
    reasons = [s["reason"] for s in ask(client, items=["bread"], explain=False).json["suggestions"]]
    assert reasons[0] == {"kind": "bought-together"}
    assert all(list(reason) == ["kind"] for reason in reasons)


@pytest.mark.parametrize("items", [[], ["unknown"], ["", "x"][1:], ["\x00", "a\nb", "🍞"]])
def test_empty_and_unknown_carts_get_bestsellers(client, items):
    reply = ask(client, items=items)
    assert reply.status_code == 200
    assert reply.json["fallback"] == "bestseller"
    assert reply.json["missing_items"] == items
    assert {s["reason"]["kind"] for s in reply.json["suggestions"]} == {"bestseller"}


def test_excluded_and_own_items_are_not_shown(client):
    shown = [s["item_id"] for s in ask(client, items=["bread"], exclude=["butter"], k=100).json["suggestions"]]
    assert not {"bread", "butter"} & set(shown)
    assert len(shown) == len(set(shown))


def test_every_optional_field_is_taken(client):
    body = {
        "items": ["bread"],
        "placement": "cross-sell",
        "customer_id": "ann",
        "visitor_id": "v-81",
        "k": 1,
        "exclude": [],
        "context": {"region": "DE", "adult": True, "age": 40, "share": 0.5, "none": None},
        "filter": None,
        "at": "2026-11-21T10:00:00",
        "explain": True,
        "trace": False,
    }
    assert ask(client, **body).status_code == 200
    nulls = {"customer_id": None, "visitor_id": None, "exclude": None, "context": None, "filter": None, "at": None}
    assert ask(client, items=["bread"], **nulls).status_code == 200


@pytest.mark.parametrize("at", ["2026-11-21", "2026-11-21T10:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59"])
def test_any_time_is_taken(client, at):
    assert ask(client, items=[], customer_id="ann", at=at).status_code == 200


def test_the_largest_cart(client):
    items = ["bread", *(f"{n:0256d}" for n in range(999))]
    reply = ask(client, items=items[:900])
    assert reply.status_code == 200
    assert len(reply.json["missing_items"]) == 899


def test_request_id_is_echoed_if_sane(client):
    reply = client.post("/v1/suggestions", json={"items": []}, headers={"X-Request-Id": "cart-7.b"})
    assert reply.headers["X-Request-Id"] == reply.json["request_id"] == "cart-7.b"
    for bad in ("a b", "x" * 129, '"', "é"):
        reply = client.post("/v1/suggestions", json={"items": []}, headers={"X-Request-Id": bad})
        assert len(reply.headers["X-Request-Id"]) == 32
    assert reply.headers["Cache-Control"] == "no-store"


def test_item_route_answers_like_a_cart_of_one(client, recommender):
    reply = client.get("/v1/items/bread/suggestions")
    expected = recommender.answer(["bread"], placement="bought-together").as_json()
    assert {name: reply.json[name] for name in expected} == expected


@pytest.mark.parametrize("placement", ["cross-sell", "buy-again"])
def test_customer_route_answers_like_an_empty_cart(client, recommender, placement):
    reply = client.get(f"/v1/customers/ann/suggestions?placement={placement}&k=2")
    expected = recommender.answer([], placement=placement, customer_id="ann", k=2).as_json()
    assert {name: reply.json[name] for name in expected} == expected
    assert [one["reason"]["kind"] for one in reply.json["suggestions"]] == ["buy-again"] * 2
    assert reply.headers["Cache-Control"] == "no-store"
    assert "ETag" not in reply.headers


def test_customer_route_by_default(client):
    asked, default = (client.get(f"/v1/customers/ann/suggestions{query}").json for query in ("?k=10", ""))
    assert asked["placement"] == default["placement"] == "cross-sell"
    assert asked["suggestions"] == default["suggestions"]


@pytest.mark.parametrize("customer_id", ["nobody", "a%2Fb", "%ff%fe", "x%00y", "%F0%9F%8D%9E"])
def test_customers_who_are_not_known_get_labelled_bestsellers(client, customer_id):
    for placement in ("cross-sell", "buy-again"):
        reply = client.get(f"/v1/customers/{customer_id}/suggestions?placement={placement}")
        assert (reply.status_code, reply.json["fallback"]) == (200, "bestseller")


@pytest.mark.parametrize(
    ("query", "path"), [("k=0", "k"), ("placement=window", "placement"), ("items=bread", "items"), ("at=now", "at")]
)
def test_customer_route_refuses_what_it_does_not_take(client, query, path):
    reply = client.get(f"/v1/customers/ann/suggestions?{query}")
    assert reply.status_code == 422
    assert [(one["in"], one["path"]) for one in reply.json["errors"]] == [("query", path)]
    long = client.get(f"/v1/customers/{'x' * 257}/suggestions").json
    assert [(one["in"], one["path"]) for one in long["errors"]] == [("path", "customer_id")]
    unknown = client.get("/v1/customers/ann/suggestions?plcement=x").json
    assert unknown["detail"] == "plcement: unknown field; did you mean placement?"


@pytest.mark.parametrize("item_id", ["a%2Fb", "a/b", "a//b", "%C3%A9", "%ff%fe", "x%00y", "%F0%9F%8D%9E", "a%20b", "."])
def test_item_ids_of_any_letters(client, item_id):
    reply = client.get(f"/v1/items/{item_id}/suggestions?k=1")
    assert reply.status_code == 200
    assert len(reply.json["missing_items"]) == 1


def test_item_ids_with_slashes_come_through(client):
    assert client.get("/v1/items/a%2Fb/suggestions").json["missing_items"] == ["a/b"]
    assert client.get("/v1/items/a//b/suggestions").json["missing_items"] == ["a//b"]
