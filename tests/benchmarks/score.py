"""Carts a second of `goeswith score`, as a night's job runs it.

    python tests/benchmarks/score.py models/demo/store carts.jsonl --workers 2 --times 10

The carts of the file, repeated, are scored by the command, in a process of its own, from file to file; then its first
line alone, which is the start: reading, checking and mapping the model. Told are the medians of the runs, the start
apart, beside one process alone.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

GOESWITH = str(Path(sys.executable).with_name("goeswith"))


def seconds(store: str, carts: Path, workers: int) -> float:
    """Seconds of one run, start included."""
    answers = carts.with_suffix(".answers")
    started = time.perf_counter()
    command = [GOESWITH, "score", str(carts), "--store", store, "--workers", str(workers), "-o", str(answers)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    took = time.perf_counter() - started
    with carts.open("rb") as asked, answers.open("rb") as answered:
        assert sum(1 for _ in asked) == sum(1 for _ in answered)
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", help="folder of the models")
    parser.add_argument("carts", type=Path, help="JSON Lines file of carts, or a folder with carts.jsonl")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--times", type=int, default=1, help="how often the file's carts are repeated")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    carts = options.carts / "carts.jsonl" if options.carts.is_dir() else options.carts
    lines = carts.read_bytes().splitlines(keepends=True)
    with TemporaryDirectory() as folder:
        many, one = Path(folder) / "many", Path(folder) / "one"
        many.write_bytes(b"".join(lines * options.times))
        one.write_bytes(lines[0])
        start = statistics.median(seconds(options.store, one, 1) for _ in range(options.runs))
        number = len(lines) * options.times
        print(f"{number:,} carts; start {start:.2f} s, told apart")
        for workers in sorted({1, options.workers}):
            took = statistics.median(seconds(options.store, many, workers) for _ in range(options.runs))
            rate = number / max(took - start, 1e-9)
            print(f"{workers:>2} process{'es' if workers > 1 else '  '} {rate:>7,.0f} carts a second")


if __name__ == "__main__":
    main()
