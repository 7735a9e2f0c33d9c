"""A command that is asked to end while it writes leaves the file of yesterday, and none of its own."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest
from running import eventually

sys.path.insert(0, str(Path(__file__).parents[1]))

from test_stopping import CODES, begun, ended, interruptible, orders  # noqa: F401  # two are fixtures


@pytest.mark.timeout(400)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_stopped_while_writing(orders: Path, tmp_path: Path, number: int):  # noqa: F811
    (tmp_path / "o.parquet").write_bytes(b"yesterday's")
    process = begun(("synth", str(orders), "--lines", "20000000", "-o", "o.parquet"), tmp_path)
    eventually(lambda: bool(list(tmp_path.glob(".o.parquet.*"))), 300)
    assert ended(process, number, to_all=True) == (CODES[number], ["stopped"])
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["o.parquet", "spill"]
    assert (tmp_path / "o.parquet").read_bytes() == b"yesterday's"
