"""Orders of a strange shape, trained on by the real command: a model that serves, or a line that says why not.

`make faults` asks at real size, a million lines each; the suite at a hundredth of it or less.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from recommender import load

GOESWITH = str(Path(sys.executable).with_name("goeswith"))
FULL = os.environ.get("FAULTS") == "full"
LINES = 1_000_000 if FULL else 10_000
PATIENCE = 900
MOST_MEGABYTES = 3000


def train(folder: Path, orders: np.ndarray, items: np.ndarray, customers: np.ndarray | None = None) -> str:
    """What the command says, and on its last line how long it took and how much memory."""
    columns = {"order_id": orders, "item_id": items} | ({} if customers is None else {"customer_id": customers})
    table = pa.table({name: pa.array(values).cast(pa.string()) for name, values in columns.items()})
    pq.write_table(table, folder / "orders.parquet")
    command = [GOESWITH, "train", folder / "orders.parquet", "--store", folder / "store", "--profile"]
    begun = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    peak = int(re.findall(r"^all .* ([\d,]+)$", done.stdout, re.MULTILINE)[0].replace(",", ""))
    print(f"\n{len(orders):,} lines: {time.monotonic() - begun:.0f} s, {peak:,} MB at most")  # `make faults` shows it
    assert peak < MOST_MEGABYTES
    return done.stdout


def suggested(folder: Path, *items: str) -> list[str]:
    return [suggestion.item_id for suggestion in load(folder / "store").suggest(list(items), k=3)]


def test_one_giant_order_among_others(tmp_path: Path) -> None:
    """It is left out and told; what the others say is learned, and its items are known."""
    others = LINES // 10 if FULL else 2_000
    orders = np.concatenate((np.zeros(LINES, np.int64), 1 + np.arange(others) // 2))
    couples = np.arange(others) // 2 % 50 * 2 + np.arange(others) % 2
    told = train(tmp_path, orders, np.concatenate((np.arange(LINES), couples)))

    assert re.search(rf"^orders +{others // 2:,} counted, 1 giant left out$", told, re.MULTILINE)
    assert re.search(rf"^items +{LINES:,}$", told, re.MULTILINE)
    assert suggested(tmp_path, "6")[0] == "7"
    assert suggested(tmp_path, str(LINES - 1)), "sold in the giant order alone: bestsellers stand in"


def test_a_giant_order_alone(tmp_path: Path) -> None:
    told = train(tmp_path, np.zeros(LINES, np.int64), np.arange(LINES))

    assert re.search(r"^orders +0 counted, 1 giant left out$", told, re.MULTILINE)
    assert "too few orders" in told


def test_every_item_sold_once(tmp_path: Path) -> None:
    """Nothing can be learned of any pair, and nothing is claimed."""
    told = train(tmp_path, np.arange(LINES), np.arange(LINES), np.arange(LINES) % 1000)

    assert re.search(rf"^orders +{LINES:,} counted, 0 giant left out$", told, re.MULTILINE)
    assert re.search(r"^pairs +0 kept, 0 claimed", told, re.MULTILINE)
    assert suggested(tmp_path, "0")


@pytest.mark.parametrize("size", [5, 60] if FULL else [5])
def test_all_orders_are_the_same(tmp_path: Path, size: int) -> None:
    """Least squares find no factors there; the counts answer."""
    orders = LINES // size if FULL else 1000
    table = np.repeat(np.arange(orders), size), np.tile(np.arange(size), orders)
    told = train(tmp_path, *table, np.repeat(np.arange(orders) % 500, size))

    assert re.search(rf"^orders +{orders:,} counted, 0 giant left out$", told, re.MULTILINE)
    assert re.search(rf"^pairs +{size * (size - 1):,} kept", told, re.MULTILINE)
    assert set(suggested(tmp_path, "0")) <= {str(item) for item in range(1, size)}
    manifest = json.loads(next((tmp_path / "store" / "versions").glob("*/manifest.json")).read_text())
    assert manifest["counts"]["baskets"] == orders
