"""A publisher that is killed at any moment leaves the last good model serving, and the next publisher cleans up."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tiny_shop import tiny_customers, tiny_model

from recommender.store import Store

PROGRAM = Path(__file__).with_name("publish_and_die.py")
DEATHS = 50


@pytest.mark.parametrize("kind", ["calls", "lines"])
def test_killed_at_fifty_moments(tmp_path, kind):
    root = tmp_path / "store"
    command = [sys.executable, PROGRAM, kind, str(DEATHS), root]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    deaths = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(deaths) == DEATHS
    survived = [death for death in deaths if not death["died"]]
    assert len(survived) <= 2, "files are hashed by several threads: a run may take a few steps less than another"
    before = 0
    for death in deaths:
        assert death["serves"] in {before, death["seed"]}
        assert death["customers"] == 3
        before = death["serves"]
    assert deaths[DEATHS // 2]["serves"] == 0, "nothing serves before it is verified"
    _what_is_left_is_whole_and_cleaned_up(root)


def _what_is_left_is_whole_and_cleaned_up(root: Path) -> None:
    store = Store(root)
    assert all(version.problem is None and store.load(version) for version in store.versions())
    for room in ("versions", "customers"):
        for path in (root / room).iterdir():
            os.utime(path, (0, 0))
    store.publish(tiny_model(), tiny_customers(), promote=True, now=datetime(2026, 11, 22, tzinfo=UTC))
    names = sorted(version.name for version in store.versions())
    for room in ("versions", "customers"):
        assert sorted(path.name for path in (root / room).iterdir()) == names
    left = sorted(path.name for path in root.iterdir())
    assert left == [".lock", "current", "customers", "history", "versions"]
