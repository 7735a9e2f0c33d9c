"""The report of an event log: an experiment judged, and what was clicked and ordered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from recommender import load
from recommender.catalog import Catalog
from recommender.errors import UsageError
from recommender.events import utc_text
from recommender.worth import Worth
from training.uplift.attribution import by_placement
from training.uplift.experiment import control_of, judged, names
from training.uplift.lift import lifts
from training.uplift.money import with_money
from training.uplift.read import read_events


@dataclass(frozen=True)
class Wanted:
    """What a report is asked for.

    Attributes
    ----------
    since, until : of events, with a zone.  experiment, control : by name; the newest, and the arm without suggestions.
    window : between a click and the order that it is credited with.
    """

    since: datetime | None = None
    until: datetime | None = None
    experiment: str | None = None
    control: str | None = None
    window: timedelta = timedelta(days=7)


def report_of(store: Path, events: Path, wanted: Wanted) -> dict[str, Any]:
    """The report as values of JSON.

    Raises ``DataError`` without events, ``UsageError`` for an experiment or arm that there is not, ``ModelError``
    without a model, whose prices and costs it counts with.
    """
    recommender = load(store)
    told = read_events(events, wanted.since, wanted.until)
    lines, lacking = with_money(told.lines, recommender.catalog, recommender.worth)
    return {
        "model_id": recommender.model.manifest.model_id,
        **_period(told.exposures["at"], told.touches["at"], told.lines["at"]),
        "orders": int(lines["order_id"].nunique()),
        "revenue": float(lines["revenue"].sum()),
        "profit": float(lines["profit"].sum()),
        "profit_basis": _basis(lines, recommender.catalog, recommender.worth),
        **lacking,
        "experiment": _experiment(told.exposures, lines, wanted),
        "attributed": by_placement(told.touches, lines, wanted.window),
        "attribution_days": wanted.window / timedelta(days=1),
        "problems": list(told.problems),
    }


def _experiment(exposures: pd.DataFrame, lines: pd.DataFrame, wanted: Wanted) -> dict[str, Any] | None:
    there = names(exposures)
    if wanted.experiment is not None and wanted.experiment not in there:
        listed = f"there are {', '.join(there)}" if there else "no visitor was part of any"
        raise UsageError(f"--experiment {wanted.experiment}: not among these events; {listed}")
    if not there:
        return None
    mine = exposures[exposures["experiment"] == (wanted.experiment or there[0])]
    control = control_of(mine, wanted.control)
    return {**judged(mine, lines, control), "lifts": lifts(mine, lines, control, wanted.window)}


def _period(*times: pd.Series) -> dict[str, str | None]:
    every = pd.concat(times)
    if not len(every):
        return {"first_event": None, "last_event": None}
    return {"first_event": utc_text(every.min()), "last_event": utc_text(every.max())}


def _basis(lines: pd.DataFrame, catalog: Catalog, worth: Worth) -> str | None:
    """Where the costs come from, the weakest of all items that were ordered; None where no item is known."""
    rows = np.array([catalog.row(item) for item in lines["item_id"].dropna().unique()], np.int64)
    return worth.basis_of(rows[rows >= 0]) if (rows >= 0).any() else None
