"""Baskets as they are left: repeated lines, giants, orders of one item."""

from __future__ import annotations

from training.doctor.case import Case, example
from training.doctor.quantities import PIECES, QUANTITY
from training.doctor.report import Finding


def lay_clean(case: Case) -> None:
    """Make the tables that `training.encode` reads, and ``doctor_sizes`` (o, items, countable)."""
    case.run(f"""
        CREATE OR REPLACE TEMP TABLE clean_lines AS
        SELECT h.o, h.i, {QUANTITY} AS quantity, h.price, h.cost, h.line
        FROM doctor_held h LEFT JOIN doctor_limits m ON h.i = m.i WHERE h.rest > 0
    """)
    case.run(f"""
        CREATE OR REPLACE TEMP TABLE doctor_sizes AS
        SELECT o, count(*) AS items, count(*) <= {case.config.max_basket_items} AS countable FROM clean_lines GROUP BY o
    """)
    case.run("CREATE OR REPLACE TEMP VIEW clean_orders AS SELECT o, placed, first_line, c FROM doctor_orders")
    case.run("CREATE OR REPLACE TEMP VIEW clean_customers AS SELECT c, customer_id FROM doctor_customers")
    case.run(f"""
        CREATE OR REPLACE TEMP TABLE clean_items AS
        SELECT i, item_id, sold, returned FROM doctor_items JOIN (
            SELECT h.i, {PIECES} FROM doctor_held h LEFT JOIN doctor_limits m ON h.i = m.i GROUP BY h.i) USING (i)
    """)


def find_baskets(case: Case) -> list[Finding]:
    """Repeated lines, exact copies, giant orders and orders of one item."""
    return [*_repeated(case), *_copies(case), *_giants(case), *_single(case)]


def _repeated(case: Case) -> list[Finding]:
    repeated = "doctor_held WHERE lines - backs > 1"
    lines, orders = case.row(f"SELECT coalesce(sum(lines - backs - 1), 0)::BIGINT, count(DISTINCT o) FROM {repeated}")
    if not lines:
        return []
    return [
        case.finding(
            "repeated-lines",
            "info",
            f"{lines:,} {'line repeats' if lines == 1 else 'lines repeat'} an item of the same order.",
            source=f"""(SELECT l.line_number, l.o FROM doctor_lines l
                       JOIN (FROM {repeated}) h ON l.o = h.o AND l.i = h.i WHERE l.fate IS NULL AND l.units > 0)""",
            show=("order_id", "item_id", "quantity_text"),
            action="Quantities are summed; the item counts once in the basket.",
            remedy="Nothing to do, unless order ids are used twice for different orders.",
            counts=(lines, orders),
        )
    ]


def _copies(case: Case) -> list[Finding]:
    case.run("""
        CREATE OR REPLACE TEMP TABLE doctor_copies AS
        SELECT l.o, l.i, count(*) - 1 AS copies, list(l.line_number ORDER BY l.line_number)[2] AS line_number
        FROM doctor_lines l JOIN doctor_held h ON l.o = h.o AND l.i = h.i
        WHERE h.lines > 1 AND l.fate IS NULL
        GROUP BY l.o, l.i, l.units, l.price, l.placed HAVING count(*) > 1
    """)
    lines, orders = case.row("SELECT coalesce(sum(copies), 0)::BIGINT, count(DISTINCT o) FROM doctor_copies")
    if not lines:
        return []
    return [
        case.finding(
            "copied-lines",
            "warning",
            f"{lines:,} {'line is an exact copy' if lines == 1 else 'lines are exact copies'} of another:"
            " the same order, item, quantity, price and time.",
            source="doctor_copies",
            show=("order_id", "item_id", "quantity_text"),
            action="Treated as repeated lines: quantities are summed.",
            remedy="If the export wrote lines twice, remove the copies there.",
            counts=(lines, orders),
        )
    ]


def _giants(case: Case) -> list[Finding]:
    orders, lines, share = case.row("""
        SELECT count_if(NOT countable), coalesce(sum(items) FILTER (NOT countable), 0)::BIGINT,
               sum(items * (items - 1)) FILTER (NOT countable) / nullif(sum(items * (items - 1)), 0)
        FROM doctor_sizes
    """)
    if not orders:
        return []
    most = case.config.max_basket_items
    largest = case.rows("""
        SELECT n.first_line, d.order_id, s.items
        FROM doctor_sizes s JOIN doctor_orders n USING (o) JOIN doctor_order_ids d USING (o)
        WHERE NOT s.countable ORDER BY s.items DESC, n.first_line LIMIT 3
    """)
    return [
        case.told(
            "giant-orders",
            "warning",
            f"{orders:,} {'order has' if orders == 1 else 'orders have'} more than {most:,} different items:"
            f" {share:.0%} of all pairs that could be counted.",
            lines,
            orders,
            tuple(example(zip(("line_number", "order_id", "items"), row, strict=True)) for row in largest),
            action="They stay in customers' histories, but no pair and no total is counted from them.",
            remedy=f"`--set orders.max_basket_items={most * 5}` counts orders of up to {most * 5:,} items.",
        )
    ]


def _single(case: Case) -> list[Finding]:
    single, orders = case.row("SELECT count_if(items = 1), count(*) FROM doctor_sizes")
    if not single:
        return []
    return [
        case.finding(
            "one-item-orders",
            "info",
            f"{single:,} of {orders:,} orders ({single / orders:.0%}) hold one item.",
            source="""(SELECT n.first_line AS line_number, o FROM doctor_orders n JOIN doctor_sizes s USING (o)
                      WHERE s.items = 1)""",
            show=("order_id", "item_id"),
            action="They count for the item and in totals; they hold no pair.",
            remedy="If one order is spread over several ids, give its lines one id in the export.",
            counts=(single, single),
        )
    ]
