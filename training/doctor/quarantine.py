"""Rejected lines, written down with their reasons."""

from __future__ import annotations

import glob
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from recommender.errors import UsageError
from training.doctor.case import Case
from training.doctor.report import FATES
from training.sources import REJECTED_ENDING, without_endings
from training.views import is_path, reason_of

REJECTED = tuple(fate for fate, told in FATES.items() if told.startswith("rejected") and fate != "unreadable")


@dataclass(frozen=True)
class BesideOrders:
    """Where rejected lines go unless a file is named: the first place that can be written, and only if there are any.

    Attributes
    ----------
    places : files, tried in turn.
    """

    places: tuple[Path, ...]


Quarantine = Path | BesideOrders | None
"""Where rejected lines go; None for nowhere."""


def beside_orders(orders: str) -> BesideOrders:
    """The place beside the orders, then the same name in the current folder.

    >>> [str(place) for place in beside_orders("year/orders.csv.gz").places]
    ['year/orders.rejected.csv', 'orders.rejected.csv']
    >>> [str(place) for place in beside_orders("SELECT * FROM 'a.csv'").places]
    ['orders.rejected.csv']
    """
    if not is_path(orders) or glob.has_magic(orders):
        return BesideOrders((Path(f"orders{REJECTED_ENDING}"),))
    path = Path(orders).absolute() if Path(orders).name in ("", "..") else Path(orders)
    name = f"{without_endings(path.name)}{REJECTED_ENDING}"
    return BesideOrders(tuple(dict.fromkeys((path.with_name(name), Path(name)))))


def rejected(accounting: Mapping[str, int]) -> int:
    """Lines that belong into the quarantine file."""
    return sum(accounting.get(fate, 0) for fate in (*REJECTED, "unreadable"))


def keep_rejected(case: Case, accounting: Mapping[str, int], quarantine: Quarantine) -> Path | None:
    """Write rejected lines where they belong, and say where; None where nothing was written.

    A named file is always written. Raises ``UsageError`` where it cannot be.
    """
    if isinstance(quarantine, Path):
        write_quarantine(case, quarantine)
        return quarantine
    if quarantine is None or not rejected(accounting):
        return None
    for place in quarantine.places:
        try:
            write_quarantine(case, place)
        except UsageError:
            continue
        return place
    return None


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
        reason = "it is a folder" if path.is_dir() else reason_of(str(error))
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
