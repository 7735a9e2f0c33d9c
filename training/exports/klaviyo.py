"""Target `klaviyo`: a custom catalogue feed, one flat JSON object an item, with the ids of what goes with it.

Required of every item and never empty: `id`, `title`, `link`, `description`, `image_link`. The feed is one node deep:
what goes with an item stands in fields of its own, ``goes_with_1`` and so on, which templates look up in the catalogue.
Klaviyo reads a whole feed every six hours, up to 100 MB a file.

Source: https://developers.klaviyo.com/en/docs/guide_to_syncing_a_custom_catalog_feed_to_klaviyo
"""

from __future__ import annotations

from collections.abc import Iterable
from math import isnan

from recommender.catalog import LEVEL_SEPARATOR
from training.exports.cells import Column, Row
from training.exports.lists import Listed, related
from training.exports.pages import DESCRIPTION, need_pages, page_of, tell_no_page
from training.exports.source import Source
from training.exports.target import Target
from training.exports.writers import write_json_array

K = 4


def _columns(source: Source) -> tuple[Column, ...]:
    places = range(1, (source.options.k or K) + 1)
    return (
        Column("id", "id"),
        Column("title", "text"),
        Column("link", "text"),
        Column("description", "text"),
        Column("image_link", "text"),
        Column("price", "number"),
        Column("categories", "ids"),
        *(Column(f"goes_with_{place}", "id") for place in places),
    )


def _rows(source: Source, first: int, end: int) -> Iterable[Row]:
    need_pages(source)
    placement, k = source.options.placement or "bought-together", source.options.k or K
    catalog = source.catalog
    for row in range(first, end):
        if not source.ids.holds[row] or not catalog.active[row]:
            continue
        page = page_of(source, row)
        if page is None:
            tell_no_page(source, row)
            continue
        price, title = float(catalog.price[row]), catalog.title(row).strip() or source.ids.texts[row]
        listed = [one.platform_id for one in related(source, row, placement, k) or () if _in_feed(source, one)]
        yield (
            source.ids.texts[row],
            title,
            page[0],
            catalog.attributes.value(DESCRIPTION, row).strip() or title,
            page[1],
            None if isnan(price) else price,
            _categories(source, row),
            *listed,
            *(None for _ in range(k - len(listed))),
        )


def _in_feed(source: Source, one: Listed) -> bool:
    return one.row >= 0 and bool(source.catalog.active[one.row]) and page_of(source, one.row) is not None


def _categories(source: Source, row: int) -> tuple[str, ...] | None:
    category = int(source.catalog.item_category[row])
    return tuple(source.catalog.categories[category].split(LEVEL_SEPARATOR)) if category >= 0 else None


KLAVIYO = Target(
    "klaviyo",
    _columns,
    1,
    _rows,
    formats={"json": write_json_array},
    placement="bought-together",
    k=K,
    most=20,
    whole_only=True,
)
