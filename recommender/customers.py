"""What each customer bought and when, kept apart from the model so that one customer can be erased."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Array, ArraySpec
from recommender.strings import StringColumn, find

CUSTOMER_FORMAT_VERSION = 1
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
    ArraySpec("times", "i8", ("lines",), "time of the order, seconds since 1970 in UTC"),
    ArraySpec("quantities", "f4", ("lines",), "pieces", low=0, below=np.inf),
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
    times : int64 (lines,), time of the line's order, seconds since 1970 in UTC, ascending within a customer;
        the lowest int64 where the time is unknown.
    quantities : float32 (lines,), pieces.
    factors : float32 (customers, home_factors), zeros where untrained.
    """

    customer_ids: StringColumn
    offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    times: NDArray[np.int64]
    quantities: NDArray[np.float32]
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
        kept = [customer_id for place, customer_id in enumerate(self.customer_ids) if place != row]
        return Customers(
            customer_ids=StringColumn.of(kept),
            offsets=np.concatenate([[0], np.cumsum(np.diff(self.offsets)[others])]).astype(np.int64),
            items=self.items[lines],
            times=self.times[lines],
            quantities=self.quantities[lines],
            factors=self.factors[others],
        )


def customers_to_arrays(customers: Customers) -> dict[str, Array]:
    """The arrays by the names of `CUSTOMER_SPECS`."""
    return {
        "customer_ids_data": customers.customer_ids.data,
        "customer_ids_offsets": customers.customer_ids.offsets,
        "offsets": customers.offsets,
        "items": customers.items,
        "times": customers.times,
        "quantities": customers.quantities,
        "factors": customers.factors,
    }


def customers_from_arrays(a: Mapping[str, Array]) -> Customers:
    """The customers that `customers_to_arrays` took apart."""
    ids = StringColumn(a["customer_ids_data"], a["customer_ids_offsets"])
    return Customers(ids, a["offsets"], a["items"], a["times"], a["quantities"], a["factors"])
