"""A training that is killed leaves the model that serves as it was, and the next one makes good what it left."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tiny_store import publish_tiny

from recommender.store import Store

GOESWITH = str(Path(sys.executable).with_name("goeswith"))
FULL = os.environ.get("FAULTS") == "full"
LINES = 1_000_000 if FULL else 600
PATIENCE = 900

STAGES = ("read orders", "check orders", "count and test pairs", "mine longer rules", "learn quantities", "histories")
MOMENTS = (*STAGES, "writing") if FULL else ("check orders", "writing")


def write_orders(path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    orders = np.sort(random.integers(0, LINES // 5, LINES))
    items = (50 * random.random(LINES) ** 2).astype(np.int64)
    customers = orders % 400
    columns = {"order_id": orders, "item_id": items, "customer_id": customers}
    pq.write_table(pa.table({name: pa.array(values).cast(pa.string()) for name, values in columns.items()}), path)


def train(orders: Path, folder: Path) -> subprocess.Popen[str]:
    """The command, begun; what it spills goes below `folder`."""
    command = [GOESWITH, "train", orders, "--store", folder / "store"]
    (folder / "tmp").mkdir(exist_ok=True)
    env = os.environ | {"TMPDIR": str(folder / "tmp")}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)


def kill_at(moment: str, training: subprocess.Popen[str], store: Path) -> None:
    """SIGKILL once the stage has ended, or when the first of the model's files is being written."""
    assert training.stderr is not None
    if moment == "writing":
        wait(lambda: training.poll() is not None or bool(list(store.glob("*/.incoming-*/*"))))
    else:
        assert any(line.startswith(moment) for line in iter(training.stderr.readline, "")), moment
    training.send_signal(signal.SIGKILL)
    training.communicate()
    assert training.returncode == -signal.SIGKILL, f"it had ended before it could be killed: {moment}"


def wait(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.mark.timeout(PATIENCE * 4)
def test_killed_and_started_again(tmp_path: Path) -> None:
    publish_tiny(tmp_path / "store")
    store, orders = Store(tmp_path / "store"), tmp_path / "orders.parquet"
    write_orders(orders, 0)
    before = store.current().name

    for moment in MOMENTS:
        kill_at(moment, train(orders, tmp_path), store.root)
        assert store.current().name == before
        assert [version.name for version in store.versions()] == [before]
        assert store.load()
    for room in ("versions", "customers"):
        for left in (store.root / room).glob(".incoming-*"):
            os.utime(left, (0, 0))

    begun = time.monotonic()
    again = train(orders, tmp_path)
    told, complaints = again.communicate()
    print(f"\n{LINES:,} lines, after {len(MOMENTS)} deaths: {time.monotonic() - begun:.0f} s")
    assert again.returncode == 0, complaints
    assert store.current().name in told
    assert store.current().name != before
    assert all(version.problem is None and store.load(version) for version in store.versions())
    names = sorted(version.name for version in store.versions())
    assert len(names) == 2
    for room in ("versions", "customers"):
        assert sorted(path.name for path in (store.root / room).iterdir()) == names
    assert sorted(path.name for path in store.root.iterdir()) == [
        ".lock",
        "current",
        "customers",
        "history",
        "versions",
    ]
    assert not list((tmp_path / "tmp").glob("goeswith-*"))


@pytest.mark.timeout(PATIENCE * 2)
@pytest.mark.parametrize("seeds", [(0, 1), (0, 0)] if FULL else [(0, 1)], ids=str)
def test_two_at_once_into_one_store(tmp_path: Path, seeds: tuple[int, int]) -> None:
    """Both end well; one of them serves, the other is a step back; the same orders make one version."""
    for seed in set(seeds):
        write_orders(tmp_path / f"{seed}.parquet", seed)
    begun = time.monotonic()
    both = [train(tmp_path / f"{seed}.parquet", tmp_path) for seed in seeds]
    told = [training.communicate() for training in both]
    print(f"\ntwice {LINES:,} lines: {time.monotonic() - begun:.0f} s")

    assert [training.returncode for training in both] == [0, 0], told
    ids = {re.search(r"^model +([0-9a-f]{12}) ", out, re.MULTILINE)[1] for out, _ in told}  # type: ignore[index]
    assert len(ids) == len(set(seeds))
    store = Store(tmp_path / "store")
    versions = store.versions()
    assert {version.model_id for version in versions} == ids
    assert all(version.problem is None and store.load(version) for version in versions)
    assert [version.current for version in versions].count(True) == 1
    history = (store.root / "history").read_text().splitlines()
    assert history[-1] == store.current().name
    assert {line[-12:] for line in history} == ids
