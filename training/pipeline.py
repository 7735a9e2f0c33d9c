"""The way of an order: read → check → encode → back-test → count → factorize → publish."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from recommender.catalog import Catalog
from recommender.customers import Customers
from recommender.errors import GateError
from recommender.model import Model
from recommender.store import Store, Version
from training.backtest import Measured
from training.baskets import Baskets
from training.beside import beside
from training.build import Learned, Provenance, build_model, factorize_all, learn
from training.catalog_file import CatalogColumns, build_catalog, items_by_sales
from training.checking import check
from training.config import Config, with_values
from training.doctor import Report
from training.doctor.quarantine import Quarantine
from training.gaps import gaps
from training.medians import medians_of_items
from training.progress import Progress
from training.rehearsal import Rehearsal, rehearse
from training.returns import return_rates
from training.room import ran_out, refuse_unless_room

_LIBRARIES = ("numpy", "scipy", "duckdb", "implicit", "numba", "pandas", "goeswith")


@dataclass(frozen=True)
class Trained:
    """What one run of the pipeline made."""

    model: Model
    customers: Customers | None
    report: Report
    measured: Measured | None


def train(orders: Any, catalog: Any = None, config: Config | Mapping[str, Any] | None = None) -> Model:
    """A model of the given orders, without a store.

    Parameters
    ----------
    orders : path, glob, folder, SQL query, or anything that speaks the Arrow stream protocol.
    catalog : the same, or None.
    config : settings as in a configuration file, such as ``{"count": {"neighbours": 50}}``; the defaults otherwise.

    Raises
    ------
    DataError : where no valid order is left, or a file cannot be read.
    UsageError : for a setting that does not exist or is out of its bounds.
    """
    chosen = config if isinstance(config, Config) else with_values(config or {})
    return run(orders, catalog, chosen, Progress(quiet=True)).model


def run(orders: Any, catalog: Any, config: Config, progress: Progress, quarantine: Quarantine = None) -> Trained:
    """Everything but publishing.

    Raises ``DataError`` where no valid order is left, and ``UsageError`` where there is too little memory.
    """
    try:
        return _run(orders, catalog, config, progress, quarantine)
    except MemoryError as error:
        raise ran_out() from error


def _run(orders: Any, catalog: Any, config: Config, progress: Progress, quarantine: Quarantine) -> Trained:
    checked, columns, source = check(orders, catalog, config, progress, quarantine)
    refuse_unless_room(len(checked.baskets.items), len(checked.baskets.item_ids), config)
    baskets, report = checked.baskets, checked.report
    del checked
    baskets = baskets.over(items_by_sales(baskets, columns, config.backtest.holdout_share))
    items = catalog_of(baskets, columns)
    baskets = baskets.without_money()
    notes = gaps(baskets, items, config)
    window = _window(baskets)
    if not baskets.has_times:
        baskets = baskets.with_file_order_as_time()
    rehearsal, learned = _learn(baskets, items, config, progress)
    measured = rehearsal.measured
    provenance = Provenance(
        input=source,
        window=window,
        libraries={name: version(name) for name in _LIBRARIES},
        metrics=rehearsal.metrics(),
        notes=(*notes, *rehearsal.notes),
    )
    model, customers = build_model(baskets, items, rehearsal.rankings, learned, config, provenance, progress)
    return Trained(replace(model, strengths=rehearsal.strengths), customers, report, measured)


def _learn(baskets: Baskets, items: Catalog, config: Config, progress: Progress) -> tuple[Rehearsal, Learned]:
    """The rehearsal, and beside it what does not need it: factors while the ranking is fitted, counts after that.

    Libraries of linear algebra get one thread: how many cores there are then changes no bit of the model.
    """
    with threadpool_limits(1, "blas"), beside(in_turn=progress.profile) as begin:
        factors = begin(lambda: factorize_all(baskets, config, progress))
        counted: list[Future[Learned]] = []

        def go_on() -> None:
            counted.append(begin(lambda: learn(baskets, items, factors.result(), config, progress)))

        rehearsal = rehearse(baskets, items, config, progress, go_on)
        return rehearsal, counted[0].result()


def publish(trained: Trained, store: Store, promote: bool, progress: Progress) -> Version:
    """Write a version into the store; it serves if it was asked to and passes the gate.

    Raises ``GateError`` after publishing where the back-test lost to the bestsellers; the version is kept for a look.
    """
    passes = trained.measured is None or not trained.measured.loses_to_bestsellers()
    with progress.stage("publish"):
        version_ = store.publish(trained.model, trained.customers, promote=promote and passes, now=datetime.now(UTC))
        progress.handled(len(trained.model.catalog), "items")
    if promote and not passes:
        metrics = trained.model.manifest.metrics
        raise GateError(
            f"{version_.name}: back-test HR@10 {metrics['hr10']:.3f} is below the bestsellers'"
            f" {metrics['bestsellers_hr10']:.3f} by more than luck; not promoted."
            f" To serve it all the same: goeswith models promote {version_.model_id}"
        )
    return version_


def catalog_of(baskets: Baskets, columns: CatalogColumns | None) -> Catalog:
    """The catalog of all items, with prices, costs and return rates from the orders where the catalogue has none."""
    catalog = build_catalog(
        baskets.item_ids,
        columns,
        prices=medians_of_items(baskets.items, baskets.prices, len(baskets.item_ids)),
        costs=medians_of_items(baskets.items, baskets.costs, len(baskets.item_ids)),
        return_rate=np.full(len(baskets.item_ids), np.nan, np.float32),
    )
    from_orders = return_rates(baskets.returned, baskets.sold, catalog)
    stated = catalog.return_rate
    return replace(catalog, return_rate=np.where(np.isnan(stated), from_orders, stated))


def _window(baskets: Baskets) -> dict[str, str | None]:
    if not baskets.has_times:
        return {"first": None, "last": None}
    first, last = (datetime.fromtimestamp(int(t), UTC).isoformat() for t in (baskets.times[0], baskets.times[-1]))
    return {"first": first, "last": last}
