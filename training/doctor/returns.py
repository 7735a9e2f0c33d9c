"""Returns and cancellations: taken off the sale that they undo."""

from __future__ import annotations

from training.doctor.case import Case
from training.doctor.report import Finding

_MOST = 0.5


def mark_cancellations(case: Case) -> None:
    """Turn positive quantities of cancelling orders negative in ``doctor_lines``.

    An order cancels where its id is a C before a number while most order ids are bare numbers, and where most such
    lines are negative already or repeat an item that the same customer had bought, or that the order of the number has.
    """
    candidates = r"regexp_full_match(order_id, '[Cc][0-9]+')"
    total, numbers, marked = case.row(f"""
        SELECT count(*), count_if(regexp_full_match(order_id, '[0-9]+')), count_if({candidates})
        FROM doctor_order_ids WHERE flaw IS NULL
    """)
    if not marked or numbers < _MOST * total:
        return
    case.run(f"""
        CREATE OR REPLACE TEMP TABLE doctor_marked AS
        SELECT l.line_number, l.o, l.i, l.c, l.units, number.o AS number_o
        FROM doctor_lines l JOIN doctor_order_ids m ON l.o = m.o
        LEFT JOIN doctor_order_ids number ON number.order_id = substr(m.order_id, 2)
        WHERE {candidates.replace("order_id", "m.order_id")} AND l.fate IS NULL
    """)
    lines, negative, positive = case.row("SELECT count(*), count_if(units < 0), count_if(units > 0) FROM doctor_marked")
    if positive and negative + _repeats(case) > _MOST * lines:
        case.run("""
            UPDATE doctor_lines SET units = -units
            WHERE units > 0 AND line_number IN (SELECT line_number FROM doctor_marked)
        """)


def _repeats(case: Case) -> int:
    (repeats,) = case.row("""
        SELECT count(*) FROM doctor_marked m WHERE units > 0 AND (
            EXISTS (FROM doctor_lines s WHERE s.c = m.c AND s.i = m.i AND s.o <> m.o AND s.fate IS NULL
                                              AND s.units >= m.units AND s.line_number < m.line_number)
            OR EXISTS (FROM doctor_lines s WHERE s.o = m.number_o AND s.i = m.i AND s.fate IS NULL))
    """)
    return int(repeats)


def lay_held(case: Case) -> None:
    """Make ``doctor_held``: a row for each item of each order, with what was sold, what came back and what is left.

    Columns: o, i; lines, backs: lines, and how many of them are returns; sold, back: units; first_line; line; price,
    cost: weighted by units; rest: units left after returns; matched: units of `back` that a sale was found for.
    """
    case.run("""
        CREATE OR REPLACE TEMP TABLE doctor_items_held AS
        SELECT o, i, count(*) AS lines, count_if(units < 0) AS backs,
               sum(greatest(units, 0)) AS sold, sum(greatest(-units, 0)) AS back,
               min(line_number) AS first_line, min(line) AS line,
               any_value(price) FILTER (units > 0) AS price, any_value(cost) FILTER (units > 0) AS cost
        FROM doctor_lines WHERE fate IS NULL GROUP BY o, i
    """)
    _mean_prices(case)
    _match(case)
    case.run("""
        CREATE OR REPLACE TEMP TABLE doctor_held AS
        SELECT h.* EXCLUDE (price, cost), if(m.o IS NULL, h.price, m.price) AS price,
               if(m.o IS NULL, h.cost, m.cost) AS cost,
               coalesce(r.rest, h.sold) AS rest, coalesce(r.matched, 0) AS matched
        FROM doctor_items_held h LEFT JOIN doctor_means m ON h.o = m.o AND h.i = m.i
        LEFT JOIN doctor_matched r ON h.o = r.o AND h.i = r.i
    """)


