"""Where an item's page and picture are, for answers that pages show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from recommender.catalog import Catalog


def add_links(items: Iterable[dict[str, Any]], catalog: Catalog) -> None:
    """Tell of each item, by its `item_id`, what the catalogue has of `recommender.catalog.LINKS`.

    Nothing is told where the catalogue has neither column, nor of an item without a text in it.
    """
    links = catalog.links
    if links is not None:
        for item in items:
            item.update(links(item["item_id"]))
