"""The first stages of training, and all of `check`: read the orders and the catalogue, and look them through.

Nothing that learns is imported here, so that the doctor need not wait for it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from training.catalog_file import CatalogColumns, read_catalog
from training.config import Config
from training.doctor import Checked, check_orders
from training.doctor.quarantine import Quarantine
from training.progress import Progress
from training.read import Raw, open_orders
from training.room import refuse_unless_start


def check(
    orders: Any, catalog: Any, config: Config, progress: Progress, quarantine: Quarantine = None
) -> tuple[Checked, CatalogColumns | None, dict[str, Any]]:
    """The orders as training would take them, the catalog's columns, and where both come from."""
    return examine(orders, catalog, config, progress, quarantine)[1:]


def examine(
    orders: Any, catalog: Any, config: Config, progress: Progress, quarantine: Quarantine = None
) -> tuple[Raw, Checked, CatalogColumns | None, dict[str, Any]]:
    """What `check` gives, after the lines with the tables that the doctor made of them."""
    refuse_unless_start()
    with progress.stage("read orders"):
        raw = open_orders(orders, config.orders.columns)
        progress.handled(raw.lines, "lines")
    with progress.stage("read catalog"):
        columns = None if catalog is None else read_catalog(catalog)
        progress.handled(0 if columns is None else len(columns.item_ids), "items")
    with progress.stage("check orders"):
        checked = check_orders(raw, columns, config.orders, now=datetime.now(UTC), quarantine=quarantine)
        progress.handled(len(checked.baskets.items), "lines kept")
    source = {"orders": {"names": list(raw.names), "sha256": raw.fingerprint, "lines": raw.lines + raw.unreadable}}
    if columns is not None:
        names = list(columns.names)
        source["catalog"] = {"names": names, "sha256": columns.fingerprint, "items": len(columns.item_ids)}
    return raw, checked, columns, source
