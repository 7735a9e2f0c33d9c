"""How long training takes and what it holds.

    python tests/benchmarks/training_time.py ORDERS... [--catalog C] [--json FILE]

Every file is trained on by `goeswith train` in a process of its own, in the order given. Of several files that differ
in size the exponent is told by which the time grows with the lines: the slope of a line through the logarithms.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np

GOESWITH = str(Path(sys.executable).with_name("goeswith"))


def trained(orders: str, catalog: str | None) -> dict[str, float]:
    """Lines, seconds, processor seconds and the most memory held, of one training."""
    with tempfile.TemporaryDirectory() as folder:
        more = [] if catalog is None else ["--catalog", catalog]
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


def exponent(runs: list[dict[str, float]]) -> float:
    """The slope of log seconds over log lines.

    >>> round(exponent([{"lines": 10, "seconds": 1}, {"lines": 1000, "seconds": 100}]), 3)
    1.0
    """
    lines, seconds = (np.log([run[name] for run in runs]) for name in ("lines", "seconds"))
    return float(np.polyfit(lines, seconds, 1)[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("orders", nargs="+")
    parser.add_argument("--catalog", help="Catalogue of all the files.")
    parser.add_argument("--json", type=Path, help="File to write the figures to.")
    asked = parser.parse_args()
    print(f"{'lines':>12}{'seconds':>10}{'processor s':>14}{'peak MB':>10}", flush=True)
    runs = []
    for orders in asked.orders:
        run = trained(orders, asked.catalog)
        runs.append(run)
        print(
            f"{run['lines']:>12,}{run['seconds']:>10.1f}{run['processor']:>14.1f}{run['peak_mb']:>10,.0f}", flush=True
        )
    told = {"runs": runs}
    if len({run["lines"] for run in runs}) > 1:
        told["exponent"] = exponent(runs)
        print(f"time grows with the lines to the power of {told['exponent']:.2f}")
    if asked.json:
        asked.json.parent.mkdir(exist_ok=True)
        asked.json.write_text(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
