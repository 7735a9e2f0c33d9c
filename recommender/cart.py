"""The first step of a cart: item ids become rows of the catalog."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf
from numbers import Real
from typing import Any, cast

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

    Raises ``UsageError`` for one text in place of a list, an id that is no text and a quantity that is not above 0.
    """
    rows: set[int] = set()
    missing: dict[str, None] = {}
    added = -1
    for item_id in checked_ids(items, "items"):
        row = catalog.row(item_id)
        if row < 0:
            missing[item_id] = None
        else:
            rows.add(row)
            added = row
    return Cart(np.array(sorted(rows), np.int32), added, tuple(missing))


def is_quantity(value: Any) -> bool:
    """Whether a cart may hold an item that often: a finite number above 0.

    >>> is_quantity(0.5), is_quantity(0), is_quantity(True), is_quantity(float("nan"))
    (True, False, False, False)
    """
    return isinstance(value, Real) and value is not True and bool(0 < cast("float", value) < inf)


def checked_ids(items: Iterable[CartItem], place: str) -> Iterator[str]:
    """The ids of a caller's items; `place` names the argument in messages.

    Raises ``UsageError`` for one text in place of a list, an id that is no text and a quantity that is not above 0.

    >>> list(checked_ids(["bread", ("milk", 2)], "items"))
    ['bread', 'milk']
    """
    if isinstance(items, str):
        raise UsageError(f"{place} = {items!r:.60}: one text; expected a list of item ids")
    for item in items:
        yield _checked(item, place)


def _checked(item: Any, place: str) -> str:
    if isinstance(item, str):
        return item
    parts = cast("tuple[Any, ...]", item) if isinstance(item, tuple) else ()
    item_id, quantity = parts if len(parts) == 2 else (None, None)
    if not isinstance(item_id, str):
        raise UsageError(f"{place}: {item!r:.60}: expected an item id as text, or (item id, quantity)")
    if not is_quantity(quantity):
        raise UsageError(f"{place}: {item_id!r:.60}: quantity {quantity!r:.60}; expected a finite number above 0")
    return item_id
