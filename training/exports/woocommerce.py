"""Target `woocommerce`: upsells and cross-sells for WooCommerce's product CSV importer ("update existing products").

A row a product, found by `sku`; where every id is written ``id:123``, the importer's notation of its own ids, by `id`.
Lists are separated by commas; a comma within a SKU is written ``\\,``. Headers are the importer's own names, which it
knows in every language; a cell that is empty clears the list.

Source: https://github.com/woocommerce/woocommerce/wiki/Product-CSV-Import-Schema
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from training.exports.cells import Column, Row
from training.exports.lists import Listed, related
from training.exports.source import Source
from training.exports.target import Target
from training.exports.writers import write_csv

K = 6
_LONGEST_SKU = 100
_OWN_ID = "id:"


def _columns(source: Source) -> Sequence[Column]:
    first = "id" if source.ids.all_begin_with(_OWN_ID) else "sku"
    return (Column(first, "id"), Column("upsell_ids", "id"), Column("cross_sell_ids", "id"))


def _rows(source: Source, first: int, end: int) -> Iterable[Row]:
    k, by_own_id = source.options.k or K, source.ids.all_begin_with(_OWN_ID)
    for row in range(first, end):
        if not source.ids.holds[row]:
            continue
        lists = [related(source, row, placement, k) for placement in ("upsell", "cross-sell")]
        if any(found is None for found in lists):
            source.told.add("products left out: an empty cell would clear their locked list", source.ids.texts[row])
        elif any(lists):
            known_as = source.ids.texts[row]
            yield (known_as.removeprefix(_OWN_ID) if by_own_id else known_as, *map(_joined, lists))


def _joined(listed: list[Listed] | None) -> str:
    return ",".join(one.platform_id.replace(",", "\\,") for one in listed or ())


def _id_problem(sku: str) -> str | None:
    if sku != sku.strip() or sku == "0" or sku.endswith("\\") or "\\," in sku:
        return "no SKU that the importer can refer to (0, outer white space, a final \\)"
    if re.match(_OWN_ID, sku) and not re.fullmatch(r"id:\d+", sku):
        return "no id of WooCommerce (id: and a number)"
    return f"a SKU of more than {_LONGEST_SKU} characters" if len(sku) > _LONGEST_SKU else None


def _cleared(key: Row) -> Row:
    return (*key, "", "")


WOOCOMMERCE = Target(
    "woocommerce", _columns, 1, _rows, formats={"csv": write_csv}, k=K, id_problem=_id_problem, lost=_cleared
)
