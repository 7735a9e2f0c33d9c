"""The order-data doctor: from lines as they came to baskets, with a report of everything that was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np

from recommender.errors import DataError
from training.baskets import NO_TIME, Baskets
from training.config import OrdersConfig
from training.doctor.accounting import account, find_unreadable
from training.doctor.baskets import find_baskets, lay_clean
from training.doctor.case import Case
from training.doctor.customers import find_odd_customers, settle_customers
from training.doctor.ids import find_flawed_ids, find_similar_ids, number_ids
from training.doctor.lines import code_lines
from training.doctor.listing import Listing, find_unlisted, lay_listing
from training.doctor.masking import MASK_MACROS
from training.doctor.non_products import find_non_products, flag_non_products
from training.doctor.personal import find_personal_ids
from training.doctor.prices import find_odd_prices, find_zero_amounts, forget_zero_amounts
from training.doctor.quantities import find_odd_quantities, settle_quantities
from training.doctor.quarantine import Quarantine, keep_rejected, rejected
from training.doctor.readiness import find_thin_data, measure_readiness
from training.doctor.report import FATES, Finding, Report, worst_first
from training.doctor.returns import find_returns, lay_held, mark_cancellations
from training.doctor.times import find_odd_times, lay_orders
from training.encode import encode
from training.read import Raw


@dataclass(frozen=True)
class Checked:
    """Orders that are fit for training, and what was found on the way."""

    baskets: Baskets
    report: Report


def check_orders(
    raw: Raw,
    catalog: Listing | Sequence[str] | None,
    config: OrdersConfig,
    now: datetime,
    quarantine: Quarantine = None,
) -> Checked:
    """Examine, clean and encode orders.

    Parameters
    ----------
    raw : the lines as `training.read.open_orders` left them; its connection gets the doctor's temporary tables.
    catalog : the catalog's columns, or its item ids alone, or None.
    config : how orders are cleaned.
    now : times of more than a day later are in the future; naive means UTC.
    quarantine : file for the rejected lines, or where it goes if there are any; it is written even where no order is
        left.

    Raises
    ------
    DataError : where personal data stands for ids and is not allowed, where no valid order is left, and where memory
        and disk do not suffice.
    UsageError : where the quarantine file cannot be written.
    """
    try:
        return _checked(raw, catalog, _open_case(raw, config, now), quarantine)
    except duckdb.OutOfMemoryException as error:
        names = ", ".join(raw.names) or "orders"
        raise DataError(
            f"{names}: checking {raw.lines:,} lines needs more memory or disk than there is;"
            " free some, or give a shorter time of orders"
        ) from error


def _checked(raw: Raw, catalog: Listing | Sequence[str] | None, case: Case, quarantine: Quarantine) -> Checked:
    findings = _clean(case, catalog)
    accounting = account(case)
    written = keep_rejected(case, accounting, quarantine)
    if not accounting.get("kept"):
        raise DataError(_nothing_left(raw, accounting, written))
    baskets = encode(case.connection, case.config.max_basket_items, has_line_order="line" in raw.present)
    baskets = replace(baskets, left_out=_left_out(case, baskets))
    told = (*findings, *getattr(catalog, "findings", ()))
    report = _report(case, baskets, accounting, told, listed=catalog is not None)
    return Checked(baskets, replace(report, quarantine=None if written is None else str(written)))


def _open_case(raw: Raw, config: OrdersConfig, now: datetime) -> Case:
    aware = now if now.tzinfo else now.replace(tzinfo=UTC)
    raw.connection.execute(MASK_MACROS)
    lines_read = raw.lines + raw.unreadable
    return Case(raw.connection, config, raw.present, lines_read, int(aware.timestamp()), len(raw.names) > 1)


def _clean(case: Case, catalog: Listing | Sequence[str] | None) -> list[Finding]:
    number_ids(case)
    personal = find_personal_ids(case)
    lay_listing(case, catalog)
    flag_non_products(case)
    code_lines(case)
    forget_zero_amounts(case)
    mark_cancellations(case)
    lay_orders(case)
    settle_customers(case)
    lay_held(case)
    settle_quantities(case)
    lay_clean(case)
    return personal


def _left_out(case: Case, baskets: Baskets) -> frozenset[str]:
    named = case.connection.execute("SELECT item_id FROM doctor_items WHERE flaw IS NULL").fetchall()
    return frozenset(item_id for (item_id,) in named) - frozenset(baskets.item_ids)


def _report(
    case: Case, baskets: Baskets, accounting: dict[str, int], told: Sequence[Finding], *, listed: bool
) -> Report:
    readiness = measure_readiness(case)
    findings = [
        *told,
        *find_unreadable(case),
        *find_flawed_ids(case),
        *find_similar_ids(case),
        *(find_unlisted(case) if listed else ()),
        *find_non_products(case),
        *find_odd_quantities(case),
        *find_odd_prices(case),
        *find_zero_amounts(case),
        *find_odd_times(case),
        *find_odd_customers(case),
        *find_returns(case),
        *find_baskets(case),
        *find_thin_data(case, readiness),
    ]
    known = baskets.times[baskets.times != NO_TIME]
    return Report(
        lines_read=case.lines_read,
        lines=len(baskets.items),
        orders=len(baskets),
        items=len(baskets.item_ids),
        customers=len(baskets.customer_ids),
        countable_orders=int(baskets.countable.sum()),
        multi_item_orders=int(np.sum(baskets.sizes > 1)),
        first=int(known[0]) if len(known) else None,
        last=int(known[-1]) if len(known) else None,
        accounting=accounting,
        findings=worst_first(findings),
        readiness=readiness,
        quarantined=rejected(accounting),
    )


def _nothing_left(raw: Raw, accounting: dict[str, int], quarantine: Path | None) -> str:
    names = ", ".join(raw.names) or "orders"
    lines = "; ".join(f"{number:,} {FATES[fate]}" for fate, number in accounting.items())
    remedy = f"see {quarantine}" if quarantine else "see them with `--quarantine FILE`"
    need = "at least one line with an order id and an item id is needed"
    return f"{names}: no valid order is left; {need} ({lines}); {remedy}"
