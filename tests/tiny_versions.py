"""Versions of the tiny shop: the same shop under another seed is another model."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tiny_shop import tiny_customers, tiny_manifest, tiny_model

from recommender.model import Model
from recommender.model_files import sealed
from recommender.store import Store, Version

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TINY_ID = sealed(tiny_model()).manifest.model_id


def tiny_variant(seed: int) -> Model:
    """The same shop, another model: the seed is part of what the model id follows from."""
    return replace(tiny_model(), manifest=replace(tiny_manifest(), seed=seed))


def published(store: Store, seed: int, *, promote: bool = True) -> Version:
    """A version made `seed` hours after noon."""
    return store.publish(tiny_variant(seed), tiny_customers(), promote=promote, now=NOON + timedelta(hours=seed))


def content(store: Store) -> dict[str, tuple[bytes, int]]:
    """Every file and when it was written."""
    files = (path for path in store.root.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(store.root)): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def damage(version: Version) -> None:
    (version.path / "price.npy").write_bytes(b"")
