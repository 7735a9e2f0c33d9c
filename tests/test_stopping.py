"""A command that is asked to end says so in one line, and leaves no process, no half of a file and no store behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import eventually

GOESWITH = str(Path(sys.executable).with_name("goeswith"))
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lines enough for each command to be at work when it is asked."""
    path = tmp_path_factory.mktemp("orders") / "orders.csv"
    path.write_text("order_id,item_id\n" + "".join(f"{line // 4},{line * 7919 % 997}\n" for line in range(200_000)))
    return path


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Processes hear these signals, whoever started the tests: a shell lets its jobs in the background ignore the one,
    and `nohup` the other."""
    heard = {signal.SIGINT: signal.default_int_handler, signal.SIGHUP: signal.SIG_DFL}
    before = {number: signal.signal(number, heeded) for number, heeded in heard.items()}
    yield
    for number, heeded in before.items():
        signal.signal(number, heeded)


def begun(arguments: tuple[str, ...], folder: Path) -> subprocess.Popen[str]:
    """The command in a session of its own."""
    (folder / "spill").mkdir()
    return subprocess.Popen(
        [GOESWITH, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(folder / "spill")},
        start_new_session=True,
    )


def ended(process: subprocess.Popen[str], number: int, *, to_all: bool) -> tuple[int, list[str]]:
    """Exit code and messages, without lines of progress, of a command that was sent a signal."""
    (os.killpg if to_all else os.kill)(process.pid, number)
    out, told = process.communicate(timeout=200)
    assert out == ""
    eventually(lambda: not group(process.pid), 60)
    return process.returncode, [line for line in told.splitlines() if not line.endswith(" s")]


def group(leader: int) -> list[int]:
    """Processes of a session that live."""
    found: list[int] = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, members = place.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(members) == leader and state != "Z":
            found.append(int(place.parent.name))
    return found


@pytest.mark.parametrize(
    ("arguments", "number"),
    [
        ("check", signal.SIGINT),
        ("check", signal.SIGHUP),
        ("mine --min-count 20 -o i.csv", signal.SIGTERM),
        ("train --store st", signal.SIGTERM),
    ],
    ids=["check-int", "check-hup", "mine-term", "train-term"],
)
def test_stopped_while_reading(orders: Path, tmp_path: Path, arguments: str, number: int):
    name, *others = arguments.split()
    process = begun((name, str(orders), *others), tmp_path)
    eventually(lambda: bool(list((tmp_path / "spill").iterdir())), 200)
    assert ended(process, number, to_all=False) == (CODES[number], ["stopped"])
    assert [path.name for path in tmp_path.rglob("*")] == ["spill"]


def test_what_the_parent_lets_it_ignore_stays_ignored(orders: Path, tmp_path: Path):
    """As `nohup` does."""
    (tmp_path / "spill").mkdir()
    process = subprocess.Popen(
        ["nohup", GOESWITH, "check", str(orders)],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(tmp_path / "spill")},
    )
    eventually(lambda: bool(list((tmp_path / "spill").iterdir())), 200)
    process.send_signal(signal.SIGHUP)
    out, _ = process.communicate(timeout=200)
    assert process.returncode == 0
    assert b"200,000 lines" in out
