"""A store with the tiny shop, and the command as a person types it."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from tiny_store import publish_tiny

from recommender.command import main


@pytest.fixture
def store(tmp_path: Path) -> Path:
    publish_tiny(tmp_path / "store")
    return tmp_path / "store"


@pytest.fixture
def run(capsys):
    """`goeswith` with these arguments: how it ended, and what it said."""

    def run(*arguments):
        code = 0
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return SimpleNamespace(code=code, out=said.out, err=said.err)

    return run
