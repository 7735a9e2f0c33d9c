"""Target `magento`: related, cross-sell and up-sell products for the product import of Magento and Adobe Commerce.

A row a product, found by `sku`; each list of SKUs separated by commas has a list of positions beside it, from 1. A cell
that is empty leaves what the shop has; the import's constant for emptiness clears it. "Add/Update" adds the lists to
what is there.

Sources: https://experienceleague.adobe.com/en/docs/commerce-admin/systems/data-transfer/data-attributes-product,
https://github.com/magento/magento2 (CatalogImportExport/Model/Import/Product/LinkProcessor.php).
"""

from __future__ import annotations

from collections.abc import Iterable

from training.exports.cells import Column, Row
from training.exports.lists import Listed, related
from training.exports.source import Source
from training.exports.target import Target
from training.exports.writers import write_csv

K = 8
EMPTY = "__EMPTY__VALUE__"
_LONGEST_SKU = 64
_RELATIONS = (("related", "bought-together"), ("crosssell", "cross-sell"), ("upsell", "upsell"))
_COLUMNS = (
    Column("sku", "id"),
    *(Column(f"{link}_{what}", "id") for link, _ in _RELATIONS for what in ("skus", "position")),
)


def _columns(_source: Source) -> tuple[Column, ...]:
    return _COLUMNS


def _rows(source: Source, first: int, end: int) -> Iterable[Row]:
    k = source.options.k or K
    for row in range(first, end):
        if source.ids.holds[row]:
            lists = [_others(source, row, related(source, row, placement, k)) for _, placement in _RELATIONS]
            if any(lists):
                yield (source.ids.texts[row], *(cell for skus in lists for cell in _cells(skus)))


def _others(source: Source, row: int, listed: list[Listed] | None) -> list[str]:
    """SKUs that are another product's: letter case does not tell two apart."""
    skus = {source.ids.texts[row].casefold(): ""}
    for one in listed or ():
        skus.setdefault(one.platform_id.casefold(), one.platform_id)
    return [sku for sku in skus.values() if sku]


def _cells(skus: list[str]) -> tuple[str, str]:
    return ",".join(skus), ",".join(map(str, range(1, len(skus) + 1)))


def _id_problem(sku: str) -> str | None:
    if "," in sku or sku != sku.strip():
        return "no SKU that a list can hold (a comma, outer white space)"
    return f"a SKU of more than {_LONGEST_SKU} characters" if len(sku) > _LONGEST_SKU else None


def _cleared(key: Row) -> Row:
    return (*key, *(cell for _ in _RELATIONS for cell in (EMPTY, "")))


MAGENTO = Target("magento", _columns, 1, _rows, formats={"csv": write_csv}, k=K, id_problem=_id_problem, lost=_cleared)
