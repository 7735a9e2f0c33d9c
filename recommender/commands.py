"""The core's own commands: `suggest`, `score`, `models` and `policy`."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from recommender import load
from recommender.batch import Asked, score_lines, told_of_not_used
from recommender.batch_files import lines_of, place_of, refuse_to_overwrite, written_whole
from recommender.command import goeswith, policy_option, store_option
from recommender.engine import MAX_K, Recommender
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
from recommender.terminal import answer_text, shortened, table

_LISTED = 10

placement_option = click.option(
    "--placement", default="cross-sell", show_default=True, help="Where it is shown: bought-together, cross-sell, …"
)
k_option = click.option(
    "-k", type=click.IntRange(1, MAX_K), default=10, show_default=True, help="Suggestions a cart, at most."
)
filter_option = click.option("--filter", help="Show only items that it is true of, as in 'price <= 50'.")
objective_option = click.option(
    "--objective",
    type=click.Choice(OBJECTIVES),
    help="What the order serves.  [default: the placement's own, else probability]",
)
json_option = click.option("--json", "as_json", is_flag=True, help="For machines.")


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
    known = recommender.customers
    if customer is not None and (known is None or known.row(customer) < 0):
        click.echo(f"customer not in the model: {shortened(customer, 40)}", err=as_json)


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
    count, not_used = 0, Counter[str]()
    with written_whole(output) as file:
        for scored in score_lines(recommender, lines_of(carts), place_of(carts, "input"), asked, workers):
            file.write(scored.text)
            count += scored.carts
            not_used.update(scored.not_used)
    for told in told_of_not_used(not_used):
        click.echo(f"{place_of(carts, 'input')}: {told}", err=True)
    click.echo(f"{count:,} {'carts' if count != 1 else 'cart'} answered: {place_of(output, 'output')}", err=True)


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


@models.command()
@click.argument("customer_id")
@click.option("--events", type=click.Path(path_type=Path), envvar="GOESWITH_EVENTS", help="Folder of the event log.")
@store_option
def erase(customer_id: str, events: Path | None, store: Path) -> None:
    """Take CUSTOMER_ID out of every version's histories and out of the event log."""
    found = Store(store).erase(customer_id, events)
    for version in found.versions:
        click.echo(f"erased from {version}")
    click.echo(f"erased {found.events:,} {'event' if found.events == 1 else 'events'}")
    click.echo("orders that still name the customer make the next model know them again", err=True)


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


def _fields(version: Version) -> dict[str, Any]:
    return {
        "name": version.name,
        "model_id": version.model_id,
        "created_at": version.created_at.isoformat(),
        "current": version.current,
        "problem": version.problem,
    }
