"""Rejected lines, written down with their reasons."""

from __future__ import annotations

from pathlib import Path

import duckdb

from recommender.errors import UsageError
from training.doctor.case import Case
from training.doctor.report import FATES

REJECTED = tuple(fate for fate, told in FATES.items() if told.startswith("rejected") and fate != "unreadable")


def write_quarantine(case: Case, path: Path) -> None:
    """Write rejected and unreadable lines as CSV, in the order of the file, personal data masked.

    Columns: line_number, source, reason, the columns of the file, and text (of a line that could not be read).
    Raises ``UsageError`` where the file cannot be written.
    """
    order = tuple(name for name in _CELLS if name in case.present or name in ("order_id", "item_id"))
    cells = ", ".join(f"{_CELLS[name]} AS {name}" for name in order)
    blank = ", ".join(f"NULL AS {name}" for name in order)
    reasons = " ".join(f"WHEN '{fate}' THEN '{FATES[fate].removeprefix('rejected: ')}'" for fate in REJECTED)
    kinds = ", ".join(f"'{fate}'" for fate in REJECTED)
    try:
        case.run(f"""
            COPY (
                SELECT raw.line_number, source, CASE fate {reasons} END AS reason, {cells},
                       NULL AS text
                FROM raw JOIN doctor_lines USING (line_number) WHERE fate IN ({kinds})
                UNION ALL
                SELECT line_number, source, doctor_redacted(reason), {blank}, doctor_redacted(text)
                FROM unreadable
                ORDER BY line_number
            ) TO '{str(path).replace("'", "''")}' (FORMAT csv, HEADER)
        """)
    except (duckdb.IOException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise UsageError(f"{path}: the quarantine file cannot be written ({reason}); name another place") from error


_CELLS = {
    "order_id": "doctor_masked(order_id)",
    "item_id": "doctor_masked(item_id)",
    "customer_id": "doctor_masked(customer_id)",
    "ordered_at": "doctor_redacted(ordered_at_text)",
    "quantity": "doctor_redacted(quantity_text)",
    "unit_price": "unit_price",
    "discount": "discount",
    "unit_cost": "unit_cost",
    "line": "raw.line",
}
