"""The lines as numbers: one row of ``doctor_lines`` for each row of ``raw``, and what rejects a line by itself."""

from __future__ import annotations

from recommender.shelf import MAX_AMOUNT
from training.doctor.case import Case

UNITS = 1_000_000
"""Quantities are counted in whole millionths of a piece, so that sums do not depend on their order."""
_LARGEST = 1e9
EARLIEST = 631_152_000
"""1990-01-01 in seconds since 1970."""
_DAY = 86_400


def code_lines(case: Case) -> None:
    """Make ``doctor_lines``.

    Columns: line_number; o, i, c: numbers of order, item (merged where asked) and customer, NULL where flawed or
    unknown; file_i: the item as the file names it; placed: seconds since 1970, NULL where unusable; time_flaw; units:
    signed quantity; odd_quantity; price, cost: NULL where unknown; odd_price; line; fate: a key of `report.FATES`, or
    NULL so far.
    """
    case.run(f"""
        CREATE OR REPLACE TEMP TABLE doctor_lines AS
        WITH coded AS (
            SELECT raw.line_number, raw.line,
                   n.o, n.flaw AS order_flaw, m.into_i, m.i AS file_i, m.flaw AS item_flaw, m.product,
                   if(k.flaw IS NULL, k.c, NULL) AS c,
                   {_units(case)} AS units, {_odd_quantity(case)} AS odd_quantity,
                   {_amount("unit_price")} AS list_price, {_amount("discount")} AS rebate,
                   {_amount("unit_cost")} AS cost,
                   {_odd("unit_price")} OR {_odd("discount")} OR {_odd("unit_cost")} AS odd_amount,
                   if(isfinite(ordered_at), epoch_us(ordered_at) // 1000000, NULL) AS seconds,
                   ordered_at_text
            FROM raw
            LEFT JOIN doctor_order_ids n ON raw.order_id = n.order_id
            LEFT JOIN doctor_items m ON raw.item_id = m.item_id
            LEFT JOIN doctor_customers k ON raw.customer_id = k.customer_id)
        SELECT line_number, line, if(order_flaw IS NULL, o, NULL) AS o,
               if(item_flaw IS NULL, into_i, NULL) AS i, file_i, c,
               if(seconds BETWEEN {EARLIEST} AND {case.now + _DAY}, seconds, NULL) AS placed,
               CASE WHEN seconds IS NULL THEN if(coalesce(trim(ordered_at_text), '') <> '', 'unreadable', NULL)
                    WHEN seconds < {EARLIEST} THEN 'ancient'
                    WHEN seconds > {case.now + _DAY} THEN 'future' END AS time_flaw,
               units, odd_quantity,
               if(list_price - coalesce(rebate, 0) >= -1e-6,
                  greatest(list_price - coalesce(rebate, 0), 0), NULL) AS price,
               cost, odd_amount OR coalesce(list_price - rebate < -1e-6, false) AS odd_price,
               {_FATE} AS fate
        FROM coded
    """)


_FATE = """
    CASE WHEN o IS NULL OR order_flaw = 'blank' THEN 'missing_order_id'
         WHEN file_i IS NULL OR item_flaw = 'blank' THEN 'missing_item_id'
         WHEN order_flaw = 'overlong' OR item_flaw = 'overlong' THEN 'overlong_id'
         WHEN order_flaw IS NOT NULL OR item_flaw IS NOT NULL THEN 'control_character_in_id'
         WHEN NOT product THEN 'non_product'
         WHEN units IS NULL THEN 'unusable_quantity'
         WHEN units = 0 THEN 'zero_quantity' END
"""


def _units(case: Case) -> str:
    if "quantity" not in case.present:
        return f"{UNITS}::BIGINT"
    return f"""
        CASE WHEN isfinite(quantity) AND abs(quantity) <= {_LARGEST} THEN TRY_CAST(round(quantity * {UNITS}) AS BIGINT)
             WHEN quantity < 0 OR starts_with(trim(quantity_text), '-') THEN NULL
             ELSE {UNITS} END
    """


def _odd_quantity(case: Case) -> str:
    if "quantity" not in case.present:
        return "false"
    return f"""
        CASE WHEN isfinite(quantity) AND abs(quantity) <= {_LARGEST} THEN false
             ELSE quantity IS NOT NULL OR coalesce(trim(quantity_text), '') <> '' END
    """


def _amount(column: str) -> str:
    return f"if({column} BETWEEN 0 AND {MAX_AMOUNT}, {column}, NULL)"


def _odd(column: str) -> str:
    return f"coalesce({column} NOT BETWEEN 0 AND {MAX_AMOUNT}, false)"
