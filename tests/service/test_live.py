"""A model and a catalogue that change while the service answers."""

import logging
import os
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from running import eventually
from tiny_shop import tiny_model
from tiny_store import publish_tiny

from recommender.engine import Recommender
from recommender.errors import DataError
from recommender.review.reviews import APPROVED, REJECTED, REVIEWS, Subject
from recommender.review.subjects import decide
from recommender.store import Store
from service.app import create_app, parts
from service.config import ServiceConfig

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def logged(caplog):
    caplog.set_level(logging.INFO, "goeswith.service")
    return lambda: [record.getMessage() for record in caplog.records if record.getMessage() != "request"]


def ask(app, **body):
    return app.test_client().post("/v1/suggestions", json={"items": ["bread"]} | body)


def model_id(app):
    return ask(app).json["model_id"]


def prices(app):
    suggestions = ask(app, k=100).json["suggestions"]
    return {suggestion["item_id"]: suggestion["price"] for suggestion in suggestions}


def failures(app, kind):
    page = app.test_client().get("/metrics").text
    return float(page.split(f'goeswith_reload_failures_total{{kind="{kind}"}} ')[1].split("\n")[0])


def test_without_a_model_it_waits(tmp_path, logged):
    app = create_app(ServiceConfig(tmp_path / "store"))
    client = app.test_client()
    assert client.get("/healthz").status_code == 200
    for reply in (client.get("/readyz"), ask(app), client.get("/v1/items/a/suggestions"), client.get("/v1/model")):
        assert reply.status_code == 503
        assert reply.json["type"] == "urn:goeswith:problem:no-model"
        assert reply.headers["Retry-After"] == "5"
    assert "goeswith_ready 0.0" in client.get("/metrics").text
    publish_tiny(tmp_path / "store")
    parts(app).live.refresh()
    assert client.get("/readyz").status_code == 200
    assert ask(app).status_code == 200
    assert logged() == ["waiting for a model", "model taken in"]


def test_wrong_fields_are_told_even_without_a_model(tmp_path):
    app = create_app(ServiceConfig(tmp_path))
    assert ask(app, k=0).status_code == 422


def test_a_new_version_is_taken_in(make_app, store):
    app = make_app()
    first = model_id(app)
    publish_tiny(store, seed=1)
    assert model_id(app) == first
    parts(app).live.refresh()
    assert model_id(app) != first
    Store(store).rollback()
    parts(app).live.refresh()
    assert model_id(app) == first


def test_a_request_keeps_what_it_began_with(make_app, store):
    app = make_app()
    before = parts(app).live.current
    publish_tiny(store, seed=1)
    parts(app).live.refresh()
    after = parts(app).live.current
    assert before is not None
    assert after is not None
    assert before.model_id != after.model_id
    assert before.recommender.answer(["bread"]).as_json() == after.recommender.answer(["bread"]).as_json()


def flip(path):
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    "harm",
    [
        lambda store, name: flip(store / "versions" / name / "pair_counts.npy"),
        lambda store, name: (store / "versions" / name / "pair_items.npy").unlink(),
        lambda store, name: (store / "versions" / name / "manifest.json").write_text("{"),
        lambda store, name: (store / "versions" / name / "price.npy").write_bytes(b""),
        lambda store, name: (store / "current").write_text("nonsense\n"),
        lambda store, name: (store / "current").write_text("20000101T0000Z-000000000000\n"),
    ],
)
def test_a_bad_version_never_replaces_a_good_one(make_app, store, logged, harm):
    app = make_app()
    first = model_id(app)
    harm(store, publish_tiny(store, seed=1))
    for _ in range(3):
        parts(app).live.refresh()
    assert model_id(app) == first
    assert failures(app, "model") == 1
    assert logged() == ["model taken in", "model refused"]
    publish_tiny(store, seed=2)
    parts(app).live.refresh()
    assert model_id(app) != first


def test_a_model_that_cannot_answer_is_refused(make_app, store):
    app = make_app()
    first = model_id(app)
    model = tiny_model()
    broken = replace(model, manifest=replace(model.manifest, config={}))
    Store(store).publish(broken, None, promote=True, now=Store(store).current().created_at)
    parts(app).live.refresh()
    assert model_id(app) == first
    assert failures(app, "model") == 1


def test_a_damaged_version_at_the_start(store):
    flip(store / "versions" / Store(store).current().name / "price.npy")
    app = create_app(ServiceConfig(store))
    assert app.test_client().get("/readyz").status_code == 503
    publish_tiny(store, seed=1)
    parts(app).live.refresh()
    assert app.test_client().get("/readyz").status_code == 200


def test_an_erased_customer_is_forgotten(make_app, store):
    app = make_app()
    live = parts(app).live
    before = live.current
    Store(store).erase("ann")
    live.refresh()
    assert before is not None
    assert before.recommender.customers is not None
    assert before.recommender.customers.row("ann") >= 0
    assert live.current is not None
    assert live.current.recommender.customers is not None
    assert live.current.recommender.customers.row("ann") == -1


CSV = "item_id,price,stock,active\nbutter,{price},5,1\nmilk,1,0,1\n"


@pytest.fixture
def catalog(tmp_path):
    path = tmp_path / "catalog.csv"
    path.write_text(CSV.format(price="3.5"))
    return path


def test_the_catalogue_file_is_on_the_shelf(make_app, catalog, logged):
    app = make_app(catalog=catalog)
    assert prices(app)["butter"] == 3.5
    assert "milk" not in prices(app)
    shown = app.test_client().get("/v1/model").json["catalog"]
    assert len(shown["generation"]) == 12
    assert "goeswith_catalog_age_seconds" in app.test_client().get("/metrics").text
    catalog.write_text(CSV.format(price="10.25"))
    parts(app).live.refresh()
    assert prices(app)["butter"] == 10.25
    assert logged() == ["model taken in", "catalogue taken in", "catalogue taken in"]


