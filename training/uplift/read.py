"""The event log becomes tables: who was in which arm, what was seen and clicked, what was ordered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd

from recommender.errors import DataError
from recommender.events import KINDS, event_files
from recommender.events.event import EXPOSURE
from recommender.terminal import shortened
from training.columns import quoted

_EVENT = """{
    "type": "VARCHAR", "at": "VARCHAR", "visitor_id": "VARCHAR", "customer_id": "VARCHAR", "placement": "VARCHAR",
    "request_id": "VARCHAR", "order_id": "VARCHAR", "event_id": "VARCHAR", "experiment": "VARCHAR", "arm": "VARCHAR",
    "share": "DOUBLE", "show": "BOOLEAN", "objective": "VARCHAR",
    "items": [{"item_id": "VARCHAR", "quantity": "DOUBLE", "unit_price": "DOUBLE"}]
}"""
_TEXTS = ("type", "unit", "placement", "request_id", "order_id", "item_id", "experiment", "arm", "objective")
_LONGEST_LINE = 16 << 20
_ALL_KINDS = ", ".join(quoted(kind) for kind in (*KINDS, EXPOSURE))
_IS_EVENT = f"""coalesce(
    e.type IN ({_ALL_KINDS}) AND moment IS NOT NULL AND coalesce(e.visitor_id, e.customer_id, '') <> ''
    AND (e.type <> '{EXPOSURE}'
        OR (e.experiment || e.arm IS NOT NULL AND e.share IS NOT NULL AND e."show" IS NOT NULL)), false)"""
_EXPOSED = 'moment, number AS event, unit, placement, experiment, arm, share, "show", objective, i.item_id AS item_id'
_TOUCHED = "type, moment, unit, placement, request_id, i.item_id AS item_id"
_ORDERED = """moment, unit, order_id, i.item_id AS item_id, coalesce(i.quantity, 1) AS quantity,
    coalesce(i.unit_price, 'nan') AS unit_price"""


@dataclass(frozen=True)
class Told:
    """A log as tables, a row an item of an event.

    Attributes
    ----------
    exposures : `at`, `event` (its number), `unit`, `placement`, `experiment`, `arm`, `share`, `show`, `objective`,
        `item_id`: a suggestion that was shown, or held back.
    touches : views, clicks and adds: `type`, `at`, `unit`, `placement`, `request_id`, `item_id` (null where none).
    lines : of orders, each order once: `at`, `unit`, `order_id`, `item_id`, `quantity`, `unit_price` (NaN unknown).
    problems : a sentence for every file of which something could not be read.
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
    with duckdb.connect() as log:
        try:
            _parse(log, files)
        except duckdb.Error as error:
            why = " ".join(str(error).split())
            raise DataError(
                f"{folder}: a line that is not UTF-8 or longer than 16 MB; mend its file, or take it away: {why[:120]}"
            ) from error
        problems = _problems(log)
        if not log.sql("FROM parsed WHERE line IS NULL LIMIT 1").fetchall():
            raise DataError(f"{folder}: {len(files):,} files without an event that can be read; {problems[0]}")
        _name_units(log, since, until)
        return Told(
            _table(log, _EXPOSED, f"= '{EXPOSURE}'"),
            _table(log, _TOUCHED, f"NOT IN ('{EXPOSURE}', 'order')"),
            _table(log, _ORDERED, "= 'order'"),
            problems,
        )


def _parse(log: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> None:
    """The table `parsed`: each line with its event, whose members are null where they are of another type, or with its
    `line` where it is no event."""
    names = ", ".join(quoted(str(path)) for path in files)
    log.execute(f"""
        CREATE TEMP TABLE parsed AS
        SELECT filename, e, moment, row_number() OVER () AS number, CASE WHEN NOT {_IS_EVENT} THEN line END AS line
        FROM (
            SELECT filename, line, e, try_cast(e."at" AS TIMESTAMP) AS moment FROM (
                SELECT filename, line,
                    from_json(CASE WHEN json_valid(line) AND json_type(line) = 'OBJECT' THEN line END,
                        {quoted(_EVENT)}) AS e
                FROM read_csv([{names}], columns = {{'line': 'VARCHAR'}}, delim = '\x01', quote = '', escape = '',
                    header = false, auto_detect = false, strict_mode = false, filename = true,
                    max_line_size = {_LONGEST_LINE})
                WHERE trim(line) <> ''))
        """)


def _problems(log: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    found = log.sql("""
        SELECT filename, count(*), arg_min(line, number) FROM parsed WHERE line IS NOT NULL GROUP BY 1 ORDER BY 1
        """).fetchall()
    return tuple(
        f"{path}: {count:,} {'lines are' if count > 1 else 'line is'} no event of goeswith and left out, "
        f"the first: {shortened(line, 60)}"
        for path, count, line in found
    )


def _name_units(log: duckdb.DuckDBPyConnection, since: datetime | None, until: datetime | None) -> None:
    """The table `events`: those of the time, each once, with the `unit` that they count for."""
    log.execute(
        """
        CREATE TEMP TABLE once AS
        SELECT number, moment, unnest(e) FROM (
            SELECT *, CASE WHEN e.type = 'order' THEN 'order ' || e.order_id
                ELSE e.type || ' ' || e.event_id END AS key
            FROM parsed
            WHERE line IS NULL AND coalesce(moment >= $since::TIMESTAMP, true)
                AND coalesce(moment < $until::TIMESTAMP, true))
        QUALIFY key IS NULL OR row_number() OVER (PARTITION BY key ORDER BY moment, number) = 1
        """,
        {"since": _naive(since), "until": _naive(until)},
    )
    log.execute("""
        CREATE TEMP TABLE events AS
        SELECT once.*, coalesce(visitor_id, visitor, 'customer ' || customer_id) AS unit
        FROM once LEFT JOIN (
            SELECT customer_id, arg_max(visitor_id, moment) AS visitor FROM once
            WHERE visitor_id IS NOT NULL AND customer_id IS NOT NULL GROUP BY 1
        ) USING (customer_id)
        """)


def _naive(time: datetime | None) -> datetime | None:
    """In UTC, as the log's times are kept here."""
    return None if time is None else time.astimezone(UTC).replace(tzinfo=None)


def _table(log: duckdb.DuckDBPyConnection, columns: str, kind: str) -> pd.DataFrame:
    """Events of a kind, a row an item, or one where there is none, in the order of their times."""
    found = log.sql(f"""
        SELECT {columns} FROM (
            SELECT *, unnest(CASE WHEN len(items) > 0 THEN items ELSE [NULL] END) AS i FROM events WHERE type {kind}
        ) ORDER BY moment, number
        """).df()
    texts = [name for name in _TEXTS if name in found]
    found[texts] = found[texts].astype("string")
    found["moment"] = found["moment"].dt.tz_localize("UTC")
    return found.rename(columns={"moment": "at"})
