"""Order, item and customer ids: numbered in the order of their bytes, and what is wrong with them."""

from __future__ import annotations

from training.columns import NO_ID
from training.doctor.case import Case, example
from training.doctor.report import Finding

MAX_ID_BYTES = 256
_SPACE = r"[\s\p{Z}]"
_CONTROL = r"[\p{Cc}\x{2028}\x{2029}]"
_PLACEHOLDERS = ("guest", "guests", "anonymous", "unknown", "walk-in", "walkin", "n/a", "none", "not set", "(not set)")


def number_ids(case: Case) -> None:
    """Make ``doctor_order_ids``, ``doctor_items`` and ``doctor_customers``: id, number by bytes, lines, flaw."""
    _number(case, "doctor_order_ids", "order_id", "o", "")
    _number(case, "doctor_customers", "customer_id", "c", "")
    title = "NULL::VARCHAR AS title"
    _number(case, "doctor_items", "item_id", "i", f", true AS product, {title}, i AS into_i, NULL::INTEGER AS alike")
    case.run(f"""
        CREATE OR REPLACE TEMP TABLE doctor_alike AS
        SELECT i, first_value(i) OVER (PARTITION BY plain ORDER BY lines DESC, i) AS common
        FROM (SELECT i, lines, lower(regexp_replace(item_id, '{_SPACE}+', '', 'g')) AS plain
              FROM doctor_items WHERE flaw IS NULL)
        QUALIFY count(*) OVER (PARTITION BY plain) > 1
    """)
    case.run("UPDATE doctor_items SET alike = common FROM doctor_alike a WHERE a.i = doctor_items.i")
    if case.config.merge_similar_ids:
        case.run("UPDATE doctor_items SET into_i = alike WHERE alike IS NOT NULL")
    names = ", ".join(f"'{name}'" for name in _PLACEHOLDERS)
    case.run(
        f"UPDATE doctor_customers SET flaw = 'placeholder' WHERE flaw IS NULL AND lower(trim(customer_id)) IN ({names})"
    )


def _number(case: Case, table: str, column: str, number: str, more: str) -> None:
    nothing = ", ".join(f"'{word}'" for word in sorted(NO_ID))
    case.run(f"""
        CREATE OR REPLACE TEMP TABLE {table} AS
        SELECT *{more} FROM (
            SELECT {column}, (row_number() OVER (ORDER BY {column}))::INTEGER AS {number},
                   count(*) AS lines, min(line_number) AS first_line,
                   CASE WHEN regexp_full_match({column}, '{_SPACE}*') OR {column} IN ({nothing}) THEN 'blank'
                        WHEN strlen({column}) > {MAX_ID_BYTES} THEN 'overlong'
                        WHEN regexp_matches({column}, '{_CONTROL}') THEN 'control' END AS flaw
            FROM raw WHERE {column} IS NOT NULL GROUP BY {column})
    """)


def find_flawed_ids(case: Case) -> list[Finding]:
    """Missing, overlong and unprintable order and item ids: their lines are rejected."""
    kinds = (
        ("missing-order-ids", "missing_order_id", "no order id", _another("Fill in the order id", "order_id")),
        ("missing-item-ids", "missing_item_id", "no item id", _another("Fill in the item id", "item_id")),
        ("overlong-ids", "overlong_id", f"an id of more than {MAX_ID_BYTES} bytes", _another("Shorten the ids")),
        (
            "control-characters-in-ids",
            "control_character_in_id",
            "a control character in an id (a new line, a tab, NUL)",
            _another("Clean the ids"),
        ),
    )
    findings: list[Finding] = []
    for code, fate, what, remedy in kinds:
        source = f"(SELECT line_number, o FROM doctor_lines WHERE fate = '{fate}')"
        lines, orders = case.row(f"SELECT count(*), count(DISTINCT o) FROM {source}")
        if lines:
            findings.append(
                case.finding(
                    code,
                    case.loss(lines),
                    f"{lines:,} {'line has' if lines == 1 else 'lines have'} {what}.",
                    source=source,
                    show=("order_id", "item_id"),
                    action="Rejected; the lines go to the quarantine file.",
                    remedy=remedy,
                    counts=(lines, orders),
                )
            )
    return findings


def _another(advice: str, column: str = "order_id") -> str:
    return f"{advice} in the export, or map another column: `--column {column}=…`."


def find_similar_ids(case: Case) -> list[Finding]:
    """Item ids that differ only in letter case or white space."""
    groups, spellings = case.row("SELECT count(DISTINCT alike), count(*) FROM doctor_items WHERE alike IS NOT NULL")
    if not groups:
        return []
    touched = "doctor_lines l JOIN doctor_items n ON l.file_i = n.i WHERE n.alike IS NOT NULL AND n.alike <> n.i"
    lines, orders = case.row(f"SELECT count(*), count(DISTINCT l.o) FROM {touched}")
    rows = case.rows("""
        SELECT n.first_line, n.item_id, common.item_id, n.lines
        FROM doctor_items n JOIN doctor_items common ON n.alike = common.i
        WHERE n.alike <> n.i ORDER BY n.lines DESC, n.item_id LIMIT 3
    """)
    names = ("line_number", "item_id", "like", "lines")
    merged = case.config.merge_similar_ids
    return [
        case.told(
            "similar-item-ids",
            "info" if merged else "warning",
            f"{spellings:,} item ids are {groups:,} but for letter case or white space.",
            lines,
            orders,
            tuple(example(zip(names, row, strict=True)) for row in rows),
            action="Merged into the more frequent spelling." if merged else "Kept apart, as different items.",
            remedy="`--set orders.merge_similar_ids=false` keeps them apart."
            if merged
            else "`--set orders.merge_similar_ids=true` merges each into its more frequent spelling.",
        )
    ]
