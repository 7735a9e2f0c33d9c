"""Events over HTTP, and visitors of an experiment."""

import json

import pytest

from recommender.events import event_files
from recommender.experiment import Arm, Experiment

POLICY = """
[experiment]
name = "half"
placements = ["cross-sell"]
[experiment.arms]
nothing = {share = 0.5, show = false}
revenue = {share = 0.5, objective = "revenue"}
"""
HALF = Experiment("half", (Arm("nothing", 0.5, show=False), Arm("revenue", 0.5)))
HELD_BACK = next(f"v{number}" for number in range(100) if HALF.arm_of(f"v{number}").name == "nothing")
SHOWN = next(f"v{number}" for number in range(100) if HALF.arm_of(f"v{number}").name == "revenue")


@pytest.fixture
def client(make_app):
    return make_app().test_client()


@pytest.fixture
def experimenting(make_app, tmp_path):
    (tmp_path / "policy.toml").write_text(POLICY)
    return make_app(policy=tmp_path / "policy.toml").test_client()


def kept(store):
    return [json.loads(line) for path in event_files(store / "events") for line in path.read_text().splitlines()]


def send(client, *events, **headers):
    return client.post("/v1/events", json={"events": list(events)}, headers=headers)


def ask(client, visitor, **further):
    return client.post("/v1/suggestions", json={"items": ["bread"], "visitor_id": visitor} | further).json


def test_events_are_kept_as_told(client, store):
    reply = send(
        client,
        {"type": "click", "visitor_id": "v1", "items": ["butter"], "request_id": "r1", "placement": "cross-sell"},
        {
            "type": "order",
            "customer_id": "ann",
            "order_id": "o1",
            "at": "2026-11-20T10:00:00+02:00",
            "items": [{"item_id": "butter", "quantity": 2, "unit_price": 1.5}],
        },
    )
    assert (reply.status_code, reply.json["accepted"]) == (202, 2)
    assert reply.json["request_id"] == reply.headers["X-Request-Id"]
    click, order = kept(store)
    received = click.pop("received_at")
    assert click == {
        "type": "click",
        "at": received,
        "visitor_id": "v1",
        "items": [{"item_id": "butter", "quantity": 1}],
        "request_id": "r1",
        "placement": "cross-sell",
    }
    assert order == {
        "type": "order",
        "at": "2026-11-20T08:00:00.000Z",
        "received_at": received,
        "customer_id": "ann",
        "order_id": "o1",
        "items": [{"item_id": "butter", "quantity": 2, "unit_price": 1.5}],
    }
    metrics = client.get("/metrics").text
    assert 'goeswith_events_total{type="click"} 1.0' in metrics


@pytest.mark.parametrize(
    ("event", "path", "detail"),
    [
        ({"visitor_id": "v"}, "type", "is required"),
        ({"type": "vew", "visitor_id": "v"}, "type", "no such event; there are view, click, add, order"),
        ({"type": "view"}, "visitor_id", "is required where there is no customer_id"),
        ({"type": "click", "visitor_id": "v"}, "items", "is required with type click"),
        ({"type": "order", "visitor_id": "v", "items": ["a"]}, "order_id", "is required with type order"),
        ({"type": "view", "visitor_id": "v", "at": "2036-01-01"}, "at", "is more than a day ahead"),
        ({"type": "view", "visitor_id": "v", "at": "0001-01-01T00:00:00+23:59"}, "at", "is before 1970"),
        ({"type": "view", "visitor_id": "v", "at": "9999-12-31T23:59:59-23:59"}, "at", "is more than a day ahead"),
        ({"type": "view", "visitor_id": "v", "at": "soon"}, "at", "expected an ISO 8601 date"),
        ({"type": "view", "visitor_id": "v", "visitor": "w"}, "visitor", "unknown field; did you mean visitor_id?"),
        ({"type": "add", "visitor_id": "v", "items": [7]}, "items[0]", "expected an item id in quotes or an object"),
        (
            {"type": "add", "visitor_id": "v", "items": [{"item_id": "a", "price": 1}]},
            "items[0].price",
            "unknown field",
        ),
        (
            {"type": "add", "visitor_id": "v", "items": [{"item_id": "a", "quantity": 0}]},
            "items[0].quantity",
            "expected a number above 0",
        ),
    ],
)
def test_wrong_events_are_told_and_none_is_kept(client, store, event, path, detail):
    reply = send(client, {"type": "view", "visitor_id": "v"}, event)
    assert reply.status_code == 422
    (wrong,) = reply.json["errors"]
    assert wrong["path"] == f"events[1].{path}"
    assert wrong["detail"].startswith(detail)
    assert kept(store) == []


