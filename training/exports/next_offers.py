"""Target `next-offers`: a row for each known customer and each item that they are likely to take next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import numpy as np

from recommender.customers import Customers
from recommender.errors import UsageError
from training.exports.cells import Column, Row
from training.exports.source import Source
from training.exports.target import Target

_COLUMNS = (
    Column("customer_id", "id"),
    Column("item_id", "id"),
    Column("place", "whole"),
    Column("title", "text"),
    Column("price", "number"),
    Column("probability", "number"),
    Column("expected_profit", "number"),
    Column("kind", "text"),
    Column("evidence", "text"),
    Column("orders", "whole"),
    Column("last_order", "text"),
)
_PLACEMENT, _K = "cross-sell", 10


def _columns(_source: Source) -> tuple[Column, ...]:
    return _COLUMNS


def _customers(source: Source) -> int:
    return len(_known(source))


def _known(source: Source) -> Customers:
    customers = source.recommender.customers
    if customers is None:
        raise UsageError(
            "next-offers: the model knows no customers; train on orders with customer_id (goeswith train --column"
            " customer_id=NAME)"
        )
    return customers


def _rows(source: Source, first: int, end: int) -> Iterable[Row]:
    customers = _known(source)
    timed = source.model.manifest.window.get("last") is not None
    placement, k = source.options.placement or _PLACEMENT, source.options.k or _K
    for row in range(first, end):
        customer_id = customers.customer_ids[row]
        facts = _history(customers, row, timed=timed)
        place = 0
        for one in source.recommender.suggest([], placement=placement, customer_id=customer_id, k=k):
            item_id = source.ids.texts[source.catalog.row(one.item_id)]
            if not item_id:
                continue
            place += 1
            figures = (one.title, one.price, one.probability, one.expected_profit, one.reason.kind, one.reason.text)
            yield (customer_id, item_id, place, *figures, *facts)


def _history(customers: Customers, row: int, *, timed: bool) -> tuple[int, str | None]:
    """Orders of a customer, and the day of the last one where the shop tells times."""
    lines = slice(int(customers.offsets[row]), int(customers.offsets[row + 1]))
    orders = int(np.count_nonzero(customers.opens_order[lines]))
    if not timed:
        return orders, None
    return orders, datetime.fromtimestamp(int(customers.times[lines][-1]), UTC).date().isoformat()


NEXT_OFFERS = Target("next-offers", _columns, 2, _rows, units=_customers, placement=_PLACEMENT, k=_K, of_customers=True)
