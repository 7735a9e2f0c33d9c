"""When orders were placed: one time for each order, and what is wrong with the times of the file."""

from __future__ import annotations

from training.doctor.case import Case
from training.doctor.report import Finding

MOST_KNOWN = 0.5
"""Share of orders that need a usable time for times to be used at all."""
_DAY = 86_400
_FORMATS = """
    CASE WHEN regexp_full_match(text, '[0-9]{4}-[0-9]{2}-[0-9]{2}') THEN 'dates alone'
         WHEN regexp_full_match(text, '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.,]+') THEN 'ISO 8601 without a zone'
         WHEN regexp_full_match(text, '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.,]+ ?(Z|z|UTC|[+-][0-9:]+)')
              THEN 'ISO 8601 with a zone'
         WHEN regexp_full_match(text, '[0-9]+([.][0-9]+)?') THEN 'bare numbers'
         ELSE 'other formats' END
"""
_COMMON = ("____-__-__", "____-__-__ __:__:__", "____-__-__T__:__:__", "____-__-__T__:__:__Z")


def lay_orders(case: Case) -> None:
    """Make ``doctor_orders``: a row an order with its first line, earliest usable time and customers.

    Where fewer than half of the orders have a usable time, none has; else an order without one is dated to the first
    time of the file, so that it can never count as recent.
    """
    case.run("""
        CREATE OR REPLACE TEMP TABLE doctor_orders AS
        SELECT o, min(line_number) AS first_line, min(placed) AS placed, max(placed) - min(placed) AS spread,
               min(c) AS c, max(c) AS other_c, bool_or(time_flaw IS NOT NULL) AS flawed_time
        FROM doctor_lines WHERE o IS NOT NULL GROUP BY o
    """)
    orders, timed, first = case.row("SELECT count(*), count(placed), min(placed) FROM doctor_orders")
    if timed < MOST_KNOWN * orders:
        case.run("UPDATE doctor_orders SET placed = NULL WHERE placed IS NOT NULL")
    elif timed < orders:
        case.run(f"UPDATE doctor_orders SET placed = {first} WHERE placed IS NULL")


def find_odd_times(case: Case) -> list[Finding]:
    """Times that are missing, unreadable, impossible, of mixed formats, or far apart within an order."""
    if "ordered_at" not in case.present:
        return [_without_times(case)]
    kinds = (
        ("unreadable-times", "unreadable", "have a time that cannot be read"),
        ("future-times", "future", "are dated more than a day into the future"),
        ("ancient-times", "ancient", "are dated before 1990"),
    )
    found = [finding for kind in kinds for finding in _flawed(case, *kind)]
    return found + _missing(case) + _mixed(case) + _spread(case)


def _without_times(case: Case) -> Finding:
    return case.told(
        "no-times",
        "info",
        "The file has no times.",
        0,
        0,
        (),
        action="Orders count in the order of the file; nothing can be called trending.",
        remedy="Name the column of the times: `--column ordered_at=…`.",
    )


_UNTIMED = "An order without any usable time counts as the file's oldest, or no order has a time where most lack one."
_SINCE_1970 = {
    10: ("seconds", "to_timestamp"),
    13: ("milliseconds", "epoch_ms"),
    16: ("microseconds", "make_timestamp"),
}
"""What a number of so many digits counts today, and what makes a time of it in a query."""
_ISO = "Write ISO 8601 in the export, as 2026-11-21T10:00:00Z; without a zone it is UTC."


def _flawed(case: Case, code: str, flaw: str, what: str) -> list[Finding]:
    source = f"(SELECT line_number, o FROM doctor_lines WHERE time_flaw = '{flaw}')"
    lines, orders = case.row(f"SELECT count(*), count(DISTINCT o) FROM {source}")
    if not lines:
        return []
    what = f"{lines:,} {'line' if lines == 1 else 'lines'} {what}."
    show = ("order_id", "ordered_at_text")
    counts, remedy = (lines, orders), _ISO if flaw != "unreadable" else _remedy(case)
    return [
        case.finding(code, "warning", what, source=source, show=show, action=_UNTIMED, remedy=remedy, counts=counts)
    ]