def test_no_events_and_too_many(client):
    assert client.post("/v1/events", json={"events": []}).json["errors"][0]["bound"] == {"minItems": 1}
    reply = send(client, *[{"type": "view", "visitor_id": "v"}] * 1001)
    assert reply.json["errors"][0]["bound"] == {"maxItems": 1000}


def test_what_the_publishable_key_may_tell(make_app):
    client = make_app(publishable_key="pk", secret_key="sk").test_client()
    view, order = (
        {"type": "view", "visitor_id": "v"},
        {"type": "order", "visitor_id": "v", "order_id": "o", "items": ["a"]},
    )
    assert send(client, view).status_code == 401
    assert send(client, view, **{"X-API-Key": "pk"}).status_code == 202
    for secret in (order, view | {"customer_id": "ann"}):
        assert send(client, secret, **{"X-API-Key": "pk"}).status_code == 403
        assert send(client, secret, **{"X-API-Key": "sk"}).status_code == 202


def test_a_log_that_cannot_be_written_is_told_and_suggestions_go_on(make_app, tmp_path):
    (tmp_path / "policy.toml").write_text(POLICY)
    (tmp_path / "taken").write_text("a file, no folder")
    client = make_app(policy=tmp_path / "policy.toml", events=tmp_path / "taken").test_client()
    reply = send(client, {"type": "view", "visitor_id": "v"})
    assert (reply.status_code, reply.json["type"]) == (503, "urn:goeswith:problem:events-not-kept")
    assert "nothing of this was kept" in reply.json["detail"]
    assert int(reply.headers["Retry-After"]) > 0
    assert ask(client, SHOWN)["suggestions"]
    metrics = client.get("/metrics").text
    assert 'goeswith_events_not_kept_total{type="exposure"} 1.0' in metrics


def test_arms_of_an_experiment(experimenting, store):
    shown, held_back = ask(experimenting, SHOWN), ask(experimenting, HELD_BACK)
    assert shown["experiment"] == {"name": "half", "arm": "revenue"}
    assert shown["suggestions"] == ask(experimenting, None, objective="revenue")["suggestions"] != []
    assert held_back["experiment"] == {"name": "half", "arm": "nothing"}
    assert held_back["suggestions"] == []
    assert held_back["empty_because"].startswith("arm nothing of experiment half is shown nothing")
    ask(experimenting, SHOWN)
    exposures = kept(store)
    assert [(event["visitor_id"], event["arm"], event["show"]) for event in exposures] == [
        (SHOWN, "revenue", True),
        (HELD_BACK, "nothing", False),
    ]
    assert exposures[0]["items"] == [{"item_id": suggestion["item_id"]} for suggestion in shown["suggestions"]]
    assert [event.get("objective") for event in exposures] == ["revenue", None]
    assert len(exposures[1]["items"]) == len(shown["suggestions"]), "what would have been shown"
    assert exposures[0]["request_id"] == shown["request_id"]


def test_who_is_no_part_of_it(experimenting, store):
    assert "experiment" not in ask(experimenting, None)
    assert "experiment" not in ask(experimenting, HELD_BACK, placement="bought-together")
    assert "experiment" not in experimenting.get("/v1/items/bread/suggestions?placement=cross-sell").json
    assert kept(store) == []


def test_a_customer_without_a_visitor_is_a_unit_too(experimenting, store):
    answer = experimenting.get("/v1/customers/ann/suggestions").json
    assert answer["experiment"]["arm"] == HALF.arm_of("ann").name
    assert [event["customer_id"] for event in kept(store)] == ["ann"]
    answer = experimenting.get(f"/v1/customers/ann/suggestions?visitor_id={HELD_BACK}").json
    assert answer["experiment"]["arm"] == "nothing", "the visitor goes before the customer"


def test_erasing_a_customer_reaches_the_events(client, store):
    from recommender.store import Store

    send(client, {"type": "view", "visitor_id": "v", "customer_id": "ann"}, {"type": "view", "visitor_id": "w"})
    Store(store).erase("ann")
    assert [event["visitor_id"] for event in kept(store)] == ["w"]
