"""How long training takes and what it holds.

    python tests/benchmarks/training_time.py ORDERS... [--catalog C] [--column OURS=THEIRS] [--json FILE]
    python tests/benchmarks/training_time.py ORDERS --lines 1000000 3000000 10000000 30000000 [--items 50000]

Every file is trained on by `goeswith train` in a process of its own, in the order given. With `--lines` made-up orders
of so many lines each, like those of the file, are trained on in its place; `goeswith synth` makes them. Of several
sizes the exponent is told by which the time grows with the lines: the slope of a line through the logarithms, of the
seconds on the clock and of those of the processor, which other work on the machine disturbs less.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np

GOESWITH = str(Path(sys.executable).with_name("goeswith"))


def made(orders: str, folder: Path, lines: int, items: int, columns: list[str]) -> str:
    """A file of made-up orders like the given ones, with about as many orders for each line."""
    path = str(folder / f"{lines}.parquet")
    size = ["--lines", str(lines), "--items", str(items)]
    subprocess.run([GOESWITH, "synth", orders, *size, *columns, "-o", path], check=True, stdout=subprocess.DEVNULL)
    return path


def trained(orders: str, more: list[str]) -> dict[str, float]:
    """Lines, seconds, processor seconds and the most memory held, of one training."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        process = subprocess.Popen([GOESWITH, "train", orders, *more, "--store", folder], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    code = process.returncode = os.waitstatus_to_exitcode(status)
    if code:
        sys.exit(f"{orders}: training ended with exit code {code}")
    (lines,) = duckdb.sql(f"SELECT count(*) FROM '{orders}'").fetchall()[0]
    processor = usage.ru_utime + usage.ru_stime
    return {"lines": lines, "seconds": seconds, "processor": processor, "peak_mb": usage.ru_maxrss / 1024}


def exponent(runs: list[dict[str, float]], of: str = "seconds") -> float:
    """The slope of log seconds over log lines.

    >>> round(exponent([{"lines": 10, "seconds": 1}, {"lines": 1000, "seconds": 100}]), 3)
    1.0
    """
    lines, seconds = (np.log([run[name] for run in runs]) for name in ("lines", of))
    return float(np.polyfit(lines, seconds, 1)[0])


def files(asked: argparse.Namespace, folder: Path, columns: list[str]) -> Iterator[str]:
    """The files to train on, each made when its turn comes and deleted after it."""
    if not asked.lines:
        yield from asked.orders
    for lines in asked.lines:
        path = made(asked.orders[0], folder, lines, asked.items, columns)
        yield path
        Path(path).unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("orders", nargs="+")
    parser.add_argument("--catalog", help="Catalogue of all the files.")
    parser.add_argument("--column", action="append", default=[], metavar="OURS=THEIRS", help="As for goeswith train.")
    parser.add_argument("--lines", type=int, nargs="+", default=[], help="Lines of made-up orders like the file's.")
    parser.add_argument("--items", type=int, default=50_000, help="Items of made-up orders.")
    parser.add_argument("--json", type=Path, help="File to write the figures to.")
    asked = parser.parse_args()
    columns = [word for column in asked.column for word in ("--column", column)]
    more = ([] if asked.lines else columns) + (["--catalog", asked.catalog] if asked.catalog else [])
    print(f"{'lines':>12}{'seconds':>10}{'processor s':>14}{'peak MB':>10}", flush=True)
    runs = []
    with tempfile.TemporaryDirectory() as folder:
        for orders in files(asked, Path(folder), columns):
            run = trained(orders, more)
            runs.append(run)
            times = f"{run['seconds']:>10.1f}{run['processor']:>14.1f}"
            print(f"{run['lines']:>12,}{times}{run['peak_mb']:>10,.0f}", flush=True)
    told: dict[str, object] = {"runs": runs}
    if len({run["lines"] for run in runs}) > 1:
        clock, processor = exponent(runs), exponent(runs, "processor")
        told |= {"exponent": clock, "processor_exponent": processor}
        print(f"time grows with the lines to the power of {clock:.2f}, that of the processor of {processor:.2f}")
    if asked.json:
        asked.json.parent.mkdir(exist_ok=True)
        asked.json.write_text(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
