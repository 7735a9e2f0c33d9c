"""Target `bought-together`: the box under every product, a set with one price and what one click puts into the cart."""

from __future__ import annotations

from collections.abc import Iterable

from recommender.boxes import Box
from recommender.bundles import bundle_id
from training.exports.cells import Column, Row
from training.exports.source import Source
from training.exports.target import Target

PLACEMENT = "bought-together"
_COLUMNS = (
    Column("item_id", "id"),
    Column("bundle_id", "id"),
    Column("item_ids", "ids"),
    Column("quantities", "wholes"),
    Column("titles", "text"),
    Column("price", "number"),
    Column("available", "whole"),
    Column("count", "whole"),
    Column("of", "whole"),
    Column("evidence", "text"),
    Column("review", "text"),
)


def _columns(_source: Source) -> tuple[Column, ...]:
    return _COLUMNS


def _rows(source: Source, first: int, end: int) -> Iterable[Row]:
    catalog = source.catalog
    for row in range(first, end):
        if not source.ids.holds[row]:
            continue
        item_id = catalog.item_ids[row]
        locked = source.locks.of(item_id, PLACEMENT)
        if locked is not None:
            source.tell_lock(item_id, PLACEMENT, locked)
            if locked:
                yield _chosen(source, row, locked)
            continue
        box = source.recommender.bundle(item_id)
        if box is not None:
            yield from _written(source, row, box)


def _written(source: Source, row: int, box: Box) -> Iterable[Row]:
    parts = [source.ids.texts[source.catalog.row(item.item_id)] for item in box.items]
    if not all(parts) or len(set(parts)) < len(parts):
        source.told.add(f"boxes left out: a part without {source.ids.what} of its own", box.items[0].item_id)
        return
    yield (
        source.ids.texts[row],
        box.bundle_id,
        tuple(parts),
        tuple(item.quantity for item in box.items),
        " + ".join(item.title for item in box.items),
        box.price,
        box.available,
        box.count,
        box.of,
        box.text,
        source.review_of(box.bundle_id),
    )


def _chosen(source: Source, row: int, locked: tuple[str, ...]) -> Row:
    """A box that a person has put together, as it is given."""
    catalog, item_id = source.catalog, source.catalog.item_ids[row]
    rows = [row, *(catalog.row(other) for other in locked)]
    parts = source.translated((item_id, *locked))
    prices = [float(catalog.price[part]) if part >= 0 else float("nan") for part in rows]
    titles = [catalog.title(part) if part >= 0 else other for part, other in zip(rows, (item_id, *locked), strict=True)]
    known_as = bundle_id((item_id, *locked))
    counts = (None, None, None)
    return (
        source.ids.texts[row],
        known_as,
        parts,
        (1,) * len(parts),
        " + ".join(titles),
        sum(prices),
        *counts,
        "chosen by hand",
        source.review_of(known_as),
    )


BOUGHT_TOGETHER = Target("bought-together", _columns, 1, _rows)
