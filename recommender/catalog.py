"""The shop's items: what they are called, where they stand, what they cost, and whether they may be shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from recommender.attributes import Attributes
from recommender.strings import StringColumn, find

LEVEL_SEPARATOR = " > "
LINKS = ("url", "image_url")
"""Columns of the catalogue file that answers to pages carry on, each for items that have a text in it."""
_REMEMBERED = 1 << 14


@dataclass(frozen=True)
class Catalog:
    """Items row by row, in a trained model those of most early orders first, equal ones by the bytes of their id.

    Attributes
    ----------
    item_ids, titles : text, one row an item; a title may be empty.
    item_category : int32 (items,), row of the item's full category path, -1 where it has none.
    categories : full paths, levels joined by ``" > "``, sorted; every prefix of a path is a row too.
    category_parent : int32 (categories,), row of the path without its last level, -1 at the top.
    item_brand : int32 (items,), row in `brands` or -1.  brands : names, sorted.
    item_group : int32 (items,), number of the group whose variants share one product, -1 for none.
    price, cost : float64 (items,), in the shop's currency, NaN where unknown.
    stock : float64 (items,), pieces, NaN where unknown (then the item counts as available).
    active : uint8 (items,), 0 where the catalogue says that the item is not for sale.
    service : uint8 (items,), 1 for services (insurance, installation).
    return_rate : float32 (items,), share of pieces that come back, 0 to 1.
    listed : uint8 (items,), 1 where the item is in the catalogue file, 0 where only orders name it.
    attributes : the further columns of the catalogue file.
    """

    item_ids: StringColumn
    titles: StringColumn
    item_category: NDArray[np.int32]
    categories: StringColumn
    category_parent: NDArray[np.int32]
    item_brand: NDArray[np.int32]
    brands: StringColumn
    item_group: NDArray[np.int32]
    price: NDArray[np.float64]
    cost: NDArray[np.float64]
    stock: NDArray[np.float64]
    active: NDArray[np.uint8]
    service: NDArray[np.uint8]
    return_rate: NDArray[np.float32]
    listed: NDArray[np.uint8]
    attributes: Attributes = field(default_factory=Attributes)

    def __len__(self) -> int:
        return len(self.item_ids)

    def row(self, item_id: str) -> int:
        """Row of an item, or -1."""
        return self.row_of(item_id)

    def title(self, row: int) -> str:
        """The item's title, or its id where the catalogue has none."""
        return self.label(row)[1]

    @cached_property
    def label(self) -> Callable[[int], tuple[str, str]]:
        """The id of a row and its title, or its id again where the catalogue has none; the latest are remembered."""
        ids, titles = self.item_ids, self.titles

        def label(row: int) -> tuple[str, str]:
            item_id = ids[row]
            return item_id, titles[row] or item_id

        return lru_cache(_REMEMBERED)(label)

    @cached_property
    def row_of(self) -> Callable[[str], int]:
        """`row` as it is called fastest; the latest are remembered."""
        return lru_cache(_REMEMBERED)(partial(find, self.item_ids))

    @cached_property
    def links(self) -> Callable[[str], dict[str, str]] | None:
        """What the catalogue has of `LINKS` for an item id; None where it has neither column. The latest are kept."""
        attributes = self.attributes
        known = [name for name in LINKS if attributes.codes_of(name) is not None]

        def links(item_id: str) -> dict[str, str]:
            row = self.row_of(item_id)
            texts = {name: attributes.value(name, row) for name in known} if row >= 0 else {}
            return {name: text for name, text in texts.items() if text}

        return lru_cache(_REMEMBERED)(links) if known else None

    def sellable(self) -> NDArray[np.bool_]:
        """bool (items,): active, and in stock as far as the stock is known."""
        return (self.active != 0) & ~(self.stock <= 0)

    def with_shelf(self, stock: NDArray[np.float64], price: NDArray[np.float64], active: NDArray[np.uint8]) -> Catalog:
        """The same items with today's stock, price and active (each of shape (items,))."""
        return replace(self, stock=stock, price=price, active=active)
