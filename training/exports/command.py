"""The command `export`."""

from __future__ import annotations

from pathlib import Path

import click

from recommender.command import policy_option, store_option
from recommender.engine import MAX_K


@click.command()
@click.argument("target")
@store_option
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="File, or folder, to write.")
@click.option("--format", "file_format", help="csv, jsonl or parquet.  [default: by the file's suffix]")
@click.option("--placement", help="Whose suggestions the lists hold.  [default: the target's]")
@click.option("-k", type=click.IntRange(1, MAX_K), help="Items of a list, at most.  [default: the target's]")
@click.option("--id-column", metavar="COLUMN", help="Catalogue column with the system's own ids.")
@click.option("--since", metavar="MODEL", help="Only what changed against this version.")
@click.option("--locked", type=click.Path(path_type=Path), help="Relations that a person has curated (CSV, JSONL).")
@policy_option
@click.option("--currency", metavar="CODE", help="ISO 4217 code of the prices, as in EUR.")
def export(
    target: str,
    store: Path,
    output: Path,
    file_format: str | None,
    placement: str | None,
    k: int | None,
    id_column: str | None,
    since: str | None,
    locked: Path | None,
    policy: Path | None,
    currency: str | None,
) -> None:
    """Bundles, lists and rules for other systems: TARGET says which."""
    from training.exports.export import export as write  # noqa: PLC0415  # its libraries are heavy, --help needs none
    from training.exports.source import Options  # noqa: PLC0415  # as above
    from training.progress import Progress  # noqa: PLC0415  # as above

    options = Options(placement, k, id_column, locked, policy, currency)
    done = write(target, store, output, file_format=file_format, since=since, options=options, progress=Progress())
    for line in done.told.lines():
        click.echo(line, err=True)
    click.echo(done.text())
