"""Files that are written into, or become something else, while the service has them."""

import logging
import os

import pytest
from tiny_store import publish_tiny

from service.app import parts


@pytest.fixture
def logged(caplog):
    caplog.set_level(logging.INFO, "goeswith.service")
    return lambda: [record.getMessage() for record in caplog.records if record.getMessage() != "request"]


def status(app):
    return app.test_client().post("/v1/suggestions", json={"items": ["bread"]}).status_code


def refreshed(app):
    parts(app).live.refresh()
    return status(app)


def failures(app, kind):
    page = app.test_client().get("/metrics").text
    return float(page.split(f'goeswith_reload_failures_total{{kind="{kind}"}} ')[1].split("\n")[0])


def file_of(store, part, name):
    (path,) = (store / part).glob(f"*/**/{name}.npy")
    return path


def flip(path):
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)[0]
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last ^ 1]))


def cut(path):
    os.truncate(path, 64)


@pytest.mark.parametrize("spoil", [flip, cut])
@pytest.mark.parametrize(("part", "name"), [("versions", "pair_scores"), ("customers", "factors")])
def test_a_model_that_was_written_into_does_not_serve(make_app, store, logged, spoil, part, name):
    app = make_app()
    path = file_of(store, part, name)
    spoil(path)
    assert refreshed(app) == 503
    assert app.test_client().get("/readyz").json["type"] == "urn:goeswith:problem:no-model"
    assert logged() == ["model taken in", "model overwritten", "model refused"]
    assert failures(app, "model") == 2
    assert refreshed(app) == 503
    publish_tiny(store, seed=1)
    assert refreshed(app) == 200


def test_a_model_that_was_only_touched_serves_again_at_once(make_app, store, logged):
    app = make_app()
    os.utime(file_of(store, "versions", "pair_scores"), ns=(0, 0))
    assert refreshed(app) == 200
    assert logged() == ["model taken in", "model overwritten", "model taken in"]


def test_what_was_deleted_or_replaced_is_mapped_as_it_was(make_app, store, logged):
    app = make_app()
    replaced = file_of(store, "versions", "pair_scores")
    beside = replaced.with_suffix(".new")
    beside.write_bytes(b"another file")
    beside.rename(replaced)
    file_of(store, "versions", "pair_items").unlink()
    assert refreshed(app) == 200
    assert logged() == ["model taken in"]


@pytest.mark.parametrize("kind", ["catalog", "policy"])
@pytest.mark.parametrize("become", ["a folder", "a pipe", "a device"])
def test_what_is_no_file_any_more_is_refused_and_holds_nothing_up(make_app, tmp_path, kind, become):
    path = tmp_path / "given"
    text = {"catalog": "item_id,stock\nbutter,5\n", "policy": "[defaults]\nvariants = false\n"}[kind]
    path.write_text(text)
    app = make_app(**{kind: path})
    path.unlink()
    if become == "a folder":
        path.mkdir()
    elif become == "a pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    assert refreshed(app) == 200
    assert failures(app, kind) == 1
    path.rmdir() if become == "a folder" else path.unlink()
    path.write_text(text + "\n")
    page = app.test_client().get("/metrics").text
    assert refreshed(app) == 200
    assert app.test_client().get("/metrics").text != page
    assert f'goeswith_reloads_total{{kind="{kind}"}} 2.0' in app.test_client().get("/metrics").text


def test_a_catalogue_of_one_endless_line_is_refused(make_app, tmp_path, caplog):
    path = tmp_path / "c.csv"
    path.write_text("item_id,stock\nbutter,5\n")
    app = make_app(catalog=path)
    path.unlink()
    path.write_text("item_id,stock\n" + "x" * (1 << 20) + "x,1\n")
    assert refreshed(app) == 200
    (record,) = [record for record in caplog.records if record.getMessage() == "catalog refused"]
    assert record.fields["error"] == f"{path}: line 2: longer than 1,048,576 characters; write one item a line"
