"""Target `add-ons`: a row for each item and each thing that follows it, with the evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from recommender.suggestion import Suggestion
from training.exports.cells import Column, Row
from training.exports.lists import Listed, related
from training.exports.source import Source
from training.exports.target import Target

_EVIDENCE = ("count", "of", "confidence", "confidence_low", "lift")
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


def _columns(_source: Source) -> tuple[Column, ...]:
    return _COLUMNS


def rows_at(placement: str, k: int) -> Callable[[Source, int, int], Iterable[Row]]:
    """The lists of a placement, unless another one was asked for; `k` is their length likewise."""

    def rows(source: Source, first: int, end: int) -> Iterable[Row]:
        where, most = source.options.placement or placement, source.options.k or k
        for row in range(first, end):
            if not source.ids.holds[row]:
                continue
            known_as, title = source.ids.texts[row], source.catalog.title(row)
            for place, listed in enumerate(related(source, row, where, most) or (), 1):
                yield (known_as, listed.platform_id, place, title, *_told(source, listed))

    return rows


def _told(source: Source, listed: Listed) -> Row:
    if listed.suggestion is not None:
        return _evidence(listed.suggestion)
    title = source.catalog.title(listed.row) if listed.row >= 0 else listed.platform_id
    price = float(source.catalog.price[listed.row]) if listed.row >= 0 else None
    return (title, price, 1, "locked", *(None for _ in _EVIDENCE), "chosen by hand")


def _evidence(suggestion: Suggestion) -> Row:
    told = suggestion.reason.as_json()
    counts = tuple(told.get(name) for name in _EVIDENCE)
    return (suggestion.title, suggestion.price, suggestion.quantity, told["kind"], *counts, told["text"])


ADD_ONS = Target("add-ons", _columns, 2, rows_at("add-on", 4), placement="add-on", k=4)
