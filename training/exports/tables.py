"""Targets `bought-together` and `add-ons`: a row for each item and each thing that goes with it, with the evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from recommender.suggestion import Suggestion
from training.exports.cells import Column, Row
from training.exports.lists import related
from training.exports.source import Options, Source
from training.exports.target import Target

_COLUMNS = (
    Column("item_id", "id"),
    Column("suggested_item_id", "id"),
    Column("place", "whole"),
    Column("title", "text"),
    Column("suggested_title", "text"),
    Column("price", "number"),
    Column("quantity", "whole"),
    Column("kind", "text"),
    Column("count", "whole"),
    Column("of", "whole"),
    Column("confidence", "number"),
    Column("confidence_low", "number"),
    Column("lift", "number"),
    Column("evidence", "text"),
)


def _columns(_options: Options) -> tuple[Column, ...]:
    return _COLUMNS


def _rows_at(placement: str, k: int) -> Callable[[Source, int, int], Iterable[Row]]:
    def rows(source: Source, first: int, end: int) -> Iterable[Row]:
        where, most = source.options.placement or placement, source.options.k or k
        for row in range(first, end):
            item_id, title = source.catalog.item_ids[row], source.catalog.title(row)
            for place, suggestion in enumerate(related(source, row, where, most), 1):
                yield (item_id, suggestion.item_id, place, title, *_evidence(suggestion))

    return rows


def _evidence(suggestion: Suggestion) -> Row:
    told = suggestion.reason.as_json()
    counts = tuple(told.get(name) for name in ("count", "of", "confidence", "confidence_low", "lift"))
    return (suggestion.title, suggestion.price, suggestion.quantity, told["kind"], *counts, told["text"])


BOUGHT_TOGETHER = Target(
    "bought-together",
    "what is bought together with an item, for every item",
    _columns,
    2,
    _rows_at("bought-together", 4),
    placement="bought-together",
    k=4,
)
ADD_ONS = Target(
    "add-ons",
    "what follows an item that was just added, for every item",
    _columns,
    2,
    _rows_at("add-on", 4),
    placement="add-on",
    k=4,
)
