"""The command `customers`."""

from __future__ import annotations

from pathlib import Path

import click

from training.commands import (
    catalog_option,
    checked_config,
    column_option,
    config_option,
    kept_in,
    orders_argument,
    quarantine_option,
    set_option,
)
from training.sources import refuse_to_overwrite

MOST_DAYS = 3650


@click.command()
@orders_argument
@catalog_option
@click.option(
    "--days", type=click.IntRange(1, MOST_DAYS), default=365, show_default=True, help="How far to look ahead."
)
@click.option(
    "--rank-by",
    type=click.Choice(["profit", "expected-value", "orders"]),
    help="What the rank follows.  [default: profit; orders without prices]",
)
@config_option
@set_option
@column_option
@quarantine_option
@click.option("--format", "file_format", help="csv, jsonl or parquet.  [default: by the file's suffix]")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="File to write.")
def customers(
    orders: str,
    catalog: str | None,
    days: int,
    rank_by: str | None,
    config: Path | None,
    settings: tuple[str, ...],
    columns: tuple[str, ...],
    quarantine: Path | None,
    file_format: str | None,
    output: Path,
) -> None:
    """Which customers of ORDERS are worth most, and whom to win back."""
    from training.customers.write import Wanted, write_customers  # noqa: PLC0415  # heavy, and --help needs none
    from training.progress import Progress  # noqa: PLC0415  # as above

    refuse_to_overwrite(output, "-o", orders, catalog)
    done = write_customers(
        orders,
        catalog,
        output,
        Wanted(days, rank_by, file_format),
        config=checked_config(config, settings, columns),
        progress=Progress(),
        quarantine=kept_in(quarantine, orders, catalog),
    )
    for line in done.told.lines():
        click.echo(line, err=True)
    click.echo(done.text())
