"""The first step of a cart: item ids become rows of the catalog."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from math import inf
from numbers import Real
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from recommender.catalog import Catalog
from recommender.errors import UsageError

_MOST_PIECES = 1e9
CartItem = str | tuple[str, float] | Mapping[str, Any]


@dataclass(slots=True)
class Cart:
    """A cart over the rows of one catalog.

    Attributes
    ----------
    rows : int32, the known items, each once, ascending: the order of a cart changes no answer.
    added : row of the known item that was added last, -1 in an empty or wholly unknown cart.
    missing_items : ids that the model does not know, each once, as they came.
    quantity : pieces of the item that was added last, of all its lines together.
    """

    rows: NDArray[np.int32]
    added: int
    missing_items: tuple[str, ...]
    quantity: float = 1.0


def parse_cart(catalog: Catalog, items: Iterable[CartItem]) -> Cart:
    """Look every item up; unknown ids are kept aside, never raised. The last item is the one just added.

    Raises ``UsageError`` for one text in place of a list, an id that is no text and a quantity that is not above 0.
    """
    rows: dict[int, float] = {}
    missing: dict[str, None] = {}
    added = -1
    find = catalog.row_of
    for item_id, quantity in checked_items(items, "items"):
        row = find(item_id)
        if row < 0:
            missing[item_id] = None
        else:
            rows[row] = rows.get(row, 0.0) + quantity
            added = row
    return Cart(np.array(sorted(rows), np.int32), added, tuple(missing), rows.get(added, 1.0))


def is_quantity(value: Any) -> bool:
    """Whether a cart may hold an item that often: a finite number above 0.

    >>> is_quantity(0.5), is_quantity(0), is_quantity(True), is_quantity(float("nan"))
    (True, False, False, False)
    """
    return isinstance(value, Real) and value is not True and bool(0 < cast("float", value) < inf)


def checked_ids(items: Iterable[CartItem], place: str) -> list[str]:
    """The ids of `checked_items` alone.

    >>> checked_ids(["bread", ("milk", 2)], "items")
    ['bread', 'milk']
    """
    return [item_id for item_id, _ in checked_items(items, place)]


def checked_items(items: Iterable[CartItem], place: str) -> list[tuple[str, float]]:
    """The ids of a caller's items and how many pieces of each; `place` names the argument in messages.

    Raises ``UsageError`` for one text in place of a list, an id that is no text and a quantity that is not above 0.

    >>> checked_items(["bread", ("milk", 2), {"item_id": "eggs", "quantity": 6}], "items")
    [('bread', 1.0), ('milk', 2.0), ('eggs', 6.0)]
    """
    if isinstance(items, str):
        raise UsageError(f"{place} = {items!r:.60}: one text; expected a list of item ids")
    return [(item, 1.0) if isinstance(item, str) else _checked(item, place) for item in items]


def checked_carts(carts: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The carts, each of them one that names its items; raises ``UsageError`` for any other."""
    for number, cart in enumerate(carts):
        if not isinstance(cart, Mapping) or "items" not in cart:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(f"carts[{number}] is {cart!r:.60}: expected a mapping, as in {{'items': ['bread']}}")
        yield cart


def checked_customer(customer_id: str | None) -> str | None:
    """The id as it came; raises ``UsageError`` for one that is no text, since ``7`` is not ``"7"``."""
    if customer_id is not None and not isinstance(customer_id, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageError(f"customer_id = {customer_id!r:.60}: expected text")
    return customer_id


def parse_time(at: date | str | None) -> datetime | None:
    """The time of a cart: as it came, of its text in ISO 8601, or the start of its day.

    Raises ``UsageError`` for any other.

    >>> parse_time("2026-11-21T10:00:00")
    datetime.datetime(2026, 11, 21, 10, 0)
    """
    if at is None or isinstance(at, datetime):
        return at
    try:
        return datetime.combine(at, time()) if isinstance(at, date) else datetime.fromisoformat(at)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"at = {at!r:.60}: expected a time, or its text in ISO 8601, as in 2026-11-21T10:00:00"
        ) from error


def _checked(item: Any, place: str) -> tuple[str, float]:
    item_id, quantity = _parts(item)
    if not isinstance(item_id, str):
        raise UsageError(f"{place}: {item!r:.60}: expected an item id as text, or (item id, quantity)")
    if not is_quantity(quantity):
        raise UsageError(f"{place}: {item_id!r:.60}: quantity {quantity!r:.60}; expected a finite number above 0")
    return item_id, float(min(cast("float", quantity), _MOST_PIECES))


def _parts(item: Any) -> tuple[Any, Any]:
    if isinstance(item, Mapping):
        fields = cast("Mapping[str, Any]", item)
        return fields.get("item_id"), fields.get("quantity", 1)
    parts = cast("tuple[Any, ...]", item) if isinstance(item, tuple) else ()
    return (parts[0], parts[1]) if len(parts) == 2 else (None, None)
