"""New models and catalogues under load, through a real gunicorn."""

import http.client
import json
import os
import signal
import threading
import time

import pytest
from running import eventually, ready_url, running, started
from tiny_store import publish_tiny

from recommender.store import Store

BODY = json.dumps({"items": ["bread"]}).encode()


class Load:
    """Clients that ask without a pause, each on one connection, and keep what came back."""

    def __init__(self, port, clients=3):
        self.answers, self.failed = [], []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(port,)) for _ in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        while not self._stop.is_set():
            try:
                connection.request("POST", "/v1/suggestions", BODY, {"Content-Type": "application/json"})
                reply = connection.getresponse()
                self.answers.append((reply.status, json.loads(reply.read()).get("model_id")))
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(error)
                return
            time.sleep(0.002)
        connection.close()

    def last(self):
        return {model_id for _, model_id in self.answers[-20:]}


@pytest.fixture
def catalog(tmp_path):
    path = tmp_path / "catalog.csv"
    path.write_text("item_id,price\nbutter,3.5\n")
    return path


def test_no_request_fails_while_models_and_catalogues_change(store, catalog):
    with running("--store", str(store), "--catalog", str(catalog), "--workers", "2") as service:
        with Load(service.port) as load:
            for seed in (1, 2):
                name = publish_tiny(store, seed=seed)
                catalog.write_text(f"item_id,price\nbutter,{seed}.25\n")
                eventually(lambda name=name: load.last() == {name.rpartition("-")[2]})
            Store(store).rollback()
            first = Store(store).current().model_id
            eventually(lambda: load.last() == {first})
        assert not load.failed
        assert {status for status, _ in load.answers} == {200}
        assert len({model_id for _, model_id in load.answers}) == 3


def test_a_bad_version_while_serving(store):
    with running("--store", str(store), "--workers", "1") as service, Load(service.port, 1) as load:
        eventually(lambda: load.answers)
        before = load.last()
        name = publish_tiny(store, seed=1)
        (store / "current").write_text("20000101T0000Z-000000000000\n")
        (store / "versions" / name / "pair_items.npy").write_bytes(b"")
        (store / "current").write_text(name + "\n")
        eventually(lambda: any(line["event"] == "model refused" for line in service.lines()))
        assert load.last() == before
        page = service.ask("/metrics").body.decode()
        assert 'goeswith_reload_failures_total{kind="model"} 0.0' not in page
        name = publish_tiny(store, seed=2)
        eventually(lambda: load.last() == {name.rpartition("-")[2]})
    assert not load.failed


def test_a_worker_that_comes_later_serves_the_newest_version(store):
    with running("--store", str(store), "--workers", "1") as service:
        name = publish_tiny(store, seed=1)
        eventually(lambda: len(service.worker_pids()) == 1)
        (victim,) = service.worker_pids()
        os.kill(victim, signal.SIGKILL)
        eventually(lambda: service.worker_pids() not in ([], [victim]))
        assert service.ask("/v1/suggestions", {"items": []}).json["model_id"] == name.rpartition("-")[2]


def test_ready_is_said_when_there_is_a_model(tmp_path):
    root = tmp_path / "store"
    with started("--store", str(root), "--workers", "1") as service:
        eventually(lambda: any(line["event"].startswith("Listening at") for line in service.lines()))
        publish_tiny(root)
        url = ready_url(service)
        assert url.startswith("http://127.0.0.1:")
