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
