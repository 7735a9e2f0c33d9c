"""Target `bundles`: the bundles of the whole shop, with what they earn at every discount."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from recommender.bundles import DISCOUNTS, AtDiscount, Bundle
from training.exports.cells import Column, Row
from training.exports.locks import BUNDLE
from training.exports.source import Source
from training.exports.target import Target

_AT = ("price", "worth", "worth_low", "worth_high", "break_even_lift")
_COLUMNS = (
    Column("bundle_id", "id"),
    Column("item_ids", "ids"),
    Column("titles", "text"),
    Column("price", "number"),
    Column("suggested_discount", "number"),
    Column("worth", "number"),
    Column("profit_basis", "text"),
    Column("available", "whole"),
    Column("count", "whole"),
    Column("apart", "whole"),
    Column("customers", "whole"),
    Column("probability", "number"),
    Column("expected", "number"),
    Column("lift", "number"),
    *(Column(f"{name}_at_{discount:.0%}".rstrip("%"), "number") for discount in DISCOUNTS for name in _AT),
    Column("evidence", "text"),
    Column("review", "text"),
)


def one(_source: Source) -> int:
    """The bundles come as a whole: one unit."""
    return 1


def bundles_to_write(source: Source) -> Iterator[tuple[Bundle, tuple[str, ...]]]:
    """Bundles with the platform's ids of their parts; those that cannot be written are told.

    A bundle is left out where a part left the catalogue or cannot be sold, where a part has no id, and where a person
    has curated the bundles of a part.
    """
    _tell_unsellable(source)
    for bundle in source.recommender.bundles():
        rows = [source.catalog.row(item_id) for item_id in bundle.item_ids]
        written = tuple(source.ids.texts[row] for row in rows)
        if any(source.locks.of(item_id, BUNDLE) is not None for item_id in bundle.item_ids):
            source.told.add("bundles left out: the bundles of a part are locked", bundle.bundle_id)
        elif not all(written) or len(set(written)) < len(written):
            source.told.add(f"bundles left out: a part without {source.ids.what} of its own", bundle.bundle_id)
        else:
            yield bundle, written


def _columns(_source: Source) -> tuple[Column, ...]:
    return _COLUMNS


def _rows(source: Source, first: int, end: int) -> Iterable[Row]:
    if first >= end:
        return
    for bundle, written in bundles_to_write(source):
        at_discounts = bundle.at_discounts or (None,) * len(DISCOUNTS)
        yield (
            bundle.bundle_id,
            written,
            " + ".join(bundle.titles),
            bundle.price,
            bundle.suggested_discount,
            bundle.worth,
            bundle.profit_basis,
            bundle.available,
            bundle.count,
            bundle.apart,
            bundle.customers,
            bundle.probability,
            bundle.expected,
            bundle.lift,
            *(cell for at in at_discounts for cell in _earned(at)),
            bundle.text,
            source.review_of(bundle.bundle_id),
        )


def _earned(at: AtDiscount | None) -> Row:
    return tuple(None if at is None else getattr(at, name) for name in _AT)


def _tell_unsellable(source: Source) -> None:
    sellable, bundles = source.catalog.sellable(), source.model.bundles
    for place in range(len(bundles)):
        gone = [row for row in bundles.rows(place).tolist() if not sellable[row]]
        if gone:
            what = "bundles left out: a part left the catalogue, is out of stock or not for sale"
            source.told.add(what, source.catalog.item_ids[gone[0]])


BUNDLES = Target("bundles", _columns, 1, _rows, units=one)
