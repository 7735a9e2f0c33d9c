"""Every wrong field is named, with its bound."""

import pytest

from recommender.engine import PLACEMENTS
from service.limits import MAX_REPORTED_FIELDS


def errors_of(client, body):
    reply = client.post("/v1/suggestions", json=body)
    assert reply.status_code == 422, reply.json
    assert reply.content_type == "application/problem+json"
    assert reply.json["type"] == "urn:goeswith:problem:invalid-fields"
    return {error["path"]: error for error in reply.json["errors"]}


@pytest.mark.parametrize(
    ("field", "value", "path", "bound", "detail"),
    [
        ("k", 0, "k", {"minimum": 1}, "expected 1 or more"),
        ("k", -1, "k", {"minimum": 1}, "expected 1 or more"),
        ("k", 101, "k", {"maximum": 100}, "expected at most 100"),
        ("k", 10**9, "k", {"maximum": 100}, "expected at most 100"),
        ("k", 10**299, "k", {"maximum": 100}, "expected at most 100"),
        ("k", 10**400, "k", {"type": "integer"}, "expected integer"),
        ("k", "10", "k", {"type": "integer"}, "expected integer"),
        ("k", 10.5, "k", {"type": "integer"}, "expected integer"),
        ("k", True, "k", {"type": "integer"}, "expected integer"),
        ("k", None, "k", {"type": "integer"}, "expected integer"),
        ("items", None, "items", {"type": "array"}, "expected array"),
        ("items", "bread", "items", {"type": "array"}, "expected array"),
        ("items", {"item_id": "bread"}, "items", {"type": "array"}, "expected array"),
        ("items", ["a"] * 1001, "items", {"maxItems": 1000}, "expected at most 1,000 entries"),
        ("items", [""], "items[0]", {"minLength": 1}, "expected at least 1 character"),
        ("items", ["a", "x" * 257], "items[1]", {"maxLength": 256}, "expected at most 256 characters"),
        ("items", [7], "items[0]", {"type": ["string", "object"]}, None),
        ("items", [None], "items[0]", {"type": ["string", "object"]}, None),
        ("items", [["a"]], "items[0]", {"type": ["string", "object"]}, None),
        ("items", [{}], "items[0].item_id", {"required": True}, "is required"),
        ("items", [{"item_id": 7}], "items[0].item_id", {"type": "string"}, "expected string"),
        ("items", [{"item_id": "a", "quantity": 0}], "items[0].quantity", {"exclusiveMinimum": 0}, None),
        ("items", [{"item_id": "a", "quantity": 1e7}], "items[0].quantity", {"maximum": 1_000_000}, None),
        ("items", [{"item_id": "a", "quantity": "2"}], "items[0].quantity", {"type": "number"}, "expected number"),
        ("items", [{"item_id": "a", "quantity": True}], "items[0].quantity", {"type": "number"}, "expected number"),
        ("exclude", ["a", 1], "exclude[1]", {"type": "string"}, "expected string"),
        ("exclude", ["a"] * 1001, "exclude", {"maxItems": 1000}, None),
        ("customer_id", "", "customer_id", {"minLength": 1}, None),
        ("customer_id", 7, "customer_id", {"type": "string"}, None),
        ("visitor_id", "v" * 257, "visitor_id", {"maxLength": 256}, None),
        ("at", "yesterday", "at", {"type": "string", "format": "date-time"}, None),
        ("at", 1_700_000_000, "at", {"type": "string", "format": "date-time"}, None),
        ("explain", "yes", "explain", {"type": "boolean"}, "expected boolean"),
        ("trace", "yes", "trace", {"type": "boolean"}, "expected boolean"),
        ("filter", {"brand": "x"}, "filter", {"type": "string"}, "expected string"),
        ("filter", "", "filter", {"minLength": 1}, None),
        ("filter", "price = 5 or " * 200, "filter", {"maxLength": 2000}, "expected at most 2,000 characters"),
        ("filter", "price <= 'x'", "filter", None, None),
        ("filter", "not " * 30 + "price = 1", "filter", None, None),
        ("filter", "colour = 'red'", "filter", None, None),
        ("context", [], "context", {"type": "object"}, None),
        ("context", {"a": {}}, "context", None, None),
        ("context", {"a": "x" * 257}, "context", None, None),
        ("context", {"n" * 257: 1}, "context", None, None),
        ("context", {str(n): n for n in range(51)}, "context", {"maxItems": 50}, "expected at most 50 entries"),
    ],
)
def test_one_wrong_field(client, field, value, path, bound, detail):
    error = errors_of(client, {"items": []} | {field: value})[path]
    assert error["in"] == "body"
    assert bound is None or error["bound"] == bound
    assert detail is None or error["detail"] == detail


