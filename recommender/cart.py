"""The first step of a cart: item ids become rows of the catalog."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.catalog import Catalog
from recommender.errors import UsageError

CartItem = str | tuple[str, float]


@dataclass(frozen=True)
class Cart:
    """A cart over the rows of one catalog.

    Attributes
    ----------
    rows : int32, the known items, each once, ascending: the order of a cart changes no answer.
    added : row of the known item that was added last, -1 in an empty or wholly unknown cart.
    missing_items : ids that the model does not know, each once, as they came.
    """

    rows: NDArray[np.int32]
    added: int
    missing_items: tuple[str, ...]


def parse_cart(catalog: Catalog, items: Iterable[CartItem]) -> Cart:
    """Look every item up; unknown ids are kept aside, never raised. The last item is the one just added.

    Raises ``UsageError`` for an id that is no text and for a quantity that is not above 0.
    """
    rows: set[int] = set()
    missing: dict[str, None] = {}
    added = -1
    for item in items:
        item_id = _checked(item)
        row = catalog.row(item_id)
        if row < 0:
            missing[item_id] = None
        else:
            rows.add(row)
            added = row
    return Cart(np.array(sorted(rows), np.int32), added, tuple(missing))


def _checked(item: object) -> str:
    item_id: object = item
    if isinstance(item, tuple):
        item_id, quantity = item  # pyright: ignore[reportUnknownVariableType]: callers without types get the message below
        if not isinstance(quantity, int | float) or not quantity > 0:
            raise UsageError(f"cart item {item_id!r}: quantity {quantity!r}; expected a number above 0")
    if not isinstance(item_id, str):
        raise UsageError(f"cart item {item_id!r}: expected an item id as text")
    return item_id
