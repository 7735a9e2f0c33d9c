"""How long the engine takes for one cart on one core, in milliseconds.

    python tests/benchmarks/engine.py STORE [CARTS.jsonl] [--items 8] [--answers 5000] [--placement cross-sell]
        [--stranger] [--json]

A cart is the first different items of a line of CARTS that the model knows, and its customer; without CARTS it begins
with two items that often met, of one customer after the other, or of a stranger with --stranger. Carts with fewer items
are topped up from the bestsellers. A first round that is not timed warms up. Told are
the time on the wall and the processor's own, which other programs on the machine disturb less.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recommender.engine import Recommender

WARM_UP = 500
DRAWN = 2000


Cart = tuple[list[str], str | None]


def carts_of(recommender: Recommender, path: Path | None, items: int, stranger: bool) -> list[Cart]:
    """Carts of `items` item ids each, and whose they are."""
    catalog = recommender.catalog
    best = [catalog.item_ids[row] for row in recommender.model.bestsellers.items.tolist()]
    known = recommender.customers.customer_ids if recommender.customers else []
    begun = _popular_pairs(recommender) if path is None else _known_items(recommender, path)
    everybody = cycle(list(islice(known, DRAWN)) or [None])
    return [
        (list(islice(dict.fromkeys([*cart, *best]), items)), None if stranger else customer or next(everybody))
        for cart, customer in begun
    ]


def seconds_of(recommender: Recommender, carts: Iterable[Cart], placement: str) -> Iterator[tuple[float, float]]:
    """Seconds of each answer on the wall and on the processor."""
    for cart, customer in carts:
        started, worked = time.perf_counter(), time.thread_time()
        recommender.answer(cart, placement=placement, customer_id=customer, k=10)
        yield time.perf_counter() - started, time.thread_time() - worked


def _known_items(recommender: Recommender, path: Path) -> Iterator[Cart]:
    from recommender.batch import read_carts

    with path.open("rb") as lines:
        for cart in read_carts(lines, str(path)):
            ids = (item if isinstance(item, str) else item[0] for item in cart.items)
            yield [item_id for item_id in ids if recommender.catalog.row(item_id) >= 0], cart.customer_id


def _popular_pairs(recommender: Recommender) -> Iterator[Cart]:
    import numpy as np

    pairs, ids = recommender.model.pairs, recommender.catalog.item_ids
    rows = np.repeat(np.arange(len(ids)), np.diff(pairs.offsets))
    for place in np.argsort(-pairs.counts, kind="stable")[:DRAWN].tolist():
        yield [ids[int(rows[place])], ids[int(pairs.items[place])]], None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path)
    parser.add_argument("carts", type=Path, nargs="?")
    parser.add_argument("--items", type=int, default=8)
    parser.add_argument("--answers", type=int, default=5000)
    parser.add_argument("--placement", default="cross-sell")
    parser.add_argument("--stranger", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})  # numpy starts a thread a core when it is imported
    import numpy as np

    from recommender import load

    os.sched_setaffinity(0, cores)
    recommender = load(options.store)
    carts = carts_of(recommender, options.carts, options.items, options.stranger)
    for _ in seconds_of(recommender, islice(cycle(carts), WARM_UP), options.placement):
        pass
    taken = list(seconds_of(recommender, islice(cycle(carts), options.answers), options.placement))
    at = np.percentile(taken, [50, 90, 99], axis=0).T * 1000
    figures: dict[str, Any] = {"items": len(recommender.catalog), "cart_items": options.items, "answers": len(taken)}
    figures["known_customers"] = sum(customer is not None for _, customer in carts) / max(len(carts), 1)
    for clock, (p50, p90, p99) in zip(("wall", "processor"), at.round(3).tolist(), strict=True):
        figures[clock] = {"p50_ms": p50, "p90_ms": p90, "p99_ms": p99}
    if options.json:
        print(json.dumps(figures))
        return
    known = figures["known_customers"]
    print(f"{len(taken):,} answers to carts of {options.items} on {len(recommender.catalog):,} items, one core,")
    print(f"{known:.0%} of the carts of a known customer:")
    for clock in ("wall", "processor"):
        p50, p90, p99 = figures[clock].values()
        print(f"{clock:<9}  p50 {p50:.3f} ms, p90 {p90:.3f} ms, p99 {p99:.3f} ms")


if __name__ == "__main__":
    main()
