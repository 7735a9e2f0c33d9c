"""What each customer bought and when, kept apart from the model so that one customer can be erased."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.strings import StringColumn, find


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
