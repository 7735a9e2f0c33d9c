"""The command `export`."""

from __future__ import annotations

from pathlib import Path

import click

from recommender.command import store_option
from recommender.engine import MAX_K


@click.command()
@click.argument("target")
@store_option
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="File, or folder, to write.")
@click.option("--format", "file_format", help="csv, jsonl or parquet.  [default: by the file's suffix]")
@click.option("--placement", help="Whose suggestions the lists hold.  [default: the target's]")
@click.option("-k", type=click.IntRange(1, MAX_K), help="Items of a list, at most.  [default: the target's]")
def export(
    target: str,
    store: Path,
    output: Path,
    file_format: str | None,
    placement: str | None,
    k: int | None,
) -> None:
    """Bundles, lists and rules for other systems: TARGET says which."""
    from training.exports.export import export as write  # noqa: PLC0415  # its libraries are heavy, --help needs none
    from training.exports.source import Options  # noqa: PLC0415
    from training.progress import Progress  # noqa: PLC0415

    done = write(target, store, output, file_format=file_format, options=Options(placement, k), progress=Progress())
    for line in done.told.lines():
        click.echo(line, err=True)
    click.echo(done.text())
