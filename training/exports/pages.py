"""Where an item is shown in the shop: feeds need its page and its picture."""

from __future__ import annotations

from recommender.errors import UsageError
from training.exports.source import Source

LINK, IMAGE, DESCRIPTION = "url", "image_url", "description"


def need_pages(source: Source) -> None:
    """Raise ``UsageError`` where the catalogue lacks the columns that every feed needs."""
    missing = [name for name in (LINK, IMAGE) if source.catalog.attributes.codes_of(name) is None]
    if missing:
        raise UsageError(
            f"the catalogue has no column {' and '.join(missing)}, which the feed needs for every item;"
            " add it to the catalogue and train again"
        )


def page_of(source: Source, row: int) -> tuple[str, str] | None:
    """Link and picture of an item, or None where one of them is no address of the web."""
    link, image = (source.catalog.attributes.value(name, row).strip() for name in (LINK, IMAGE))
    return (link, image) if all(map(_is_address, (link, image))) else None


def tell_no_page(source: Source, row: int) -> None:
    """Tell that an item was left out for want of a page."""
    source.told.add("items left out: no url or image_url that begins with http", source.catalog.item_ids[row])


def _is_address(text: str) -> bool:
    return text.startswith(("http://", "https://")) and not any(character.isspace() for character in text)
