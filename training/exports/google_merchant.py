"""Target `google-merchant`: bundles as products of a tab-separated feed, `is_bundle` yes.

The main product is the dearest part: its page and its picture stand for the bundle. A bundle has no identifier of a
manufacturer (`identifier_exists` no). `sale_price` is the price at the suggested discount, where there is one.

Sources: https://support.google.com/merchants/answer/7052112 (the attributes and their limits),
https://support.google.com/merchants/answer/6324449 (bundles).
"""

from __future__ import annotations

from collections.abc import Iterable

from recommender.bundles import Bundle
from training.exports.bundles import bundles_to_write, one
from training.exports.cells import Column, Row, one_line
from training.exports.pages import DESCRIPTION, need_pages, page_of, tell_no_page
from training.exports.source import Source
from training.exports.target import Target
from training.exports.writers import write_tsv

_LONGEST_TITLE, _LONGEST_DESCRIPTION = 150, 5_000
_COLUMNS = (
    Column("id", "id"),
    Column("title", "text"),
    Column("description", "text"),
    Column("link", "text"),
    Column("image_link", "text"),
    Column("availability", "text"),
    Column("price", "text"),
    Column("sale_price", "text"),
    Column("brand", "text"),
    Column("condition", "text"),
    Column("is_bundle", "text"),
    Column("identifier_exists", "text"),
)


def _columns(_source: Source) -> tuple[Column, ...]:
    return _COLUMNS


def _rows(source: Source, first: int, end: int) -> Iterable[Row]:
    need_pages(source)
    if first >= end:
        return
    for bundle, _ in bundles_to_write(source):
        if bundle.price is None:
            source.told.add("bundles left out: a part without a price", bundle.bundle_id)
            continue
        rows = [source.catalog.row(item_id) for item_id in bundle.item_ids]
        main = max(rows, key=lambda row: float(source.catalog.price[row]))
        page = page_of(source, main)
        if page is None:
            tell_no_page(source, main)
        else:
            yield (bundle.bundle_id, *_about(source, rows, main), *page, *_terms(source, bundle, main))


def _about(source: Source, rows: list[int], main: int) -> tuple[str, str]:
    catalog = source.catalog
    titles = [catalog.title(main), *(catalog.title(row) for row in rows if row != main)]
    title = one_line(" + ".join(titles))
    whole = f"{titles[0]}, together with {' and '.join(titles[1:])}."
    text = one_line(f"{whole} {catalog.attributes.value(DESCRIPTION, main)}")
    return _cut(title, _LONGEST_TITLE), _cut(text, _LONGEST_DESCRIPTION)


def _terms(source: Source, bundle: Bundle, main: int) -> Row:
    catalog, currency = source.catalog, source.options.currency
    in_stock = bundle.available is None or bundle.available > 0
    brand = int(catalog.item_brand[main])
    sale = next(
        (at.price for at in bundle.at_discounts if at.discount and at.discount == bundle.suggested_discount), None
    )
    return (
        "in_stock" if in_stock else "out_of_stock",
        f"{bundle.price:.2f} {currency}",
        None if sale is None else f"{sale:.2f} {currency}",
        catalog.brands[brand] if brand >= 0 else None,
        "new",
        "yes",
        "no",
    )


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


GOOGLE_MERCHANT = Target(
    "google-merchant",
    _columns,
    1,
    _rows,
    units=one,
    formats={"tsv": write_tsv, "txt": write_tsv},
    wants_currency=True,
    whole_only=True,
)
