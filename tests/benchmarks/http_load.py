"""Requests a second and their latency over loopback, against the same server with nothing to do.

    python tests/benchmarks/http_load.py models/demo/store --workers 2 --clients 8 --seconds 5

Carts of eight items of the model's bestsellers, ten suggestions each, over connections that stay open. `/healthz` on
the same server is the peer: what HTTP alone costs. Client and server share the machine.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import random
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from running import running

from recommender import load

Times = list[float]


def carts(store: str, number: int) -> list[bytes]:
    items = [suggestion.item_id for suggestion in load(store).suggest([], k=100)]
    draw = random.Random(0)
    return [json.dumps({"items": draw.sample(items, min(8, len(items)))}).encode() for _ in range(number)]


def ask(port: int, bodies: Sequence[bytes], until: float, path: str) -> Times:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    times: Times = []
    headers = {"Content-Type": "application/json"}
    while time.time() < until:
        body = bodies[len(times) % len(bodies)]
        started = time.perf_counter()
        if path == "/healthz":
            connection.request("GET", path)
        else:
            connection.request("POST", path, body, headers)
        reply = connection.getresponse()
        reply.read()
        times.append(time.perf_counter() - started)
        assert reply.status == 200, reply.status
    return times


def measure(port: int, bodies: Sequence[bytes], clients: int, seconds: float, path: str) -> float:
    until = time.time() + seconds
    with multiprocessing.Pool(clients) as pool:
        found = pool.starmap(ask, [(port, bodies, until, path)] * clients)
    times = sorted(seconds for times in found for seconds in times)
    rate = len(times) / seconds
    middle, late = statistics.median(times), times[int(0.99 * len(times))]
    print(f"{path:<16} {rate:>7.0f} a second, median {1000 * middle:.1f} ms, p99 {1000 * late:.1f} ms")
    return rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", help="folder of the models")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=5.0)
    arguments = parser.parse_args()
    bodies = carts(arguments.store, 500)
    options = ("--workers", str(arguments.workers), "--threads", str(arguments.threads))
    with running("--store", arguments.store, *options) as service:
        measure(service.port, bodies, arguments.clients, 0.5, "/v1/suggestions")
        rates = [
            measure(service.port, bodies, arguments.clients, arguments.seconds, path)
            for path in ("/healthz", "/v1/suggestions")
        ]
    print(f"a cart costs {rates[0] / rates[1]:.2f} times an empty answer")


if __name__ == "__main__":
    main()
