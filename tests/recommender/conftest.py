"""A store with the tiny shop in it."""

import shutil
from pathlib import Path

import pytest

from recommender.store import Store


@pytest.fixture
def store(tiny_store: Path, tmp_path: Path) -> Store:
    """One version, promoted, with its customers."""
    return Store(shutil.copytree(tiny_store, tmp_path / "store"), lock_seconds=0.1)
