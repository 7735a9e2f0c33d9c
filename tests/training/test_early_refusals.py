"""What is wrong with a command's places is told before its work."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from recommender.command import main

LINES = "order_id,item_id\n1,cup\n1,pot\n"


@pytest.fixture
def orders(tmp_path: Path) -> str:
    (tmp_path / "orders.csv").write_text(LINES)
    return str(tmp_path / "orders.csv")


def refused(capsys: pytest.CaptureFixture[str], code: int, *arguments: str) -> str:
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    assert end.value.code == code
    return capsys.readouterr().err


def test_a_store_that_is_a_file(orders: str, capsys: pytest.CaptureFixture[str]) -> None:
    for store in (orders, f"{orders}/below"):
        said = refused(capsys, 1, "train", orders, "--store", store)
        assert said.startswith(f"error: {orders}: cannot be written (Not a directory); ")
        assert "read orders" not in said
    assert Path(orders).read_text() == LINES


def test_a_store_without_rights(
    orders: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "access", lambda place, mode: Path(place) != tmp_path)
    said = refused(capsys, 1, "train", orders, "--store", str(tmp_path / "new" / "store"))
    assert said.startswith(f"error: {tmp_path}: cannot be written ({os.strerror(errno.EACCES)}); ")
    assert [path.name for path in tmp_path.iterdir()] == ["orders.csv"]


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_path_is_not_the_current_folder(
    orders: str, empty: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(Path(orders).parent)
    message = f"error: {empty!r}: no path; name a file, a folder or a glob, and `.` for the current folder\n"
    assert refused(capsys, 2, "check", empty).endswith(message)
    assert refused(capsys, 2, "check", orders, "--catalog", empty).endswith(message)


def test_a_place_of_a_result_that_cannot_be(
    orders: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo(tmp_path / "pipe.parquet")
    (tmp_path / "folder.parquet").mkdir()
    for command in (("mine", orders, "--min-count", "1"), ("synth", orders, "--lines", "9")):
        for place, why in {
            "none/o.parquet": "none: no such folder; make it, or name another place (-o)",
            "pipe.parquet": "pipe.parquet: is no regular file; name a file (-o)",
            "folder.parquet": "folder.parquet: is a folder; name a file (-o)",
        }.items():
            assert refused(capsys, 2, *command, "-o", place) == f"error: {why}\n"


def test_a_result_takes_the_place_of_what_a_link_leads_to(orders: str, tmp_path: Path) -> None:
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "real.jsonl")
    main(["mine", orders, "--min-count", "1", "-o", str(tmp_path / "link.jsonl")])
    assert (tmp_path / "link.jsonl").is_symlink()
    assert (tmp_path / "real.jsonl").read_text().startswith('{"items": ["cup"], "count": 1}\n')


def test_a_configuration_without_an_end(orders: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = "error: /dev/zero: more than 1,000,000 bytes; name a configuration file in TOML\n"
    assert refused(capsys, 2, "check", orders, "--config", "/dev/zero") == told


def test_a_place_for_rejected_lines_that_is_full(orders: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A place is told in the system's words, not in those of a library."""
    told = "error: /dev/full: the quarantine file cannot be written (No space left on device); name another place\n"
    assert refused(capsys, 2, "check", orders, "--quarantine", "/dev/full").endswith(told)
