"""The command `serve` as a person types it."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from running import GOESWITH, environment, eventually, running, started

FORBIDDEN = ("pandas", "scipy", "implicit", "mlxtend", "lightgbm", "sklearn", "duckdb")


def serve(*arguments, **env):
    return subprocess.run(
        [GOESWITH, "serve", *arguments], capture_output=True, text=True, timeout=60, env=environment(**env), check=False
    )


def test_refuses_to_be_reached_without_a_key(store):
    done = serve("--store", str(store), "--host", "0.0.0.0", "--port", "0")
    assert done.returncode == 2
    assert "GOESWITH_SECRET_KEY" in done.stderr
    assert "--open" in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_empty_keys_are_no_keys(store):
    done = serve("--store", str(store), "--host", "0.0.0.0", "--port", "0", GOESWITH_SECRET_KEY="")
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "env", "says"),
    [
        (["--port", "70000"], {}, "0<=x<=65535"),
        (["--workers", "0"], {}, "1<=x<=64"),
        (["--threads", "-1"], {}, "1<=x<=64"),
        (["--catalog", "/nowhere.csv"], {}, "does not exist"),
        (["--host", "192.0.2.7", "--open", "--port", "0"], {}, "cannot be bound"),
        (["--host", "no.such.host.invalid", "--open"], {}, "cannot be bound"),
        ([], {"GOESWITH_CORS_ORIGINS": "shop.example"}, "https://shop.example"),
        ([], {"GOESWITH_SECRET_KEY": "k", "GOESWITH_PUBLISHABLE_KEY": "k"}, "choose two keys"),
        ([], {"PORT": "eighty"}, "not a valid integer"),
    ],
)
def test_wrong_use(store, arguments, env, says):
    done = serve("--store", str(store), *arguments, **env)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port(store):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = serve("--store", str(store), "--port", str(port))
    assert done.returncode == 2
    assert f"127.0.0.1 port {port}: cannot be bound" in done.stderr


def test_a_bad_catalogue(store, tmp_path):
    catalog = tmp_path / "catalog.csv"
    catalog.write_text("sku\nA\n")
    done = serve("--store", str(store), "--catalog", str(catalog), "--port", "0")
    assert done.returncode == 3
    assert str(catalog) in done.stderr
    assert "item_id" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_keys_by_environment_and_a_clean_end(store, ending):
    keys = {
        "GOESWITH_PUBLISHABLE_KEY": "pk",
        "GOESWITH_SECRET_KEY": "sk",
        "GOESWITH_CORS_ORIGINS": "https://a.example, https://b.example/",
    }
    with running("--host", "0.0.0.0", "--workers", "1", GOESWITH_STORE=str(store), **keys) as service:
        assert service.url.startswith("http://0.0.0.0:")
        assert service.ask("/v1/suggestions", {"items": []}).status == 401
        assert service.ask("/v1/suggestions", {"items": []}, {"X-API-Key": "pk"}).status == 200
        assert service.ask("/v1/model", headers={"Authorization": "Bearer sk"}).status == 200
        origin = service.ask("/healthz", headers={"Origin": "https://b.example"}).headers
        assert origin["Access-Control-Allow-Origin"] == "https://b.example"
        service.process.send_signal(ending)
        assert service.process.wait(10) == 0
        log = service.log.read_text()
    assert "sk" not in {word for line in log.split('"') for word in line.split()}
    assert "Traceback" not in log


def test_a_signal_before_it_is_ready_leaves_nothing_behind(store, tmp_path):
    with started("--store", str(store), "--workers", "1", TMPDIR=str(tmp_path)) as service:
        eventually(lambda: folders(tmp_path, service.process.pid))
        service.process.terminate()
        assert service.process.wait(10) == 0
        assert not folders(tmp_path, service.process.pid)


def folders(place, pid):
    return [*Path("/dev/shm").glob(f"goeswith-{pid}-*"), *place.glob(f"goeswith-{pid}-*")]


def test_help_says_every_option():
    done = serve("--help")
    assert done.returncode == 0
    for option in ("--store", "--catalog", "--host", "--port", "--workers", "--threads", "--open", "--cors-origins"):
        assert option in done.stdout


def test_trainings_libraries_are_never_imported(store, tmp_path):
    catalog = tmp_path / "catalog.parquet"
    pq.write_table(pa.table({"item_id": ["bread"], "price": [1.5]}), catalog)
    script = f"""
import sys
from pathlib import Path
import service.commands, service.server, service.worker
from service.app import create_app, parts
from service.config import ServiceConfig
app = create_app(ServiceConfig(Path({str(store)!r}), Path({str(catalog)!r})))
parts(app).live.refresh()
client = app.test_client()
assert client.post("/v1/suggestions", json={{"items": ["bread"], "customer_id": "ann"}}).status_code == 200
for path in ("/v1/items/bread/suggestions", "/v1/model", "/metrics", "/openapi/openapi.json", "/nowhere"):
    client.get(path)
print(sorted(set(sys.modules) & set({FORBIDDEN!r})))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout == "[]\n", done.stderr


def test_what_makes_the_openapi_document_is_loaded_when_somebody_asks_for_it(store):
    script = f"""
import sys
from pathlib import Path
from service.app import create_app
from service.config import ServiceConfig
client = create_app(ServiceConfig(Path({str(store)!r}))).test_client()
assert client.post("/v1/suggestions", json={{"items": ["bread"]}}).status_code == 200
before = "flask_openapi3" in sys.modules
documents = [client.get("/openapi/openapi.json").json for _ in range(2)]
print(before, "flask_openapi3" in sys.modules, documents[0]["info"]["title"], documents[0] == documents[1])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout == "False True goeswith True\n", done.stderr


def test_blas_runs_on_one_thread(store):
    """What is imported before the limit is set, and what after it, decides."""
    script = f"""
import service.logs, service.server
from recommender.command import main
from threadpoolctl import threadpool_info
service.server._run = lambda *_: print([library["num_threads"] for library in threadpool_info()])
main(["serve", "--store", {str(store)!r}, "--port", "0"])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert set(done.stdout) <= set("[1, ]\n"), done.stdout + done.stderr
    assert "1" in done.stdout
