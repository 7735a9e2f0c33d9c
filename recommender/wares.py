"""What an answer tells of an item whatever the cart."""

from __future__ import annotations

from math import isnan
from typing import NamedTuple

from recommender.catalog import Catalog
from recommender.worth import PROFIT_BASES, Worth


class Ware(NamedTuple):
    """One item as suggestions tell it.

    Attributes
    ----------
    title : its id where the catalogue has none.  price : shop's currency, None where unknown.
    profit : of a sold piece, returns included, shop's currency; None where unknown.
    profit_basis : where its cost comes from, one of `recommender.worth.PROFIT_BASES`.
    """

    item_id: str
    title: str
    price: float | None
    profit: float | None
    profit_basis: str
    is_service: bool


def ware_of(catalog: Catalog, worth: Worth, row: int) -> Ware:
    """The item of one row."""
    item_id, title = catalog.label(row)
    price, profit = catalog.price.item(row), worth.profit.item(row)
    return Ware(
        item_id,
        title,
        price=None if isnan(price) else price,
        profit=None if isnan(profit) else profit,
        profit_basis=PROFIT_BASES[worth.basis.item(row)],
        is_service=bool(catalog.service.item(row)),
    )
