"""A shop's orders as they tell of customers: the doctor's baskets, the catalog, and what each customer sent back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from recommender.catalog import Catalog
from recommender.errors import UsageError
from training.baskets import Baskets
from training.checking import examine
from training.config import Config
from training.doctor.quantities import PIECES
from training.doctor.quarantine import Quarantine
from training.pipeline import catalog_of
from training.progress import Progress

Array = NDArray[np.float64]


@dataclass(frozen=True)
class KnownShop:
    """A shop that knows its customers.

    Attributes
    ----------
    sold, returned : float64 (customers,), pieces that went out to each customer, and that came back.
    nothing_kept : customers without an order of which something was kept; they have no row.
    source : where orders and catalogue come from, as a model's manifest tells it.
    """

    baskets: Baskets
    catalog: Catalog
    sold: Array
    returned: Array
    nothing_kept: int
    source: dict[str, Any]


def read_shop(
    orders: Any, catalog: Any, config: Config, progress: Progress, quarantine: Quarantine = None
) -> KnownShop:
    """Read and check orders.

    Raises
    ------
    UsageError
        Where the orders name no customers.
    DataError
        Where they cannot be read, or no valid order is left.
    """
    raw, checked, columns, source = examine(orders, catalog, config, progress, quarantine)
    baskets = checked.baskets
    if not baskets.has_customers:
        raise UsageError(
            f"{', '.join(raw.names) or 'orders'}: no order names a customer; name the column that does (--column"
            " customer_id=NAME)"
        )
    sold, returned = _pieces(raw.connection, len(baskets.customer_ids))
    [(named,)] = raw.connection.execute(_NAMED).fetchall()
    nothing_kept = named - len(baskets.customer_ids)
    return KnownShop(baskets, catalog_of(baskets, columns), sold, returned, nothing_kept, source)


def _pieces(connection: duckdb.DuckDBPyConnection, customers: int) -> tuple[Array, Array]:
    found = connection.execute(_PIECES).fetchnumpy()
    rows = np.asarray(found["row"], np.int64)
    sold, returned = np.zeros(customers), np.zeros(customers)
    sold[rows], returned[rows] = found["sold"], found["returned"]
    return sold, returned


_PIECES = f"""
SELECT k.row, {PIECES}
FROM doctor_held h JOIN doctor_orders n USING (o) JOIN encode_customers k USING (c)
LEFT JOIN doctor_limits m ON h.i = m.i GROUP BY k.row
"""

_NAMED = "SELECT count(DISTINCT c) FROM doctor_held JOIN doctor_orders USING (o) WHERE c IS NOT NULL"
