"""The tiny shop under ids and titles that break careless files: quotes, commas, line ends, formulas, emoji."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tiny_shop import tiny_catalog, tiny_model

from recommender.attributes import Attributes
from recommender.catalog import Catalog
from recommender.model import Model
from recommender.store import Store
from recommender.strings import StringColumn

STRANGE_IDS = ("+1", "../x", "=A1", "CON", 'a,"b"', "b\nc\td", "ü/é?", "😀 𝒳")  # ascending by bytes, as in tiny_shop
STRANGE_TITLES = ("=HYPERLINK(1)", "-5 °C", '"Coffee", whole', "@home", "Plum\njam", "Milk\t1 l", "\tTea", "")
EANS = ("0001", "0002", "0003", "", "0005", "0006", "0006", "0008")
HANDLES = ("brown-bread", "salted-butter", "coffee", "delivery", "plum-jam", "whole-milk", "tea", "wine")


def strange_catalog() -> Catalog:
    attributes = {
        "ean": EANS,
        "handle": HANDLES,
        "url": [f"https://shop.example/{handle}" for handle in HANDLES],
        "image_url": [f"https://shop.example/{handle}.jpg" for handle in HANDLES[:-1]] + [""],
        "description": [f"All about {handle}" for handle in HANDLES],
    }
    return replace(
        tiny_catalog(),
        item_ids=StringColumn.of(STRANGE_IDS),
        titles=StringColumn.of(STRANGE_TITLES),
        attributes=Attributes.of(STRANGE_IDS, attributes),
    )


def strange_model(seed: int = 0) -> Model:
    model = tiny_model()
    return replace(model, catalog=strange_catalog(), manifest=replace(model.manifest, seed=seed))


def publish_strange(root: Path, seed: int = 0) -> str:
    """A version that serves, by name."""
    now = datetime(2026, 11, 21, 12, seed % 60, tzinfo=UTC)
    return Store(root).publish(strange_model(seed), None, promote=True, now=now).name
