"""The commands of this room: check, mine, train, evaluate, demo."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recommender.command import store_option
from recommender.errors import UsageError
from training.config import COLUMNS, Config, load_config
from training.progress import Progress
from training.sources import refuse_to_overwrite

if TYPE_CHECKING:
    from training.doctor.quarantine import Quarantine

orders_argument = click.argument("orders", type=str)
catalog_option = click.option("--catalog", type=str, help="Catalogue: CSV, Parquet or JSON Lines.")
config_option = click.option("--config", type=click.Path(path_type=Path), help="Configuration (TOML).")
set_option = click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Set one key of it.")
column_option = click.option(
    "--column", "columns", multiple=True, metavar="OURS=THEIRS", help="Name of a column in the file."
)
quarantine_option = click.option(
    "--quarantine",
    type=click.Path(path_type=Path),
    help="File for rejected lines and their reasons.  [default: beside the orders or, failing that, here]",
)


@click.command()
@orders_argument
@catalog_option
@config_option
@set_option
@column_option
@quarantine_option
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def check(
    orders: str,
    catalog: str | None,
    config: Path | None,
    settings: tuple[str, ...],
    columns: tuple[str, ...],
    quarantine: Path | None,
    as_json: bool,
) -> None:
    """The order-data doctor: what is in ORDERS, what is wrong, and what training will do about it."""
    from training import checking
    from training.doctor.text import report_text

    progress = Progress(quiet=as_json)
    checked, _, _ = checking.check(
        orders, catalog, checked_config(config, settings, columns), progress, kept_in(quarantine, orders, catalog)
    )
    if as_json:
        click.echo(json.dumps(checked.report.as_json(), ensure_ascii=False, indent=1))
    else:
        click.echo(report_text(checked.report, color=sys.stdout.isatty()))


@click.command()
@orders_argument
@catalog_option
@store_option
@config_option
@set_option
@column_option
@quarantine_option
@click.option(
    "--engine", type=click.Choice(["local"]), default="local", expose_value=False, help="What counts the pairs."
)
@click.option("--no-promote", is_flag=True, help="Publish the version, but let the current one serve on.")
@click.option("--profile", is_flag=True, help="Tell where time and memory went; stages run one after the other.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def train(
    orders: str,
    catalog: str | None,
    store: Path,
    config: Path | None,
    settings: tuple[str, ...],
    columns: tuple[str, ...],
    quarantine: Path | None,
    no_promote: bool,
    profile: bool,
    as_json: bool,
) -> None:
    """A new version from ORDERS, promoted if it passes the gate."""
    from recommender.store import Store
    from training import pipeline
    from training.profile import profile_text
    from training.summary import summary, summary_text

    progress = Progress(profile=profile)
    kept, shelf = kept_in(quarantine, orders, catalog), Store(store)
    shelf.refuse_unless_writable()
    trained = pipeline.run(orders, catalog, checked_config(config, settings, columns), progress, kept)
    version = pipeline.publish(trained, shelf, not no_promote, progress)
    told = json.dumps(summary(trained, version), ensure_ascii=False, indent=1) if as_json else ""
    click.echo(told or summary_text(trained, version))
    if profile:
        click.echo(f"\n{profile_text(progress.stages)}", err=as_json)


@click.command()
@orders_argument
@click.option("--min-count", type=click.IntRange(1), help="Baskets that an itemset is in at least.")
@click.option("--min-support", type=float, help="The same as a share of all baskets.")
@click.option("--max-len", type=click.IntRange(1), help="Items of the longest itemset.  [default: no limit]")
@click.option("--rules", is_flag=True, help="Association rules with every metric instead of itemsets.")
@click.option("--clean", is_flag=True, help="Run the order-data doctor first, as training does.")
@config_option
@set_option
@column_option
@quarantine_option
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help=".parquet, .csv or .jsonl")
def mine(
    orders: str,
    min_count: int | None,
    min_support: float | None,
    max_len: int | None,
    rules: bool,
    clean: bool,
    config: Path | None,
    settings: tuple[str, ...],
    columns: tuple[str, ...],
    quarantine: Path | None,
    output: Path,
) -> None:
    """Frequent itemsets of ORDERS exactly as they are, an item once an order."""
    from training import mine as mining

    refuse_to_overwrite(output, "-o", orders)
    mined = mining.mine(
        orders,
        output,
        min_count=min_count,
        min_support=min_support,
        max_len=max_len,
        rules=rules,
        clean=clean,
        config=checked_config(config, settings, columns),
        progress=Progress(),
        quarantine=kept_in(quarantine, orders, None),
    )
    click.echo(mined.text())


@click.command()
@orders_argument
@catalog_option
@config_option
@set_option
@column_option
@quarantine_option
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Folder of the report.")
def evaluate(
    orders: str,
    catalog: str | None,
    config: Path | None,
    settings: tuple[str, ...],
    columns: tuple[str, ...],
    quarantine: Path | None,
    output: Path,
) -> None:
    """Back-test on the last of ORDERS, beside tuned peers: report.md, report.json and plots."""
    from training.evaluation.report import report, summary

    evaluation = report(
        orders,
        catalog,
        output,
        checked_config(config, settings, columns),
        Progress(),
        command=shlex.join(["goeswith", *sys.argv[1:]]),
        quarantine=kept_in(quarantine, orders, catalog),
    )
    click.echo(summary(evaluation, output))


@click.command()
@click.option("--host", default="127.0.0.1", envvar="HOST", show_default=True, show_envvar=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, envvar="PORT", show_default=True, show_envvar=True)
def demo(host: str, port: int) -> None:
    """Train on a year of real baskets and serve them."""
    from training import demo as demonstration

    raise SystemExit(demonstration.run(host, port))


def kept_in(quarantine: Path | None, orders: str, catalog: str | None) -> Quarantine:
    from training.doctor.quarantine import beside_orders

    if quarantine is None:
        return beside_orders(orders)
    refuse_to_overwrite(quarantine, "--quarantine", orders, catalog)
    return quarantine


def checked_config(path: Path | None, settings: tuple[str, ...], columns: tuple[str, ...]) -> Config:
    return load_config(path, (*settings, *map(_mapped, columns)))


def _mapped(column: str) -> str:
    ours, equals, theirs = (part.strip() for part in column.partition("="))
    if not equals or not theirs or ours not in COLUMNS:
        known = ", ".join(COLUMNS)
        raise UsageError(
            f"--column {column!r}: expected OURS=THEIRS, as in --column order_id=InvoiceNo; ours are {known}"
        )
    return f"orders.columns.{ours}={json.dumps(theirs, ensure_ascii=False)}"


__all__ = ["check", "demo", "evaluate", "mine", "train"]