def _mean_prices(case: Case) -> None:
    """Mean price and cost of a piece where an item has several lines; sums run in the file's order, to repeat."""
    case.run("""
        CREATE OR REPLACE TEMP TABLE doctor_means AS
        SELECT o, i, if(isfinite(price), price, NULL) AS price, if(isfinite(cost), cost, NULL) AS cost FROM (
            SELECT l.o, l.i,
                   sum(l.units * l.price ORDER BY l.line_number) / sum(l.units) FILTER (l.price IS NOT NULL) AS price,
                   sum(l.units * l.cost ORDER BY l.line_number) / sum(l.units) FILTER (l.cost IS NOT NULL) AS cost
            FROM doctor_lines l JOIN doctor_items_held h ON l.o = h.o AND l.i = h.i
            WHERE l.fate IS NULL AND l.units > 0 AND h.lines - h.backs > 1 GROUP BY l.o, l.i)
    """)


def _match(case: Case) -> None:
    """Make ``doctor_matched``: within the order first, then against the customer's earlier sales, the latest first.

    A stack: every sale lays pieces on it, every return takes the topmost. With X the running sum of sales minus
    returns, the stack's height is X - min(0, min of X so far); of a sale that lies between two heights, what stays is
    what no later height undercuts.
    """
    case.run("""
        CREATE OR REPLACE TEMP TABLE doctor_matched AS
        WITH own AS (
            SELECT h.o, h.i, n.c, n.placed, h.first_line, h.sold - least(h.sold, h.back) AS sale,
                   h.back - least(h.sold, h.back) AS give, least(h.sold, h.back) AS within
            FROM doctor_items_held h JOIN doctor_orders n ON h.o = n.o),
        owing AS (SELECT DISTINCT c, i FROM own WHERE give > 0 AND c IS NOT NULL),
        walk AS (
            SELECT own.*, sum(sale - give) OVER so_far AS x
            FROM own SEMI JOIN owing ON own.c = owing.c AND own.i = owing.i
            WINDOW so_far AS (PARTITION BY c, i ORDER BY placed, give > 0, first_line, o ROWS UNBOUNDED PRECEDING)),
        heights AS (
            SELECT *, x - least(0, min(x) OVER so_far) AS height FROM walk
            WINDOW so_far AS (PARTITION BY c, i ORDER BY placed, give > 0, first_line, o ROWS UNBOUNDED PRECEDING)),
        stacked AS (
            SELECT *, coalesce(lag(height) OVER in_turn, 0) AS before, min(height) OVER from_here AS lowest
            FROM heights
            WINDOW in_turn AS (PARTITION BY c, i ORDER BY placed, give > 0, first_line, o),
                   from_here AS (in_turn ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING))
        SELECT o, i, greatest(0, least(sale, lowest - before)) AS rest,
               within + if(give > 0, before - height, 0) AS matched FROM stacked
        UNION ALL
        SELECT o, i, sale, within FROM own ANTI JOIN owing ON own.c = owing.c AND own.i = owing.i
        WHERE give > 0 OR within > 0
    """)


def find_returns(case: Case) -> list[Finding]:
    """Lines that give goods back, with and without their sale."""
    lines, orders, netted, undone = case.row("""
        SELECT coalesce(sum(backs), 0)::BIGINT, count(DISTINCT o) FILTER (backs > 0),
               coalesce(sum(backs) FILTER (matched > 0), 0)::BIGINT,
               coalesce(sum(lines - backs) FILTER (rest = 0), 0)::BIGINT FROM doctor_held
    """)
    if not lines:
        return []
    return [
        case.finding(
            "returns",
            "info",
            f"{lines:,} {'line gives' if lines == 1 else 'lines give'} goods back (negative quantities, cancellations);"
            f" a sale was found for {netted:,}, and {undone:,} sale lines came back whole.",
            source="(SELECT line_number, o FROM doctor_lines WHERE fate IS NULL AND units < 0)",
            show=("order_id", "item_id", "quantity_text"),
            action="Taken off the sale: the same order's, else the same customer's latest earlier ones. Without a sale"
            " they are dropped from the baskets; all count in the item's return rate.",
            remedy="Without customer ids only returns inside their order find a sale: map `--column customer_id=…`.",
            counts=(lines, orders),
        )
    ]
