"""The command `goeswith`: what the core does by itself, and the doors of the other rooms, opened when used."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import click

from recommender import load
from recommender.batch import Asked, score_lines
from recommender.batch_files import lines_of, place_of, refuse_to_overwrite, written_whole
from recommender.engine import MAX_K, Recommender
from recommender.errors import GoeswithError, UsageError
from recommender.manifest_text import manifest_text
from recommender.merchandising.read import read_policy
from recommender.objective import OBJECTIVES
from recommender.pointer import serving
from recommender.processes import usable_cores
from recommender.review.diff import difference
from recommender.review.reviews import APPROVED, REJECTED, read_reviews
from recommender.review.subjects import decide
from recommender.review.text import difference_text, reviews_text
from recommender.store import Store, Version
from recommender.terminal import answer_text, table

DEFAULT_STORE = "models/store"
_LISTED = 10

store_option = click.option(
    "--store",
    type=click.Path(path_type=Path),
    default=DEFAULT_STORE,
    envvar="GOESWITH_STORE",
    show_default=True,
    show_envvar=True,
    help="Folder of the models.",
)
placement_option = click.option(
    "--placement", default="cross-sell", show_default=True, help="Where it is shown: bought-together, cross-sell, …"
)
k_option = click.option(
    "-k", type=click.IntRange(1, MAX_K), default=10, show_default=True, help="Suggestions a cart, at most."
)
filter_option = click.option("--filter", help="Show only items that it is true of, as in 'price <= 50'.")
policy_option = click.option(
    "--policy", type=click.Path(path_type=Path), help="Policy file: what the merchant decides about every answer."
)
objective_option = click.option(
    "--objective",
    type=click.Choice(OBJECTIVES),
    help="What the order serves.  [default: the placement's own, else probability]",
)
json_option = click.option("--json", "as_json", is_flag=True, help="For machines.")


class Doors(click.Group):
    """A group whose further commands are registered by other packages and imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *(door.name for door in _doors())})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        door = next((door for door in _doors() if door.name == cmd_name), None)
        return None if door is None else _opened(door)


@click.group(cls=Doors, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="goeswith", prog_name="goeswith")
def goeswith() -> None:
    """What goes with a cart, what it is worth to offer it, and why."""


@goeswith.command()
@click.argument("items", nargs=-1)
@store_option
@placement_option
@click.option("--customer", help="Id of the customer.")
@k_option
@filter_option
@policy_option
@objective_option
@click.option("--trace", is_flag=True, help="Tell every candidate, and which rule removed or moved it.")
@json_option
def suggest(
    items: tuple[str, ...],
    store: Path,
    placement: str,
    customer: str | None,
    k: int,
    filter: str | None,  # noqa: A002  # click names it after the option
    policy: Path | None,
    objective: str | None,
    trace: bool,
    as_json: bool,
) -> None:
    """What goes with a cart of ITEMS; the last is the one just added."""
    recommender = load(store, policy)
    answer = recommender.answer(
        items,
        placement=placement,
        customer_id=customer,
        k=k,
        filter=filter,
        objective=objective,
        trace=trace,
    )
    click.echo(json.dumps(answer.as_json(), ensure_ascii=False, indent=1) if as_json else answer_text(answer))


@goeswith.command()
@click.argument("carts", type=click.Path(path_type=Path, allow_dash=True))
@store_option
@placement_option
@k_option
@filter_option
@policy_option
@objective_option
@click.option("--new-only", is_flag=True, help="Rank only items without an order.")
@click.option("--workers", type=click.IntRange(1, 64), default=usable_cores, help="Processes; by default one a core.")
@click.option("-o", "--output", type=click.Path(path_type=Path, allow_dash=True), required=True, help="File to write.")
def score(
    carts: Path,
    store: Path,
    placement: str,
    k: int,
    filter: str | None,  # noqa: A002  # click names it after the option
    policy: Path | None,
    objective: str | None,
    new_only: bool,
    workers: int,
    output: Path,
) -> None:
    """Answer many CARTS (JSON Lines) at once; `-` is standard input or output."""
    refuse_to_overwrite(carts, output)
    recommender, asked = load(store, policy), Asked(placement, k, new_only, filter, objective)
    count = 0
    with written_whole(output) as file:
        for scored in score_lines(recommender, lines_of(carts), place_of(carts, "input"), asked, workers):
            file.write(scored.text)
            count += scored.carts
    click.echo(f"{count:,} carts answered: {place_of(output, 'output')}", err=True)


@goeswith.group()
def models() -> None:
    """Life of a model: list, show, diff, approve, reject, promote, rollback, prune."""


@models.command("list")
@store_option
@json_option
def list_models(store: Path, as_json: bool) -> None:
    """All versions, the newest first; `*` marks the one that serves."""
    versions = Store(store).versions()
    if as_json:
        click.echo(json.dumps([_fields(version) for version in versions], indent=1))
        return
    rows = [
        ["*" if v.current else "", v.model_id, f"{v.created_at:%Y-%m-%d %H:%M} UTC", v.name, v.problem or ""]
        for v in versions
    ]
    click.echo(table(["", "model", "made", "version", "problem"], rows) if rows else f"{store}: no version yet")


@models.command()
@click.argument("version", required=False)
@store_option
@json_option
def show(version: str | None, store: Path, as_json: bool) -> None:
    """What VERSION is (name, model id or a unique beginning), else the one that serves; with --json its manifest."""
    shelf = Store(store)
    found = shelf.find(version) if version else shelf.current()
    manifest = found.manifest()
    click.echo(manifest.dumps().rstrip() if as_json else manifest_text(found, manifest))