def test_an_unchanged_file_is_not_read_again(make_app, catalog, logged):
    app = make_app(catalog=catalog)
    for _ in range(3):
        parts(app).live.refresh()
    assert logged() == ["model taken in", "catalogue taken in"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"price,stock\n1,2\n",
        b"item_id\n",
        b'item_id,price\n"butter',
        b"item_id,price\n\xff\xfe,1\n",
        b"PK\x03\x04\x00",
    ],
)
def test_a_bad_catalogue_never_replaces_a_good_one(make_app, store, catalog, logged, content):
    app = make_app(catalog=catalog)
    catalog.write_bytes(content)
    for _ in range(3):
        parts(app).live.refresh()
    assert prices(app)["butter"] == 3.5
    assert failures(app, "catalog") == 1
    assert logged()[-1] == "catalog refused"
    publish_tiny(store, seed=1)
    parts(app).live.refresh()
    assert prices(app)["butter"] == 3.5
    assert "milk" not in prices(app)


def test_what_the_file_does_not_say_is_the_models(make_app, catalog):
    app = make_app(catalog=catalog)
    catalog.write_text("item_id,price\nbread,9\n")
    parts(app).live.refresh()
    assert prices(app)["butter"] == 3.0
    assert prices(app)["milk"] == 1.5


def test_a_catalogue_that_is_gone(make_app, catalog):
    app = make_app(catalog=catalog)
    catalog.unlink()
    parts(app).live.refresh()
    assert prices(app)["butter"] == 3.5
    assert failures(app, "catalog") == 1


def test_a_bad_catalogue_at_the_start(make_app, catalog):
    catalog.write_text("price\n1\n")
    with pytest.raises(DataError, match=r"catalog\.csv: catalogue: no column item_id"):
        make_app(catalog=catalog)


def test_a_catalogue_before_there_is_a_model(tmp_path, catalog):
    app = create_app(ServiceConfig(tmp_path / "store", catalog))
    catalog.write_text("nothing\n")
    publish_tiny(tmp_path / "store")
    parts(app).live.refresh()
    assert prices(app)["butter"] == 3.0
    catalog.write_text(CSV.format(price="9"))
    parts(app).live.refresh()
    assert prices(app)["butter"] == 9


def test_a_file_of_the_same_size_and_time_but_another_place(make_app, catalog):
    app = make_app(catalog=catalog)
    status = catalog.stat()
    beside = catalog.with_name("beside")
    beside.write_text(CSV.format(price="7.5"))
    os.utime(beside, ns=(status.st_atime_ns, status.st_mtime_ns))
    beside.replace(catalog)
    parts(app).live.refresh()
    assert prices(app)["butter"] == 7.5


def test_a_watch_that_stumbles_goes_on(make_app, store, logged, monkeypatch):
    app = make_app(watch_seconds=0.01)
    live = parts(app).live
    first = model_id(app)
    refresh, stumbles = live.refresh, iter([RuntimeError("a bug"), None])

    def stumbling():
        error = next(stumbles, None)
        if error is not None:
            raise error
        refresh()

    monkeypatch.setattr(live, "refresh", stumbling)
    publish_tiny(store, seed=1)
    live.watch()
    try:
        eventually(lambda: model_id(app) != first)
    finally:
        live.stop()
    assert logged()[1] == "watch failed"
    assert failures(app, "model") == 1


def test_a_failure_of_the_engine_is_a_problem_and_in_the_log(make_app, caplog):
    app = make_app()
    live = parts(app).live
    live.current = replace(live.current, recommender=BrokenRecommender(live.current.recommender.model))
    reply = ask(app)
    assert reply.status_code == 500
    assert reply.json["type"] == "urn:goeswith:problem:internal-error"
    assert "broken" not in reply.text
    (record,) = [record for record in caplog.records if record.getMessage() == "request failed"]
    assert record.fields == {"request_id": reply.json["request_id"]}
    assert record.exc_info


class BrokenRecommender(Recommender):
    """A model that was fine when it was taken in."""

    def answer(self, *_, **__):
        raise KeyError("broken")


def butter_beside_bread(app):
    reply = app.test_client().get("/v1/items/bread/suggestions?placement=bought-together")
    return reply.headers["ETag"], "butter" in [one["item_id"] for one in reply.json["suggestions"]]


def test_what_people_reject_is_taken_up_like_a_new_model(store, logged):
    app = create_app(ServiceConfig(store))
    rule = Subject(("bread",), "butter").known_as
    before, there = butter_beside_bread(app)
    assert there
    decide(Store(store), [rule], REJECTED, NOON)
    parts(app).live.refresh()
    after, there = butter_beside_bread(app)
    assert not there
    assert after != before
    assert logged() == ["model taken in", "model taken in"]
    decide(Store(store), [rule], APPROVED, NOON)
    parts(app).live.refresh()
    assert butter_beside_bread(app) == (before, True)


def test_damaged_decisions_never_replace_good_ones(store, logged):
    decide(Store(store), [Subject(("bread",), "butter").known_as], REJECTED, NOON)
    app = create_app(ServiceConfig(store))
    assert not butter_beside_bread(app)[1]
    good = (store / REVIEWS).read_bytes()
    (store / REVIEWS).write_text("{")
    parts(app).live.refresh()
    assert not butter_beside_bread(app)[1]
    assert failures(app, "model") == 1
    assert logged()[-1] == "model refused"
    (store / REVIEWS).write_bytes(good + b"\n")
    parts(app).live.refresh()
    assert logged()[-1] == "model taken in"
