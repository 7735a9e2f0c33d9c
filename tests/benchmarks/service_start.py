"""How long `goeswith serve` takes from its start to its first answer to a cart, and what one more worker costs.

    python tests/benchmarks/service_start.py models/demo/store

`tests/benchmarks/large_store.py` makes a store with a model of 200,000 items and 10 million neighbours to start with.
Prints the median and the worst of the starts, in seconds, to the line `ready` and to the first answer; the processor
time of a start and its end, which other work on the machine does not stretch; and the memory that each of two workers
has for itself (USS: private pages), in MB, after it answered carts of the model's bestsellers at every placement.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from running import Running, eventually, running

from recommender import load
from recommender.engine import PLACEMENTS

CARTS = 200


def start_seconds(store: str) -> tuple[float, float]:
    """Seconds to the line `ready`, and to the first answer."""
    started = time.perf_counter()
    with running("--store", store, "--workers", "2") as service:
        ready = time.perf_counter() - started
        assert service.ask("/v1/suggestions", {"items": []}).json["suggestions"]
        return ready, time.perf_counter() - started


def own_memory(pid: int) -> float:
    """Private pages of a process, MB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private")) / 1024


def answer_everywhere(service: Running, items: list[str]) -> None:
    for number in range(CARTS):
        for placement in PLACEMENTS:
            cart = items[number % len(items) :][:8]
            assert service.ask("/v1/suggestions", {"items": cart, "placement": placement}).status == 200


def worker_memory(store: str) -> list[float]:
    recommender = load(store)
    items = [suggestion.item_id for suggestion in recommender.suggest([], k=100)]
    with running("--store", store, "--workers", "2") as service:
        eventually(lambda: len(service.worker_pids()) == 2)
        answer_everywhere(service, items)
        return [own_memory(pid) for pid in service.worker_pids()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", help="folder of the models")
    parser.add_argument("--starts", type=int, default=5)
    arguments = parser.parse_args()
    starts = [start_seconds(arguments.store) for _ in range(arguments.starts)]
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = (usage.ru_utime + usage.ru_stime) / len(starts)
    for what, seconds in zip(("ready", "first answer"), zip(*starts, strict=True), strict=True):
        print(
            f"start to {what}: median {statistics.median(seconds):.2f} s, worst {max(seconds):.2f} s of {len(starts)}"
        )
    print(f"processor time of a start and its end: {processor:.2f} s")
    memory = worker_memory(arguments.store)
    print(f"own memory of each worker: {', '.join(f'{mb:.1f}' for mb in memory)} MB")


if __name__ == "__main__":
    main()
