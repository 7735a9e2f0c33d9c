"""From tables of clean lines to `Baskets`: ids become rows, orders are put in the order of time.

DuckDB compares text by its UTF-8 bytes unless a collation is asked for, so its order is the order of a model's ids.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from recommender.errors import DataError
from training.baskets import NO_TIME, Baskets
from training.read import Raw


def encode(connection: duckdb.DuckDBPyConnection, max_basket_items: int, *, has_line_order: bool = False) -> Baskets:
    """Baskets from four tables or views of the connection.

    ``clean_lines`` (o, i, quantity, price, cost, line), one row for each item of each order; ``clean_orders`` (o,
    placed: seconds since 1970 or NULL, first_line, c or NULL); ``clean_items`` (i, item_id, sold, returned);
    ``clean_customers`` (c, customer_id). Numbers o, i and c are any; items without a line, orders without one, and
    customers without an order are left out. Orders of more than `max_basket_items` items are not countable.
    """
    connection.execute(_ROWS)
    items = connection.execute("SELECT item_id, sold, returned FROM encode_items ORDER BY row").fetchnumpy()
    customers = connection.execute("SELECT customer_id FROM encode_customers ORDER BY row").fetchnumpy()
    orders = connection.execute(_ORDERS, [int(NO_TIME)]).fetchnumpy()
    lines = connection.execute(_LINES).fetchnumpy()
    sizes = np.bincount(_plain(lines["o"], np.int64), minlength=len(orders["placed"]))
    offsets = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=offsets[1:])
    return Baskets(
        item_ids=items["item_id"].tolist(),
        customer_ids=customers["customer_id"].tolist(),
        offsets=offsets,
        items=_plain(lines["i"], np.int32),
        quantities=_plain(lines["quantity"], np.float32),
        prices=_plain(lines["price"], np.float64),
        costs=_plain(lines["cost"], np.float64),
        times=_plain(orders["placed"], np.int64),
        customers=_plain(orders["c"], np.int32),
        countable=sizes <= max_basket_items,
        returned=_plain(items["returned"], np.float64),
        sold=_plain(items["sold"], np.float64),
        has_line_order=has_line_order,
    )


def encode_as_is(raw: Raw) -> Baskets:
    """The file exactly as it is, an item once an order: no cleaning, no giants; lines without an id are left out.

    Quantities are those of the file where they are above 0, else 1. Raises ``DataError`` where memory and disk do not
    suffice.
    """
    connection = raw.connection
    try:
        connection.execute(_AS_IS)
        return encode(connection, np.iinfo(np.int32).max, has_line_order="line" in raw.present)
    except duckdb.OutOfMemoryException as error:
        names = ", ".join(raw.names) or "orders"
        raise DataError(
            f"{names}: reading {raw.lines:,} lines needs more memory or disk than there is;"
            " free some, or give fewer rows"
        ) from error


def _plain(values: Any, dtype: Any) -> NDArray[Any]:
    return np.ascontiguousarray(np.ma.getdata(values), dtype=dtype)


_ROWS = """
CREATE OR REPLACE TEMP TABLE encode_items AS
SELECT i, item_id, sold, returned, (row_number() OVER (ORDER BY item_id) - 1)::INTEGER AS row
FROM clean_items SEMI JOIN clean_lines USING (i);
CREATE OR REPLACE TEMP TABLE encode_orders AS
SELECT o, placed, c, (row_number() OVER (ORDER BY placed NULLS FIRST, first_line, o) - 1)::INTEGER AS row
FROM clean_orders SEMI JOIN clean_lines USING (o);
CREATE OR REPLACE TEMP TABLE encode_customers AS
SELECT c, customer_id, (row_number() OVER (ORDER BY customer_id) - 1)::INTEGER AS row
FROM clean_customers SEMI JOIN encode_orders USING (c);
"""

_ORDERS = """
SELECT coalesce(o.placed, ?::BIGINT) AS placed, coalesce(k.row, -1) AS c
FROM encode_orders o LEFT JOIN encode_customers k ON o.c = k.c ORDER BY o.row
"""

_LINES = """
SELECT o.row AS o, m.row AS i, l.quantity::FLOAT AS quantity,
       coalesce(l.price, 'nan'::DOUBLE) AS price, coalesce(l.cost, 'nan'::DOUBLE) AS cost
FROM clean_lines l JOIN encode_orders o ON l.o = o.o JOIN encode_items m ON l.i = m.i
ORDER BY o.row, l.line NULLS LAST, m.row
"""

_AS_IS = """
CREATE OR REPLACE TEMP TABLE as_is_orders AS
SELECT order_id, (row_number() OVER (ORDER BY order_id))::INTEGER AS o, min(line_number) AS first_line,
       epoch_us(min(ordered_at) FILTER (isfinite(ordered_at))) // 1000000 AS placed,
       arg_min(customer_id, line_number) AS customer_id
FROM raw WHERE order_id IS NOT NULL AND item_id IS NOT NULL GROUP BY order_id;
CREATE OR REPLACE TEMP TABLE as_is_items AS
SELECT item_id, (row_number() OVER (ORDER BY item_id))::INTEGER AS i FROM raw
WHERE order_id IS NOT NULL AND item_id IS NOT NULL GROUP BY item_id;
CREATE OR REPLACE TEMP TABLE clean_lines AS
SELECT o, i, max(if(quantity > 0 AND isfinite(quantity), quantity, 1)) AS quantity,
       min(unit_price) AS price, min(unit_cost) AS cost, min(line) AS line
FROM raw JOIN as_is_orders USING (order_id) JOIN as_is_items USING (item_id) GROUP BY o, i;
CREATE OR REPLACE TEMP TABLE clean_customers AS
SELECT customer_id, (row_number() OVER (ORDER BY customer_id))::INTEGER AS c
FROM as_is_orders WHERE customer_id IS NOT NULL GROUP BY customer_id;
CREATE OR REPLACE TEMP VIEW clean_orders AS
SELECT o, placed, first_line, c FROM as_is_orders LEFT JOIN clean_customers USING (customer_id);
CREATE OR REPLACE TEMP VIEW clean_items AS
SELECT i, item_id, 0.0::DOUBLE AS sold, 0.0::DOUBLE AS returned FROM as_is_items;
"""
