"""`train --profile`: where time and memory went, and that watching changes nothing in the model."""

from __future__ import annotations

import mmap
import re
import sys
import threading
from io import StringIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from recommender.command import main
from training.beside import beside
from training.kernels import made_up_orders
from training.progress import Progress

ROW = re.compile(r"^(.{28}) +([\d,.]+) +([\d,.]+) +([\d,]+)(?:  (.*))?$")


def trained(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    orders = folder / "orders.parquet"
    pq.write_table(made_up_orders(), orders)
    main(["train", str(orders), "--store", str(folder / "store"), "--set", "ranker.carts=1000", *options])
    return capsys.readouterr().out


def test_a_row_a_stage_and_the_same_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain, profiled = trained(tmp_path, capsys), trained(tmp_path, capsys, "--profile")
    assert re.findall(r"^model +(\w{12})", plain) == re.findall(r"^model +(\w{12})", profiled)
    head, *lines = profiled[profiled.index("stage   ") :].splitlines()
    assert head.split() == ["stage", "seconds", "processor", "s", "peak", "MB", "handled"]
    rows = {found[1].strip(): found for found in map(ROW.match, lines) if found}
    assert len(rows) == len(lines)
    assert rows["read orders"][5] == "4,800 lines"
    assert rows["histories"][5] == "60 customers"
    assert {"check orders", "fit the ranking", "solve the linear model", "back-test", "publish", "all"} <= rows.keys()
    parts = [float(row[2]) for name, row in rows.items() if name != "all"]
    assert float(rows["all"][2]) == pytest.approx(sum(parts), abs=0.05 * len(parts) + 0.06)
    assert int(rows["all"][4].replace(",", "")) == max(int(row[4].replace(",", "")) for row in rows.values())


def test_a_stage_that_takes_memory_and_the_next_that_does_not() -> None:
    """Memory fresh from the system: an array might be given what an earlier test has left."""
    progress = Progress(quiet=True, profile=True)
    with progress.stage("much"), mmap.mmap(-1, 50_000_000) as room:
        progress.handled(3, "items")
        for place in range(0, len(room), mmap.PAGESIZE):
            room[place] = 1
    with progress.stage("little"):
        pass
    much, little = progress.stages
    assert (much.handled, little.handled) == ("3 items", "")
    assert much.peak - little.peak > 40_000_000


@pytest.mark.parametrize("in_turn", [False, True])
def test_what_goes_wrong_beside_is_told_where_it_is_waited_for(in_turn: bool) -> None:
    def fail() -> None:
        raise ArithmeticError("no")

    with pytest.raises(ArithmeticError, match="no"), beside(in_turn=in_turn) as begin:
        begin(fail).result()


def test_what_has_not_begun_never_does_after_an_error() -> None:
    begun: list[int] = []
    first_may_end = threading.Event()

    def meet_an_error() -> None:
        with beside() as begin:
            begin(lambda: first_may_end.wait(30))
            begin(lambda: begun.append(2))
            threading.Timer(0.2, first_may_end.set).start()
            raise KeyError

    with pytest.raises(KeyError):
        meet_an_error()
    assert first_may_end.is_set()
    assert begun == []


def test_a_line_is_written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two threads that each write a text and then its end of line make one line of two texts."""
    written: list[str] = []
    stream = StringIO()
    monkeypatch.setattr(stream, "write", written.append)
    monkeypatch.setattr(sys, "stderr", stream)
    Progress().say("count pairs")
    assert written == ["count pairs\n"]
