"""Is there enough? Said for each item: ready for rules, for the category's fallback, or for bestsellers alone."""

from __future__ import annotations

from training.doctor.case import Case, example
from training.doctor.report import Finding, Readiness

RULES, CATEGORY = 20, 5
"""Counted orders that an item needs for rules, and for a place in its category's list."""
_FEW_ORDERS = 1000


def measure_readiness(case: Case) -> Readiness:
    """Make ``doctor_ready`` (i, orders, ready) and count it."""
    case.run(f"""
        CREATE OR REPLACE TEMP TABLE doctor_ready AS
        SELECT i, orders, CASE WHEN orders >= {RULES} THEN 'rules'
                               WHEN orders >= {CATEGORY} OR coalesce(category, '') <> '' THEN 'category'
                               ELSE 'bestsellers' END AS ready
        FROM (SELECT i, count_if(countable) AS orders FROM clean_lines JOIN doctor_sizes USING (o) GROUP BY i)
        JOIN doctor_items n USING (i) LEFT JOIN doctor_catalog k ON n.item_id = k.item_id
    """)
    rules, category, bestsellers = case.row("""
        SELECT count_if(ready = 'rules'), count_if(ready = 'category'), count_if(ready = 'bestsellers')
        FROM doctor_ready
    """)
    return Readiness(rules, category, bestsellers)


def find_thin_data(case: Case, readiness: Readiness) -> list[Finding]:
    """Items and shops with too few orders."""
    return [*_thin_items(case, readiness), *_thin_shop(case)]


def _thin_items(case: Case, readiness: Readiness) -> list[Finding]:
    thin = readiness.category + readiness.bestsellers
    if not thin:
        return []
    items = thin + readiness.rules
    touched = "clean_lines SEMI JOIN (FROM doctor_ready WHERE ready <> 'rules') t USING (i)"
    lines, orders = case.row(f"SELECT count(*), count(DISTINCT o) FROM {touched}")
    rows = case.rows("""
        SELECT n.first_line, n.item_id, t.orders, t.ready FROM doctor_ready t JOIN doctor_items n USING (i)
        WHERE t.ready <> 'rules' ORDER BY t.orders DESC, n.item_id LIMIT 3
    """)
    names = ("line_number", "item_id", "orders", "ready for")
    return [
        case.told(
            "thin-items",
            "info" if readiness.rules else "warning",
            f"{thin:,} of {items:,} items are in fewer than {RULES} counted orders:"
            f" {readiness.category:,} can lean on their category, {readiness.bestsellers:,} on bestsellers alone.",
            lines,
            orders,
            tuple(example(zip(names, row, strict=True)) for row in rows),
            action="No pair with them is claimed; neighbours, category and bestsellers fill their places.",
            remedy="More orders, categories in the catalog, or `--set count.min_item_orders=5` for bolder claims.",
        )
    ]


def _thin_shop(case: Case) -> list[Finding]:
    (orders,) = case.row("SELECT count_if(items > 1 AND countable) FROM doctor_sizes")
    if orders >= _FEW_ORDERS:
        return []
    return [
        case.told(
            "few-orders",
            "warning",
            f"{orders:,} {'order holds' if orders == 1 else 'orders hold'} two items or more;"
            f" below {_FEW_ORDERS:,} few pairs stand out from luck.",
            0,
            0,
            (),
            action="Trained all the same; places without evidence are filled with bestsellers, labelled as such.",
            remedy="Give a longer time of orders.",
        )
    ]
