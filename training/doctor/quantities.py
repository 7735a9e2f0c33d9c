"""Quantities that are no number of pieces: fuel by the millilitre, slips of a finger, text."""

from __future__ import annotations

from training.doctor.case import Case
from training.doctor.lines import UNITS
from training.doctor.report import Finding

_MEASURED = 1000
_TINY_PRICE = 0.02
_FAR = 100
_ENOUGH = 3


def settle_quantities(case: Case) -> None:
    """Make ``doctor_limits``: items that are sold by measure, and the most units that one line of an item may count.

    An item is measured where the median line takes 1,000 units or more at a price of no more than 2% of the shop's
    median price (or without a price). A quantity is far off where it is more than 100 times the item's median (and at
    least 100), of three orders or more.
    """
    case.run(f"""
        CREATE OR REPLACE TEMP TABLE doctor_typical AS
        WITH large AS (SELECT i FROM doctor_held GROUP BY i HAVING max(sold) > {_FAR * UNITS})
        SELECT i, count(*) AS orders, median(sold / (lines - backs)) AS units, median(price) AS price
        FROM doctor_held SEMI JOIN large USING (i) WHERE sold > 0 GROUP BY i
    """)
    (suspects,) = case.row(f"SELECT count(*) FROM doctor_typical WHERE units >= {_MEASURED * UNITS}")
    shop = case.row("SELECT median(price) FROM doctor_held")[0] if suspects else None
    case.run(f"""
        CREATE OR REPLACE TEMP TABLE doctor_limits AS
        SELECT i, units, units >= {_MEASURED * UNITS}
                  AND coalesce(price > 0 AND price <= {_TINY_PRICE * shop if shop else "NULL"}, true) AS measured,
               if(orders >= {_ENOUGH}, ({_FAR} * greatest(units, {UNITS}))::HUGEINT, NULL) AS most
        FROM doctor_typical
    """)


_FAR_OFF = "h.rest > m.most * (h.lines - h.backs)"
QUANTITY = f"if(m.measured OR {_FAR_OFF}, 1, h.rest / {UNITS})"
"""Pieces that a row of ``doctor_held h LEFT JOIN doctor_limits m`` counts in its basket."""

_OUT = f"if(m.measured, if(h.sold > 0, {UNITS}, 0), least(h.sold, m.most * greatest(h.lines - h.backs, 1)))"
_BACK = f"if(m.measured, if(h.back > 0, {UNITS}, 0), least(h.back, m.most * greatest(h.backs, 1)))"
PIECES = f"(sum({_OUT}) / {UNITS})::DOUBLE AS sold, (sum({_BACK}) / {UNITS})::DOUBLE AS returned"
"""Pieces of an item that went out and that came back, each line counting no more than its limit."""


def find_odd_quantities(case: Case) -> list[Finding]:
    """Quantities of 0, without a number, by measure, and far from the usual."""
    return [*_zero(case), *_no_number(case), *_measured(case), *_far(case)]


_SHOW = ("order_id", "item_id", "quantity_text")


def _zero(case: Case) -> list[Finding]:
    source = "(SELECT line_number, o FROM doctor_lines WHERE fate = 'zero_quantity')"
    lines, orders = case.row(f"SELECT count(*), count(DISTINCT o) FROM {source}")
    if not lines:
        return []
    return [
        case.finding(
            "zero-quantities",
            case.loss(lines),
            f"{lines:,} {'line has' if lines == 1 else 'lines have'} the quantity 0.",
            source=source,
            show=_SHOW,
            action="Rejected; the lines go to the quarantine file.",
            remedy="If goods did change hands, write the pieces, or leave the quantity empty: it then means 1.",
            counts=(lines, orders),
        )
    ]


def _no_number(case: Case) -> list[Finding]:
    source = """(SELECT line_number, o FROM doctor_lines
                WHERE odd_quantity AND (fate IS NULL OR fate = 'unusable_quantity'))"""
    lines, orders, rejected = case.row("""
        SELECT count(*), count(DISTINCT o), count_if(fate IS NOT NULL) FROM doctor_lines
        WHERE odd_quantity AND (fate IS NULL OR fate = 'unusable_quantity')
    """)
    if not lines:
        return []
    return [
        case.finding(
            "unreadable-quantities",
            "warning",
            f"{lines:,} {'quantity is' if lines == 1 else 'quantities are'} no usable number"
            " (text, NaN, infinite, or above 1,000,000,000).",
            source=source,
            show=_SHOW,
            action=f"Counted as 1 piece; {rejected:,} below zero rejected.",
            remedy="Write plain numbers with a decimal point in the export.",
            counts=(lines, orders),
        )
    ]


def _measured(case: Case) -> list[Finding]:
    items, lines, orders, units = case.row("""
        SELECT count(DISTINCT h.i), coalesce(sum(h.lines - h.backs), 0)::BIGINT, count(DISTINCT h.o), median(m.units)
        FROM doctor_held h JOIN doctor_limits m ON h.i = m.i WHERE m.measured AND h.rest > 0
    """)
    if not items:
        return []
    return [
        case.finding(
            "measured-quantities",
            "info",
            f"{items:,} {'item is' if items == 1 else 'items are'} sold by measure, as fuel by the millilitre"
            f" (half of the lines above {units / UNITS:,.0f}).",
            source="(SELECT line_number, o FROM doctor_lines JOIN doctor_limits m USING (i) WHERE m.measured"
            " AND fate IS NULL)",
            show=_SHOW,
            action="They stay in the baskets, each with quantity 1.",
            remedy="Write pieces, litres or kilograms in the export.",
            counts=(lines, orders),
        )
    ]


def _far(case: Case) -> list[Finding]:
    far = f"doctor_held h JOIN doctor_limits m ON h.i = m.i WHERE NOT m.measured AND {_FAR_OFF}"
    items, lines, orders = case.row(
        f"SELECT count(DISTINCT h.i), coalesce(sum(h.lines - h.backs), 0)::BIGINT, count(DISTINCT h.o) FROM {far}"
    )
    if not items:
        return []
    return [
        case.finding(
            "outlying-quantities",
            "warning",
            f"{lines:,} {'line takes' if lines == 1 else 'lines take'} more than {_FAR} times what an order usually"
            f" takes of the item ({items:,} {'item' if items == 1 else 'items'}).",
            source=f"(SELECT h.first_line AS line_number, h.o FROM {far})",
            show=_SHOW,
            action="The item stays in the basket, with quantity 1.",
            remedy="Correct the export if these are slips; wholesale orders may go into a file of their own.",
            counts=(lines, orders),
        )
    ]
