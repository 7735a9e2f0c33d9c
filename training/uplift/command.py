"""The command `report`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from recommender.command import store_option

_TIME = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.command()
@store_option
@click.option(
    "--events",
    type=click.Path(path_type=Path),
    envvar="GOESWITH_EVENTS",
    help="Folder of the event log.  [default: `events` in the store]",
)
@click.option("--since", type=_TIME, help="Only events from this time on, in UTC.")
@click.option("--until", type=_TIME, help="Only events before this time, in UTC.")
@click.option("--experiment", metavar="NAME", help="Which experiment to judge.  [default: the newest]")
@click.option("--control", metavar="ARM", help="What to compare with.  [default: the arm that is shown nothing]")
@click.option(
    "--window",
    type=click.FloatRange(0, 365, min_open=True),
    default=7,
    show_default=True,
    help="Days between a click and an order that is credited to it.",
)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def report(
    store: Path,
    events: Path | None,
    since: datetime | None,
    until: datetime | None,
    experiment: str | None,
    control: str | None,
    window: float,
    as_json: bool,
) -> None:
    """What suggestions bring: an experiment judged, and what was clicked and ordered, from the service's events."""
    from training.uplift.report import Wanted, report_of  # noqa: PLC0415  # its libraries are heavy, --help needs none
    from training.uplift.tell import text  # noqa: PLC0415  # as above

    wanted = Wanted(_in_utc(since), _in_utc(until), experiment, control, timedelta(days=window))
    found = report_of(store, events or store / "events", wanted)
    click.echo(json.dumps(found, indent=2, ensure_ascii=False) if as_json else text(found))


def _in_utc(time: datetime | None) -> datetime | None:
    return None if time is None else time.replace(tzinfo=UTC)
