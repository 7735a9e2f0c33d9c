"""The command `synth`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("orders", type=str, required=False)
@click.option("--like", metavar="SHOP", help="A described shop in place of ORDERS: groceries.")
@click.option("--lines", type=int, help="Lines to write, exactly; this or --orders.")
@click.option("--orders", "number", type=int, help="Orders to write, exactly.")
@click.option("--items", type=int, help="Different items that may be bought.  [default: those of ORDERS]")
@click.option("--customers", type=int, help="Customers.  [default: as many orders each as in ORDERS]")
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed gives other orders.")
@click.option("--column", "columns", multiple=True, metavar="OURS=THEIRS", help="Name of a column in the file.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="File to write: .parquet")
def synth(
    orders: str | None,
    like: str | None,
    lines: int | None,
    number: int | None,
    items: int | None,
    customers: int | None,
    seed: int,
    columns: tuple[str, ...],
    output: Path,
) -> None:
    """Made-up orders of any size that are like ORDERS, for load tests and for people without data."""
    from training.config import load_config  # noqa: PLC0415  # its libraries are heavy, --help needs none
    from training.progress import Progress  # noqa: PLC0415  # as above
    from training.sources import refuse_to_overwrite  # noqa: PLC0415  # as above
    from training.synth.plan import Size  # noqa: PLC0415  # as above
    from training.synth.synth import synth as write  # noqa: PLC0415  # as above

    renamed = load_config(None, tuple(f"orders.columns.{column}" for column in columns)).orders.columns
    refuse_to_overwrite(output, "-o", orders)
    size = Size(lines, number, customers)
    done = write(orders, output, size, like=like, items=items, seed=seed, columns=renamed, progress=Progress())
    click.echo(done.text())
