"""How long it takes to export every bought-together box of a shop of 70,000 items.

    python tests/benchmarks/exports.py [--store STORE] [--items 70000] [--target bought-together] [--workers N]

Without STORE a shop is made up: groups of eight items that are bought together, forty-five baskets a group, counted by
training's own code. Making it is not timed. Told are the time on the wall, from the opening of the model to the renamed
file, and the processor time of all processes, which other programs on the machine disturb less.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

GROUP, BASKETS_A_GROUP = 8, 45


def make_store(root: Path, items: int) -> None:
    """A made-up shop in which nearly every item has a box."""
    import numpy as np

    sys.path.insert(0, str(Path(__file__).parent.parent))
    from counted_shop import counted_model
    from made_up_shops import baskets_of

    from recommender.store import Store

    random = np.random.default_rng(0)
    groups = items // GROUP
    baskets = []
    for group in np.repeat(np.arange(groups), BASKETS_A_GROUP).tolist():
        inside = group * GROUP + random.choice(GROUP, int(random.integers(2, 6)), replace=False)
        baskets.append(sorted({*inside.tolist(), int(random.integers(items))}))
    order = random.permutation(len(baskets)).tolist()
    days = (np.arange(len(baskets)) / 1000).tolist()
    shop = baskets_of([baskets[place] for place in order], items=items, days=days)
    shop = replace(shop, item_ids=[f"item-{item:06}" for item in range(items)])
    Store(root).publish(counted_model(shop), None, promote=True, now=datetime(2026, 11, 21, 12, tzinfo=UTC))


def processor_seconds() -> float:
    """Of this process and of those that ended."""
    uses = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(use.ru_utime + use.ru_stime for use in uses)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--items", type=int, default=70_000)
    parser.add_argument("--target", default="bought-together")
    parser.add_argument("--workers", type=int)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = arguments.store or Path(folder) / "store"
        if arguments.store is None:
            make_store(store, arguments.items)
        from recommender.store import Store
        from training.exports.export import export

        items = Store(store).current().manifest().counts["items"]
        cores = arguments.workers or len(os.sched_getaffinity(0))
        started, worked = time.perf_counter(), processor_seconds()
        done = export(arguments.target, store, Path(folder) / "boxes.csv", workers=arguments.workers)
        seconds, processor = time.perf_counter() - started, processor_seconds() - worked
    print(f"{arguments.target}: {done.rows:,} rows of {items:,} items in {seconds:.1f} s by {cores} processes")
    print(f"processor {processor:.1f} s, {1e6 * processor / max(items, 1):,.0f} µs an item")


if __name__ == "__main__":
    main()
