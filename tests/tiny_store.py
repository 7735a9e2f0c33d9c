"""The tiny shop's model, published."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tiny_shop import tiny_customers, tiny_model

from recommender.store import Store


def publish_tiny(root: Path, seed: int = 0) -> str:
    """A new version that serves, by name; another seed makes another model id."""
    model = tiny_model()
    model = replace(model, manifest=replace(model.manifest, seed=seed))
    now = datetime(2026, 11, 21, 12, seed % 60, tzinfo=UTC)
    return Store(root).publish(model, tiny_customers(), promote=True, now=now).name
