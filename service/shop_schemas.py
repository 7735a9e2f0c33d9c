"""What the storefront's routes take, and the shape of their answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from service.limits import MAX_SEARCH
from service.schemas import Answered, Fields, QueryK


class FileName(Fields):
    """The name of a file for browsers."""

    name: Annotated[str, Field(min_length=1, max_length=64)]


class SearchQuery(Fields):
    """What the demo storefront looks for."""

    q: Annotated[str, Field(max_length=MAX_SEARCH, description="Words of a title; none finds every item.")] = ""
    k: QueryK = 24


class ShopItemDocument(Answered):
    """An item as the demo storefront shows it."""

    item_id: str
    title: str
    price: float | None
    category: list[str] = Field(description="levels, the widest first")
    available: bool
    url: str | None = None
    image_url: str | None = None


class ShopItemsDocument(Answered):
    """Items that the demo storefront found."""

    items: list[ShopItemDocument]


class FoundItemDocument(Answered):
    """An item by its name."""

    item_id: str
    title: str


class FoundItemsDocument(Answered):
    """Items that the console found."""

    items: list[FoundItemDocument]
