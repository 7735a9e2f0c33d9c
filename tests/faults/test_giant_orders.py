"""Orders files that would take a miner's memory or patience: each is mined, or refused in a line, within bounds.

`make faults` asks at real size, a million lines each; the suite at a tenth of it.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

GOESWITH = str(Path(sys.executable).with_name("goeswith"))
FULL = os.environ.get("FAULTS") == "full"
LINES = 1_000_000 if FULL else 100_000
PATIENCE = 240


def write(path: Path, orders: np.ndarray, items: np.ndarray) -> None:
    columns = {"order_id": pa.array(orders).cast(pa.string()), "item_id": pa.array(items).cast(pa.string())}
    pq.write_table(pa.table(columns), path)


def mine(folder: Path, *words: str, megabytes: int | None = None) -> subprocess.CompletedProcess[str]:
    def limit() -> None:
        if megabytes is not None:
            resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))

    command = [GOESWITH, "mine", folder / "orders.parquet", *words, "-o", folder / "itemsets.parquet"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE, preexec_fn=limit)


def sets(folder: Path) -> dict[tuple[str, ...], int]:
    table = pq.read_table(folder / "itemsets.parquet")
    return dict(zip(map(tuple, table["items"].to_pylist()), table["count"].to_pylist(), strict=True))


def test_one_giant_order_among_others(tmp_path: Path) -> None:
    """Every pair of the giant met at least once, half of their square; those that met twice are found all the same."""
    others = LINES // 5
    pairs = np.arange(others)
    orders = np.concatenate((np.zeros(LINES, np.int64), 1 + pairs // 2))
    items = np.concatenate((np.arange(LINES), pairs))
    write(tmp_path / "orders.parquet", orders, items)

    done = mine(tmp_path, "--min-count", "2")

    assert done.returncode == 0, done.stderr
    found = sets(tmp_path)
    assert len(found) == others + others // 2
    assert set(found.values()) == {2}


def test_a_giant_order_alone_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "orders.parquet", np.zeros(LINES, np.int64), np.arange(LINES))

    done = mine(tmp_path, "--min-count", "1")

    assert done.returncode == 2
    pairs = f"{LINES * (LINES - 1) // 2:,}"
    assert re.search(rf"up to {pairs} pairs need [\d,.]+ GiB, .* a minimum count of 2 \(--min-count\)", done.stderr)


def test_every_item_with_one_order(tmp_path: Path) -> None:
    write(tmp_path / "orders.parquet", np.arange(LINES), np.arange(LINES))

    done = mine(tmp_path, "--min-count", "1")

    assert done.returncode == 0, done.stderr
    assert re.search(rf"{LINES:,} itemsets \({LINES:,} of 1\)", done.stdout.replace(", 0 of 2", ""))


@pytest.mark.parametrize(("items", "code"), [(14, 0), (60, 2)])
def test_all_orders_identical(tmp_path: Path, items: int, code: int) -> None:
    orders = LINES // 50
    write(tmp_path / "orders.parquet", np.repeat(np.arange(orders), items), np.tile(np.arange(items), orders))

    done = mine(tmp_path, "--min-count", str(orders))

    assert done.returncode == code, done.stderr
    if code:
        assert re.search(rf"or more \(an estimate\) need .* a minimum count of {orders + 1:,}", done.stderr)
    else:
        assert done.stdout.startswith(f"{tmp_path / 'itemsets.parquet'}: 16,383 itemsets")


@pytest.mark.parametrize("megabytes", [1500, 2500, 4000])
def test_a_limit_below_what_it_needs_is_a_refusal_and_not_a_kill(tmp_path: Path, megabytes: int) -> None:
    rng = np.random.default_rng(0)
    write(tmp_path / "orders.parquet", np.repeat(np.arange(LINES // 10), 20), rng.integers(0, 3000, 2 * LINES))

    done = mine(tmp_path, "--min-count", "1", megabytes=megabytes)

    assert done.returncode in {2, 3}, done.stderr
    assert re.search(r"may be taken; |more memory or disk (is needed )?than there is|the memory ran out", done.stderr)
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "itemsets.parquet").exists()
