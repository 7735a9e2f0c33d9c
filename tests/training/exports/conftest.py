"""Stores with the tiny shop and with one of strange texts, and the command as a person types it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from recommender.command import main


@dataclass(frozen=True)
class Said:
    """How the command ended, and what it said."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def store(tiny_store: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny_store, tmp_path / "store")


@pytest.fixture
def strange(strange_store: Path, tmp_path: Path) -> Path:
    return shutil.copytree(strange_store, tmp_path / "strange")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """`goeswith` with these arguments."""

    def run(*arguments: object) -> Said:
        code = 0
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Said(code, said.out, said.err)

    return run


@pytest.fixture
def exported(run: Run, tmp_path: Path) -> Callable[..., Path]:
    """The path of an export that went well; `name` is the file's."""

    def exported(target: str, store: Path, name: str, *more: object) -> Path:
        path = tmp_path / "out" / name
        path.parent.mkdir(exist_ok=True)
        said = run("export", target, "--store", store, "-o", path, *more)
        assert said.code == 0, said.err
        return path

    return exported


def manifest_of(path: Path) -> dict[str, Any]:
    return json.loads(path.with_name(f"{path.name}.manifest.json").read_text(encoding="utf-8"))
