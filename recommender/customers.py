"""What each customer bought and when, kept apart from the model so that one customer can be erased."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Array, ArraySpec
from recommender.strings import StringColumn, find

CUSTOMER_FORMAT_VERSION = 1
_SECONDS = 2**53
CUSTOMER_SPECS: tuple[ArraySpec, ...] = (
    ArraySpec("customer_ids_data", "u1", ("customer_ids_data",), "customer ids, sorted by bytes: UTF-8 bytes"),
    ArraySpec(
        "customer_ids_offsets",
        "i8",
        ("customers+1",),
        "customer ids, sorted by bytes: first byte",
        runs_over="customer_ids_data",
    ),
    ArraySpec("offsets", "i8", ("customers+1",), "first line of each customer", runs_over="lines"),
    ArraySpec("items", "i4", ("lines",), "item row in the model", low=0, below="items"),
    ArraySpec("opens_order", "u1", ("lines",), "1 where a line is the first of its order", below=2),
    ArraySpec("times", "i8", ("lines",), "seconds since 1970 in UTC", low=-_SECONDS, below=_SECONDS),
    ArraySpec("quantities", "f4", ("lines",), "pieces", low=0, below=np.inf),
    ArraySpec("taste_offsets", "i8", ("customers+1",), "first taste of each customer", runs_over="tastes"),
    ArraySpec("taste_items", "i4", ("tastes",), "item row in the model", low=0, below="items"),
    ArraySpec("taste_scores", "f4", ("tastes",), "how well it goes with the history", low=0, below=1e6),
    ArraySpec("factors", "f4", ("customers", "home_factors"), "factors", low=-1e300, below=np.inf),
)


@dataclass(frozen=True)
class Customers:
    """Histories and factors, customer by customer, sorted by the UTF-8 bytes of the customer's id.

    Item rows and factors belong to one model: its catalogue and its `Factors.home`.

    Attributes
    ----------
    customer_ids : text, one row a customer.
    offsets : int64 (customers + 1,), lines of customer c are ``[offsets[c], offsets[c + 1])``.
    items : int32 (lines,), item row in the model's catalogue.
    opens_order : uint8 (lines,), 1 where a line is the first of its order.
    times : int64 (lines,), time of the line's order, seconds since 1970 in UTC, ascending within a customer; where
        the shop tells no times, orders are spread over one year as they came.
    quantities : float32 (lines,), pieces.
    taste_offsets : int64 (customers + 1,), taste_items : int32 and taste_scores : float32 (tastes,), what goes with the
        whole history, best first.
    factors : float32 (customers, home_factors), zeros where untrained.
    """

    customer_ids: StringColumn
    offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    opens_order: NDArray[np.uint8]
    times: NDArray[np.int64]
    quantities: NDArray[np.float32]
    taste_offsets: NDArray[np.int64]
    taste_items: NDArray[np.int32]
    taste_scores: NDArray[np.float32]
    factors: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.customer_ids)

    def row(self, customer_id: str) -> int:
        """Row of a customer, or -1."""
        return find(self.customer_ids, customer_id)

    def history(self, row: int) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.float32]]:
        """Item rows, times and quantities of a customer's lines, oldest first."""
        lines = slice(int(self.offsets[row]), int(self.offsets[row + 1]))
        return self.items[lines], self.times[lines], self.quantities[lines]

    def without(self, row: int) -> Customers:
        """Everybody but one: no byte of that customer's id, lines or factors is left."""
        others = np.arange(len(self)) != row
        lines = np.repeat(others, np.diff(self.offsets))
        tastes = np.repeat(others, np.diff(self.taste_offsets))
        kept = [customer_id for place, customer_id in enumerate(self.customer_ids) if place != row]
        return Customers(
            customer_ids=StringColumn.of(kept),
            offsets=_offsets_of(others, self.offsets),
            items=self.items[lines],
            opens_order=self.opens_order[lines],
            times=self.times[lines],
            quantities=self.quantities[lines],
            taste_offsets=_offsets_of(others, self.taste_offsets),
            taste_items=self.taste_items[tastes],
            taste_scores=self.taste_scores[tastes],
            factors=self.factors[others],
        )


def customers_to_arrays(customers: Customers) -> dict[str, Array]:
    """The arrays by the names of `CUSTOMER_SPECS`."""
    ids = customers.customer_ids
    plain: dict[str, Array] = {name: getattr(customers, name) for name in _PLAIN}
    return {"customer_ids_data": ids.data, "customer_ids_offsets": ids.offsets} | plain


def customers_from_arrays(a: Mapping[str, Array]) -> Customers:
    """The customers that `customers_to_arrays` took apart."""
    ids = StringColumn(a["customer_ids_data"], a["customer_ids_offsets"])
    return Customers(ids, **{name: a[name] for name in _PLAIN})


def _offsets_of(kept: NDArray[np.bool_], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(np.diff(offsets)[kept])]).astype(np.int64)


_PLAIN = tuple(field.name for field in fields(Customers) if field.name != "customer_ids")