def test_infinite_by_size_is_refused(client):
    data = b'{"items": [{"item_id": "a", "quantity": 1e999}], "context": {"x": -1e999}}'
    reply = client.post("/v1/suggestions", data=data, content_type="application/json")
    assert [error["path"] for error in reply.json["errors"]] == ["items[0].quantity", "context"]
    assert reply.json["errors"][0]["bound"] == {"type": "number"}  # a word of JSON Schema


def test_placements(client):
    for placement in ("window-shop", "buy_again", "nonsense", "", "Cross-Sell"):
        error = errors_of(client, {"items": [], "placement": placement})["placement"]
        assert error["bound"] == {"enum": list(PLACEMENTS)}
        assert error["value"] == placement


def test_every_wrong_field_at_once(client):
    body = {"items": ["a", 3, {"item_id": "b", "quantity": -1, "qty": 3}], "k": 0, "placment": "x", "at": []}
    errors = errors_of(client, body)
    assert set(errors) == {"items[1]", "items[2].quantity", "items[2].qty", "k", "placment", "at"}
    assert errors["placment"]["detail"] == "unknown field; did you mean placement?"
    assert errors["items[2].qty"]["detail"] == "unknown field; there are item_id, quantity"


def test_missing_items(client):
    assert errors_of(client, {})["items"]["detail"] == "is required"


def test_long_values_are_cut(client):
    assert len(errors_of(client, {"items": ["x" * 5000]})["items[0]"]["value"]) == 80


def test_so_many_that_some_are_left_out(client):
    body = {"items": []} | {f"field {n}": n for n in range(3000)}
    reply = client.post("/v1/suggestions", json=body)
    assert len(reply.json["errors"]) == MAX_REPORTED_FIELDS
    assert reply.json["errors_left_out"] == 3000 - MAX_REPORTED_FIELDS


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("k=0", "k"),
        ("k=101", "k"),
        ("k=ten", "k"),
        ("k=", "k"),
        ("k=1_0", "k"),
        ("k=%2B5", "k"),
        ("k=1.0", "k"),
        ("k=" + "9" * 5000, "k"),
        ("k=%C2%B2", "k"),
        ("k=1&k=2", "k"),
        ("placement=window-shop", "placement"),
        ("customer_id=ann", "customer_id"),
        ("%ff=1", "%FF"),
    ],
)
def test_wrong_queries(client, query, path):
    reply = client.get(f"/v1/items/bread/suggestions?{query}")
    assert reply.status_code == 422
    assert [(error["in"], error["path"]) for error in reply.json["errors"]] == [("query", path)]


def test_too_long_an_item(client):
    reply = client.get(f"/v1/items/{'x' * 257}/suggestions")
    assert reply.status_code == 422
    assert reply.json["errors"][0] == {
        "in": "path",
        "path": "item_id",
        "detail": "expected at most 256 characters",
        "bound": {"maxLength": 256},
        "value": "x" * 79 + "…",
    }


def test_values_are_told_as_json(client):
    reply = client.post("/v1/suggestions", json={"items": [{"item_id": "bread", "quantity": True}], "k": [None, "ä"]})
    assert {error["path"]: error["value"] for error in reply.json["errors"]} == {
        "items[0].quantity": "true",
        "k": '[null, "ä"]',
    }


@pytest.mark.parametrize("address", ["/v1/items/bread/bundle", "/v1/model", "/v1/suggestions"])
def test_an_address_without_parameters_says_so(client, address):
    reply = (
        client.post(f"{address}?k=1", json={"items": []})
        if address == "/v1/suggestions"
        else client.get(f"{address}?k=1")
    )
    assert reply.status_code == 422
    told = {"in": "query", "path": "k", "detail": "unknown field; this address takes none", "bound": {"enum": []}}
    assert reply.json["errors"] == [told]


@pytest.mark.parametrize("given", [{}, {"Content-Type": ""}])
def test_a_body_of_no_type_at_all_is_told_so(client, given):
    reply = client.post("/v1/suggestions", data="{}", headers=given)
    assert reply.status_code == 415
    assert reply.json["detail"] == "Content-Type is nothing; send application/json in UTF-8"
