"""Which pages may ask from a browser."""

import pytest

SHOP, OTHER = "https://shop.example", "https://other.example"
ASK = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-api-key"}


@pytest.fixture
def client(make_app):
    return make_app(cors_origins=(SHOP, "http://localhost:3000"), publishable_key="pk-tiny").test_client()


def test_preflight(client):
    reply = client.options("/v1/suggestions", headers={"Origin": SHOP, **ASK})
    assert reply.status_code == 204
    assert reply.headers["Access-Control-Allow-Origin"] == SHOP
    assert "POST" in reply.headers["Access-Control-Allow-Methods"]
    assert {"Authorization", "Content-Type", "X-API-Key"} <= set(
        reply.headers["Access-Control-Allow-Headers"].split(", ")
    )
    assert "Origin" in reply.headers["Vary"]


def test_preflight_of_another_origin(client):
    reply = client.options("/v1/suggestions", headers={"Origin": OTHER, **ASK})
    assert reply.status_code == 403
    assert reply.json["type"] == "urn:goeswith:problem:origin-not-allowed"
    assert "Access-Control-Allow-Origin" not in reply.headers


def test_answers_and_problems_can_be_read_by_listed_pages(client):
    for body, status in (({"items": []}, 200), ({}, 422)):
        sent = {"Origin": SHOP, "X-API-Key": "pk-tiny"}
        reply = client.post("/v1/suggestions", json=body, headers=sent)
        assert reply.status_code == status
        assert reply.headers["Access-Control-Allow-Origin"] == SHOP
        assert "X-Request-Id" in reply.headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in reply.headers


def test_not_by_others(client):
    reply = client.post("/v1/suggestions", json={"items": []}, headers={"Origin": OTHER, "X-API-Key": "pk-tiny"})
    assert "Access-Control-Allow-Origin" not in reply.headers
    assert "Origin" in reply.headers["Vary"]
    plain = client.get("/v1/items/bread/suggestions", headers={"X-API-Key": "pk-tiny"})
    assert "Origin" in plain.headers["Vary"]


def test_all_origins(make_app):
    client = make_app(cors_origins=("*",)).test_client()
    assert client.options("/v1/suggestions", headers={"Origin": OTHER, **ASK}).status_code == 204
    assert client.get("/healthz", headers={"Origin": OTHER}).headers["Access-Control-Allow-Origin"] == OTHER


def test_none_without_a_list(make_app):
    client = make_app().test_client()
    assert client.options("/v1/suggestions", headers={"Origin": SHOP, **ASK}).status_code == 403
    assert "Vary" not in client.get("/healthz", headers={"Origin": SHOP}).headers


def test_options_without_an_origin_tells_the_methods(client):
    reply = client.options("/healthz")
    assert reply.status_code == 200
    assert "GET" in reply.headers["Allow"]
    assert reply.headers["Cache-Control"] == "no-store"
