"""Every customer in a row, those worth most first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from recommender.worth import PROFIT_BASES
from training.customers.expect import Expected
from training.customers.facts import Facts
from training.customers.segments import SEGMENTS, UNKNOWN, scores_of, segment_of, to_win_back
from training.exports.cells import Cell, Column, Kind, Row

RankedBy = Literal["profit", "expected-value", "orders"]
RANKINGS: tuple[RankedBy, ...] = ("profit", "expected-value", "orders")

_KINDS: dict[str, Kind] = {
    "customer_id": "id",
    "rank": "whole",
    "segment": "text",
    "win_back": "flag",
    "orders": "whole",
    "first_order": "text",
    "last_order": "text",
    "recency_days": "whole",
    "revenue": "number",
    "profit": "number",
    "profit_basis": "text",
    "return_rate": "number",
    "recency_score": "whole",
    "frequency_score": "whole",
    "monetary_score": "whole",
    "alive": "number",
    "overdue": "number",
    "expected_orders": "number",
    "expected_value": "number",
}
COLUMNS = tuple(Column(name, kind) for name, kind in _KINDS.items())
_BLOCK = 50_000
_CENT, _FINE = 2, 4


@dataclass(frozen=True)
class Table:
    """The columns as arrays in the customers' own order, and the order in which they are told.

    Attributes
    ----------
    cells : by column name, each of shape (customers,); NaN, NaT and None are unknown.
    order : int64 (customers,), row of the customer of each rank.
    ranked_by : what the rank follows.
    """

    customer_ids: Sequence[str]
    cells: dict[str, NDArray[Any]]
    order: NDArray[np.int64]
    ranked_by: RankedBy

    def __len__(self) -> int:
        return len(self.order)

    def rows(self) -> Iterator[Row]:
        """A row a customer, in the columns' order."""
        ids = self.customer_ids
        for start in range(0, len(self), _BLOCK):
            chosen = self.order[start : start + _BLOCK]
            names: Sequence[Cell] = [ids[row] for row in chosen.tolist()]
            parts: list[Sequence[Cell]] = [names, range(start + 1, start + 1 + len(chosen))]
            parts += [_told(self.cells[column.name][chosen], column.kind) for column in COLUMNS[2:]]
            yield from zip(*parts, strict=True)


def table_of(customer_ids: Sequence[str], facts: Facts, expected: Expected, ranked_by: RankedBy) -> Table:
    """Facts and expectations of every customer; equal ones stand in the order of their ids."""
    recency, frequency, monetary = scores_of(facts)
    segments = segment_of(recency, frequency, monetary, facts.orders)
    timed = facts.end is not None
    bases = np.array(PROFIT_BASES, object)[facts.basis]
    bases[np.isnan(facts.profit)] = None
    cells: dict[str, NDArray[Any]] = {
        "segment": np.array([*SEGMENTS, None], object)[segments],
        "win_back": _lost_worth(facts, expected, recency, monetary),
        "orders": facts.orders.astype(np.int64),
        "first_order": _days(facts.first, timed=timed),
        "last_order": _days(facts.last, timed=timed),
        "recency_days": facts.days_since if timed else np.full(len(facts), np.nan),
        "revenue": facts.revenue.round(_CENT),
        "profit": facts.profit.round(_CENT),
        "profit_basis": bases,
        "return_rate": facts.return_rate.round(_FINE),
        "recency_score": _score(recency),
        "frequency_score": _score(frequency),
        "monetary_score": _score(monetary),
        "alive": expected.alive.round(_FINE),
        "overdue": expected.overdue.round(_CENT),
        "expected_orders": expected.orders.round(_FINE),
        "expected_value": expected.value.round(_CENT),
    }
    by = {"profit": facts.profit, "expected-value": expected.value, "orders": facts.orders}[ranked_by]
    order = np.lexsort((np.arange(len(facts)), -facts.orders, -np.nan_to_num(by, nan=-np.inf)))
    return Table(customer_ids, cells, order.astype(np.int64), ranked_by)


def _lost_worth(
    facts: Facts, expected: Expected, recency: NDArray[np.int64], monetary: NDArray[np.int64]
) -> NDArray[Any]:
    if facts.end is None or not facts.has_money:
        return np.full(len(facts), None, object)
    return to_win_back(expected.alive, expected.overdue, recency, monetary, facts.profit)


def _score(fifths: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.where(fifths == UNKNOWN, np.nan, fifths)


def _days(days: NDArray[np.int64], *, timed: bool) -> NDArray[Any]:
    if not timed:
        return np.full(len(days), None, object)
    return days.astype("datetime64[D]")


def _told(cells: NDArray[Any], kind: Kind) -> Sequence[Cell]:
    if cells.dtype.kind == "M":
        return np.datetime_as_string(cells).tolist()
    if kind == "whole" and cells.dtype.kind == "f":
        return [None if isnan(cell) else int(cell) for cell in cells.tolist()]
    return cells.tolist()
