"""A store with the tiny shop in it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tiny_shop import tiny_customers, tiny_model

from recommender.store import Store

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """One version, promoted, with its customers."""
    store = Store(tmp_path / "store", lock_seconds=0.1)
    store.publish(tiny_model(), tiny_customers(), promote=True, now=NOON)
    return store
