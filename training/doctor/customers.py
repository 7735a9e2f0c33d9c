"""Who bought: one customer for each order, and ids that are no one person."""

from __future__ import annotations

from training.doctor.case import Case, example
from training.doctor.report import Finding

_PEAK = 50
_THOUSANDS = 2_000
_DAILY = 10
_SHARE = 0.01
_TIMES_THE_OTHERS = 20


def settle_customers(case: Case) -> None:
    """Give each order of ``doctor_orders`` its most frequent customer; make ``doctor_disputed`` and ``doctor_crowds``.

    A customer is taken for many people who has more than 1% of all orders, more than 20 times the median of the other
    customers, and a pace that no person keeps: more than 50 orders in a day, or 2,000 orders at more than ten a day.
    """
    case.run("CREATE OR REPLACE TEMP TABLE doctor_disputed AS SELECT o FROM doctor_orders WHERE c <> other_c")
    case.run("""
        UPDATE doctor_orders SET c = w.c FROM (
            SELECT o, c FROM (SELECT o, c, count(*) AS lines FROM doctor_lines SEMI JOIN doctor_disputed USING (o)
                              WHERE c IS NOT NULL GROUP BY o, c)
            QUALIFY row_number() OVER (PARTITION BY o ORDER BY lines DESC, c) = 1) w
        WHERE doctor_orders.o = w.o
    """)
    case.run(f"""
        CREATE OR REPLACE TEMP TABLE doctor_crowds AS
        WITH days AS (SELECT c, placed // 86400 AS day, count(*) AS orders FROM doctor_orders
                      WHERE c IS NOT NULL GROUP BY c, day),
        paces AS (SELECT c, sum(orders)::BIGINT AS orders, max(if(day IS NULL, 0, orders)) AS peak,
                         sum(orders) / (1 + coalesce(max(day) - min(day), 0)) AS daily FROM days GROUP BY c),
        suspects AS (SELECT * FROM paces WHERE orders > {_SHARE} * (SELECT count(*) FROM doctor_orders)
                     AND (peak > {_PEAK} OR (orders >= {_THOUSANDS} AND daily > {_DAILY})))
        SELECT c, orders, peak FROM suspects
        WHERE orders > {_TIMES_THE_OTHERS} * coalesce(
            (SELECT median(orders) FROM paces WHERE c NOT IN (SELECT c FROM suspects)), 0)
    """)
    case.run("UPDATE doctor_orders SET c = NULL WHERE c IN (SELECT c FROM doctor_crowds)")


def find_odd_customers(case: Case) -> list[Finding]:
    """No customers at all, placeholders, unusable ids, crowds, and orders of several customers."""
    if "customer_id" not in case.present:
        return [_without_customers(case)]
    return [*_unknown(case), *_unusable(case), *_crowds(case), *_disputed(case)]


def _without_customers(case: Case) -> Finding:
    return case.told(
        "no-customers",
        "info",
        "The file names no customers.",
        0,
        0,
        (),
        action="Pairs are claimed without asking for several customers; nobody has a history.",
        remedy="Name the column of the customers: `--column customer_id=…`.",
    )


def _unknown(case: Case) -> list[Finding]:
    flaws = "k.customer_id IS NULL OR k.flaw IN ('blank', 'placeholder')"
    source = f"""(SELECT line_number, raw.order_id AS o FROM raw
        LEFT JOIN doctor_customers k ON raw.customer_id = k.customer_id WHERE {flaws})"""
    lines, orders = case.row(f"SELECT count(*), count(DISTINCT o) FROM {source}")
    if not lines:
        return []
    return [
        case.finding(
            "unknown-customers",
            "info",
            f"{lines:,} {'line names' if lines == 1 else 'lines name'} no customer, or a placeholder such as guest.",
            source=source,
            show=("order_id", "customer_id"),
            action="Their orders count in pairs, but belong to nobody's history.",
            remedy="Fill the customer in, where it is known.",
            counts=(lines, orders),
        )
    ]


def _unusable(case: Case) -> list[Finding]:
    source = """(SELECT line_number, raw.order_id AS o FROM raw JOIN doctor_customers k USING (customer_id)
        WHERE k.flaw IN ('overlong', 'control'))"""
    (flawed,) = case.row("SELECT count(*) FROM doctor_customers WHERE flaw IN ('overlong', 'control')")
    if not flawed:
        return []
    return [
        case.finding(
            "unusable-customer-ids",
            "warning",
            f"{flawed:,} customer {'id is' if flawed == 1 else 'ids are'} longer than 256 bytes or"
            f" {'has' if flawed == 1 else 'have'} a control character.",
            source=source,
            show=("order_id", "customer_id"),
            action="Their orders count as orders of an unknown customer.",
            remedy="Clean the customer ids in the export.",
        )
    ]


def _crowds(case: Case) -> list[Finding]:
    rows = case.rows("""
        SELECT k.first_line, k.customer_id, d.orders, d.peak, k.lines
        FROM doctor_crowds d JOIN doctor_customers k USING (c) ORDER BY d.orders DESC, k.customer_id
    """)
    if not rows:
        return []
    names = ("line_number", "customer_id", "orders", "most in a day")
    ids = "1 customer id has" if len(rows) == 1 else f"{len(rows):,} customer ids have"
    return [
        case.told(
            "crowd-customers",
            "warning",
            f"{ids} more orders than one person can place: a till's own card, or all guests.",
            sum(row[4] for row in rows),
            sum(row[2] for row in rows),
            tuple(example(zip(names, row[:4], strict=True)) for row in rows[:3]),
            action="Their orders count in pairs, as orders of an unknown customer.",
            remedy="Leave the customer empty in the export where it is not known.",
        )
    ]


def _disputed(case: Case) -> list[Finding]:
    source = "(SELECT line_number, o FROM doctor_lines SEMI JOIN doctor_disputed USING (o))"
    (orders,) = case.row("SELECT count(*) FROM doctor_disputed")
    if not orders:
        return []
    return [
        case.finding(
            "orders-of-several-customers",
            "warning",
            f"{orders:,} order {'id is' if orders == 1 else 'ids are'} shared by several customers.",
            source=source,
            show=("order_id", "customer_id"),
            action="The order goes to the customer with most lines, else to the first id by bytes.",
            remedy="If numbers start again every year or in every shop, put year or shop into the order id.",
        )
    ]