@models.command()
@click.argument("before")
@click.argument("after", required=False)
@store_option
@click.option("-k", "most", type=click.IntRange(0), help="Rules and bundles of each kind.  [default: 10; --json: all]")
@json_option
def diff(before: str, after: str | None, store: Path, most: int | None, as_json: bool) -> None:
    """What is new, lost or changed from version BEFORE to AFTER, else to the one that serves."""
    shelf = Store(store)
    first, _ = shelf.load(shelf.find(before))
    second, _ = shelf.load(shelf.find(after) if after else None)
    found = difference(first, second)
    if as_json:
        click.echo(json.dumps(found.as_json(most), ensure_ascii=False, indent=1))
    else:
        click.echo(difference_text(found, _LISTED if most is None else most))


@models.command()
@click.argument("ids", nargs=-1, required=True)
@store_option
def approve(ids: tuple[str, ...], store: Path) -> None:
    """Approve rules and bundles by IDS; undoes a rejection."""
    decide(Store(store), ids, APPROVED, datetime.now(UTC))
    click.echo(f"approved: {', '.join(dict.fromkeys(ids))}")


@models.command()
@click.argument("ids", nargs=-1, required=True)
@store_option
def reject(ids: tuple[str, ...], store: Path) -> None:
    """Reject rules and bundles by IDS, for this and every later model."""
    decide(Store(store), ids, REJECTED, datetime.now(UTC))
    click.echo(f"rejected: {', '.join(dict.fromkeys(ids))}")


@models.command()
@store_option
@json_option
def reviews(store: Path, as_json: bool) -> None:
    """What was approved and rejected, the latest first."""
    found = read_reviews(store)
    if as_json:
        decisions = [one.as_json() for one in found.latest_first()]
        click.echo(json.dumps(decisions, ensure_ascii=False, indent=1))
    else:
        click.echo(reviews_text(found))


@models.command()
@click.argument("version")
@store_option
def promote(version: str, store: Path) -> None:
    """Let VERSION serve."""
    click.echo(f"{Store(store).promote(version).name} serves")


@models.command()
@store_option
def rollback(store: Path) -> None:
    """Let the version that served before serve again."""
    click.echo(f"{Store(store).rollback().name} serves")


@models.command()
@click.option("--keep", type=click.IntRange(1, 1000), default=5, show_default=True, help="Versions to keep.")
@store_option
def prune(keep: int, store: Path) -> None:
    """Delete the oldest versions, never the one that serves."""
    for version in Store(store).prune(keep):
        click.echo(f"deleted {version.name}")


@goeswith.group("policy")
def policy_group() -> None:
    """What the merchant decides: check."""


@policy_group.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@store_option
def check_policy(file: Path, store: Path) -> None:
    """What is wrong with the policy FILE; beside the version that serves also what it names in vain or contradicts."""
    policy = read_policy(file)
    told = list[str]()
    if serving(store) is None:
        click.echo(f"{store}: no version serves, so the policy was not held against a catalogue", err=True)
    else:
        model, customers = Store(store).load()
        told = Recommender(model, customers, policy=policy).remarks()
    for remark in told:
        click.echo(remark)
    rules = len(policy.rules) + len(policy.never_together) + len(policy.caps)
    numbers = {"rules": rules, "offers": len(policy.offers), "placements": len(policy.placements), "remarks": len(told)}
    counts = (f"{number:,} {name if number != 1 else name[:-1]}" for name, number in numbers.items())
    click.echo(f"policy {policy.policy_id}: {', '.join(counts)}")


def main(arguments: list[str] | None = None) -> None:
    """Run the command; errors become one line on standard error and their exit code, a closed pipe exits 1 quietly."""
    _write_any_text()
    try:
        goeswith.main(arguments, prog_name="goeswith", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        sys.exit(130)
    except GoeswithError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    except ModuleNotFoundError as error:
        click.echo(f"error: {_missing(error)}", err=True)
        sys.exit(UsageError.exit_code)
    except OSError as error:
        _drop_output()
        click.echo(f"error: the system refuses: {error}; give it room or permission and try again", err=True)
        sys.exit(GoeswithError.exit_code)


def _write_any_text() -> None:
    """An id that the terminal's encoding lacks, or that is no text, must not stop an answer."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    """What could not be written must not be tried again when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _doors() -> list[EntryPoint]:
    return list(entry_points(group="goeswith.commands"))


def _opened(door: EntryPoint) -> click.Command:
    try:
        return door.load()
    except ModuleNotFoundError as error:
        return _closed(door, _missing(error))


def _closed(door: EntryPoint, why: UsageError) -> click.Command:
    def refuse() -> None:
        raise why

    lenient = {"ignore_unknown_options": True, "allow_extra_args": True}
    return click.Command(door.name, callback=refuse, help=f"(not installed: {why})", context_settings=lenient)


def _missing(error: ModuleNotFoundError) -> UsageError:
    return UsageError(
        f"the Python package {error.name} is not installed;"
        " pip install 'goeswith[train]' to train, 'goeswith[serve]' to serve"
    )


def _fields(version: Version) -> dict[str, Any]:
    return {
        "name": version.name,
        "model_id": version.model_id,
        "created_at": version.created_at.isoformat(),
        "current": version.current,
        "problem": version.problem,
    }
