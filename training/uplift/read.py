"""The event log becomes tables: who was in which arm, what was seen and clicked, what was ordered."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from recommender.errors import DataError
from recommender.events import KINDS, event_files, utc_text
from recommender.events.event import EXPOSURE

_TEXTS = (
    "visitor_id", "customer_id", "placement", "request_id", "order_id", "event_id", "experiment", "arm", "objective",
)  # fmt: skip
_EXPOSED = ["at", "event", "unit", "placement", "experiment", "arm", "share", "show", "objective", "item_id"]
_ENTRY = ("item_id", "quantity", "unit_price")
_EXAMPLES = 3


@dataclass(frozen=True)
class Told:
    """A log as tables, a row an item of an event.

    Attributes
    ----------
    exposures : `at`, `event` (its number), `unit`, `placement`, `experiment`, `arm`, `share`, `show`, `objective`,
        `item_id`: a suggestion that was shown, or held back.
    touches : views, clicks and adds: `type`, `at`, `unit`, `placement`, `request_id`, `item_id` (null where none).
    lines : of orders, each order once: `at`, `unit`, `order_id`, `item_id`, `quantity`, `unit_price` (NaN unknown).
    problems : a sentence for everything that could not be read.
    """

    exposures: pd.DataFrame
    touches: pd.DataFrame
    lines: pd.DataFrame
    problems: tuple[str, ...]


def read_events(folder: Path, since: datetime | None = None, until: datetime | None = None) -> Told:
    """The events from `since` on and before `until`, those told twice counted once.

    Who has no `visitor_id` is the visitor last seen with that `customer_id`, else the customer. Raises ``DataError``
    where there is no event to read.
    """
    files = event_files(folder)
    if not files:
        raise DataError(
            f"{folder}: no events; a service writes them there (`goeswith serve`, POST /v1/events), or name "
            "the folder with --events"
        )
    problems: list[str] = []
    events = (entries for path in files for entries in _events(path, problems))
    rows = [(number, *row) for number, entries in enumerate(events) for row in entries]
    if not rows:
        raise DataError(f"{folder}: {len(files):,} files without an event that can be read; {problems[0]}")
    every = pd.DataFrame(rows, columns=["event", "type", "at", "share", "show", *_TEXTS, *_ENTRY])
    texts = ["type", "item_id", *_TEXTS]
    every[texts] = every[texts].astype("string")
    every["at"] = pd.to_datetime(every["at"], utc=True, format="ISO8601")
    if since is not None:
        every = every[every["at"] >= since]
    if until is not None:
        every = every[every["at"] < until]
    every = _once(every.sort_values("at", kind="stable", ignore_index=True))
    every["unit"] = _units(every)
    kind = every["type"]
    return Told(
        every.loc[kind == EXPOSURE, _EXPOSED],
        every.loc[~kind.isin([EXPOSURE, "order"]), ["type", "at", "unit", "placement", "request_id", "item_id"]],
        every.loc[kind == "order", ["at", "unit", "order_id", *_ENTRY]],
        tuple(problems),
    )


def _events(path: Path, problems: list[str]) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of each event."""
    broken: list[int] = []
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield list(_rows_of(json.loads(line)))
            except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
                broken.append(number)
    if broken:
        more = f" and {len(broken) - _EXAMPLES:,} more" if len(broken) > _EXAMPLES else ""
        lines = ", ".join(f"{number:,}" for number in broken[:_EXAMPLES])
        problems.append(f"{path}: line {lines}{more}: no event of goeswith; left out")


def _rows_of(event: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    kind = event["type"]
    texts = [event.get(name) for name in _TEXTS]
    wrong = [text for text in texts if text is not None and not isinstance(text, str)]
    exposed = (event["experiment"], event["arm"], float(event["share"]), event["show"]) if kind == EXPOSURE else ()
    if kind not in {*KINDS, EXPOSURE} or wrong or not (texts[0] or texts[1]) or None in exposed:
        raise ValueError(event)
    utc_text(datetime.fromisoformat(event["at"]))
    head = (kind, event["at"], event.get("share"), event.get("show"), *texts)
    for entry in event.get("items") or [{"item_id": None}]:
        quantity, price = float(entry.get("quantity", 1)), entry.get("unit_price")
        if not math.isfinite(quantity):
            raise ValueError(quantity)
        yield (*head, entry["item_id"], quantity, math.nan if price is None else float(price))


def _once(rows: pd.DataFrame) -> pd.DataFrame:
    """Without the rows of events that were told before: by type and `event_id`, of an order by `order_id`."""
    key = (rows["type"] + "\0" + rows["event_id"]).mask(rows["type"].eq("order"), "order\0\0" + rows["order_id"])
    first = rows["event"].groupby(key).transform("first")
    return rows[key.isna() | rows["event"].eq(first)].copy()


def _units(rows: pd.DataFrame) -> pd.Series:
    both = rows[rows["visitor_id"].notna() & rows["customer_id"].notna()]
    visitor_of = both.drop_duplicates("customer_id", keep="last").set_index("customer_id")["visitor_id"]
    customer = rows["customer_id"]
    return rows["visitor_id"].fillna(customer.map(visitor_of)).fillna("customer " + customer.astype("string"))