def _remedy(case: Case) -> str:
    """What turns the times of the file into some that can be read: most exports that fail count from 1970."""
    (digits,) = case.row(r"""
        SELECT mode(length(trim(r.ordered_at_text))) FROM raw r JOIN doctor_lines l USING (line_number)
        WHERE l.time_flaw = 'unreadable' AND regexp_full_match(trim(r.ordered_at_text), '\d+')
    """)
    if digits not in _SINCE_1970:
        return _ISO
    unit, call = _SINCE_1970[digits]
    name = case.config.columns.get("ordered_at", "ordered_at")
    return (
        f"These look like {unit} since 1970: give a query in place of the path,"
        f" \"sql:SELECT * REPLACE ({call}({name}::BIGINT) AS {name}) FROM 'FILE'\", or write ISO 8601 in the export."
    )


def _missing(case: Case) -> list[Finding]:
    source = "(SELECT line_number, o FROM doctor_lines WHERE placed IS NULL AND time_flaw IS NULL)"
    lines, orders = case.row(f"SELECT count(*), count(DISTINCT o) FROM {source}")
    if not lines:
        return []
    what = f"{lines:,} {'line has' if lines == 1 else 'lines have'} no time."
    show = ("order_id", "item_id")
    remedy = "Fill the times in the export."
    return [
        case.finding(
            "missing-times",
            "info",
            what,
            source=source,
            show=show,
            action=_UNTIMED,
            remedy=remedy,
            counts=(lines, orders),
        )
    ]


def _of_one_format(case: Case) -> bool:
    alike = ", ".join(f"coalesce(bool_and(ordered_at_text LIKE '{form}'), true)" for form in _COMMON)
    return any(case.row(f"SELECT {alike} FROM raw"))


def _mixed(case: Case) -> list[Finding]:
    if _of_one_format(case):
        return []
    kinds = case.rows(f"""
        SELECT {_FORMATS} AS format, count(*), count(DISTINCT order_id), min(line_number), arg_min(text, line_number)
        FROM (SELECT trim(ordered_at_text) AS text, order_id, line_number FROM raw) WHERE text <> ''
        GROUP BY format ORDER BY 2 DESC, 1
    """)
    if len(kinds) < 2:
        return []
    names = ", ".join(f"{name} ({lines:,})" for name, lines, *_ in kinds)
    lines, orders = sum(kind[1] for kind in kinds[1:]), sum(kind[2] for kind in kinds[1:])
    examples = tuple({"line": kind[3], "ordered_at": kind[4][:48]} for kind in kinds[:3])
    action = "Each time is read by its own format; what cannot be read has no time."
    what = f"Times are written in {len(kinds)} ways: {names}."
    return [case.told("mixed-time-formats", "warning", what, lines, orders, examples, action=action, remedy=_ISO)]


def _spread(case: Case) -> list[Finding]:
    late = f"doctor_lines l JOIN doctor_orders o USING (o) WHERE o.spread > {_DAY}"
    orders, longest = case.row(f"SELECT count(*), max(spread) FROM doctor_orders WHERE spread > {_DAY}")
    if not orders:
        return []
    (lines,) = case.row(f"SELECT count(*) FROM {late}")
    return [
        case.finding(
            "orders-over-days",
            "warning",
            f"{orders:,} {'order has' if orders == 1 else 'orders have'} lines more than a day apart,"
            f" up to {longest / _DAY:,.0f} days.",
            source=f"(SELECT l.line_number, o FROM {late})",
            show=("order_id", "ordered_at_text"),
            action="The order takes the earliest time of its lines.",
            remedy="If one id stands for several orders, give each its own in the export.",
            counts=(lines, orders),
        )
    ]
