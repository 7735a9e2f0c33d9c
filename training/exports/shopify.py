"""Target `shopify`: complementary products of the Search & Discovery app, as a Products sheet for Matrixify.

A row a product: `Handle` finds it, `Command` is ``UPDATE`` so that an unknown one fails instead of being made, and the
metafield holds handles separated by commas, ten at most, as the app takes. A cell that is empty clears the metafield.

Sources: https://matrixify.app/documentation/products/ (columns, name of the file),
https://matrixify.app/documentation/metafields/ (``Metafield: namespace.key [type]``),
https://matrixify.app/documentation/list-of-commands-across-matrixify-sheets/ (commands),
https://shopify.dev/docs/storefronts/themes/product-merchandising/recommendations/complementary-products.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from training.exports.cells import Column, Row
from training.exports.lists import related
from training.exports.source import Source
from training.exports.target import Target
from training.exports.writers import write_csv

MOST = 10
_METAFIELD = "shopify--discovery--product_recommendation.complementary_products"
_COLUMNS = (
    Column("Handle", "id"),
    Column("Command", "id"),
    Column(f"Metafield: {_METAFIELD} [list.product_reference]", "id"),
)
_HANDLE = re.compile(r"[\w%.~-]+")


def _columns(_source: Source) -> tuple[Column, ...]:
    return _COLUMNS


def _rows(source: Source, first: int, end: int) -> Iterable[Row]:
    placement, k = source.options.placement or "bought-together", source.options.k or MOST
    for row in range(first, end):
        if source.ids.holds[row]:
            listed = related(source, row, placement, k)
            if listed:
                yield (source.ids.texts[row], "UPDATE", ", ".join(one.platform_id for one in listed))


def _id_problem(handle: str) -> str | None:
    if not _HANDLE.fullmatch(handle):
        return "no handle (letters, digits and - _ . ~ %; name the column that has it)"
    return None


def _cleared(key: Row) -> Row:
    return (*key, "UPDATE", "")


SHOPIFY = Target(
    "shopify",
    _columns,
    1,
    _rows,
    formats={"csv": write_csv},
    placement="bought-together",
    k=MOST,
    most=MOST,
    id_problem=_id_problem,
    lost=_cleared,
    file_name="product",
)
