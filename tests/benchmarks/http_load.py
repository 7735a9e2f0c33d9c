"""Requests a second of a cart over loopback, beside an endpoint of the same app that only reads and writes.

    python tests/benchmarks/http_load.py models/demo/store --workers 2 --clients 4 --seconds 5 --rounds 5

Carts of eight items of the model's bestsellers, ten suggestions each, over connections that stay open. The peer is a
route that is added to the same app in the same server: it has the same hooks (access, request id, metrics, a line in
the log), reads the same body by the same schema, and returns the same bytes, looked up by the cart. What it costs is
what HTTP costs; the rest is the engine's. Both are asked in turns; told are the medians of the rounds and the ratio.
`/healthz` is beside them: an answer without a body. Client and server share the machine.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from running import Running, environment, ready_url

PEER, CART, NOTHING = "/v1/peer", "/v1/suggestions", "/healthz"
CARTS = 500
_HEADER_END = b"\r\n\r\n"

Answers = Mapping[tuple[str, ...], bytes]


def carts(store: str) -> list[list[str]]:
    """Carts of eight of the model's hundred bestsellers."""
    from recommender import load

    items = [suggestion.item_id for suggestion in load(store).suggest([], k=100)]
    draw = random.Random(0)
    return [draw.sample(items, min(8, len(items))) for _ in range(CARTS)]


def add_peer(answers: Answers) -> None:
    """The peer's route, among those of the app that is made next."""
    from flask import Response

    from service.routes import route
    from service.schemas import SuggestionsRequest
    from service.suggestions import api

    def peer(body: SuggestionsRequest) -> Response:
        """The same bytes without an engine."""
        items = tuple(entry if isinstance(entry, str) else entry.item_id for entry in body.items)
        response = Response(answers[items], content_type="application/json")
        response.headers["Cache-Control"] = "no-store"
        return response

    peer.__annotations__ = {"body": SuggestionsRequest, "return": Response}  # looked up where they are not known
    route(api, "POST", PEER, "The same bytes without an engine", {}, keyed=True)(peer)


def serve(store: str, workers: int, threads: int, answers: Path) -> None:
    """The service with the peer beside it; never returns."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = os.devnull  # looked for at the first import; `start` names the folder
    from recommender.hashes import HashedAhead
    from service.config import ServiceConfig
    from service.server import ServerConfig, start

    add_peer({tuple(cart): answer.encode() for cart, answer in json.loads(answers.read_text())})
    with HashedAhead(Path(store)) as hashes:
        start(ServiceConfig(Path(store)), ServerConfig("127.0.0.1", 0, workers, threads), hashes)


def answers_of(store: str, carts: Sequence[list[str]]) -> list[tuple[list[str], str]]:
    """What the service answers to each cart, byte for byte but for the id of the request."""
    from service.app import create_app
    from service.config import ServiceConfig

    client = create_app(ServiceConfig(Path(store))).test_client()
    return [(cart, client.post(CART, json={"items": cart}).text) for cart in carts]


@contextmanager
def serving(store: str, workers: int, threads: int, carts: Sequence[list[str]]) -> Iterator[Running]:
    """That service in a process of its own."""
    command = [sys.executable, __file__, store, "--workers", str(workers), "--threads", str(threads), "--serve"]
    with TemporaryDirectory() as folder:
        log, answers = Path(folder) / "log", Path(folder) / "answers.json"
        answers.write_text(json.dumps(answers_of(store, carts)))
        command.append(str(answers))
        with log.open("w") as stderr:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment())
        try:
            service = Running(process, "", log)
            yield Running(process, ready_url(service), log)
        finally:
            process.terminate()
            process.wait(20)


def ask(port: int, requests: Sequence[bytes], until: float) -> list[float]:
    """Seconds of each answer over one connection; a plain socket, so that the client costs little."""
    times: list[float] = []
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while time.time() < until:
            started = time.perf_counter()
            connection.sendall(requests[len(times) % len(requests)])
            received = connection.recv(65536)
            assert received.startswith(b"HTTP/1.1 200"), received[:200]
            while _missing(received):
                received += connection.recv(65536)
            times.append(time.perf_counter() - started)
    return times


def _missing(received: bytes) -> bool:
    end = received.find(_HEADER_END)
    if end < 0:
        return True
    head = received[:end].lower()
    place = head.index(b"content-length:") + len(b"content-length:")
    return len(received) < end + len(_HEADER_END) + int(head[place:].split(b"\r\n", 1)[0])


def requests_of(bodies: Sequence[bytes], path: str) -> list[bytes]:
    if path == NOTHING:
        return [b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % path.encode()]
    head = "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n"
    return [head.format(path, len(body)).encode() + body for body in bodies]


def measure(port: int, bodies: Sequence[bytes], clients: int, seconds: float, path: str) -> list[float]:
    """Seconds of every answer, sorted."""
    requests, until = requests_of(bodies, path), time.time() + seconds
    with multiprocessing.Pool(clients) as pool:
        found = pool.starmap(ask, [(port, requests, until)] * clients)
    return sorted(seconds for times in found for seconds in times)


def told(path: str, rounds: Sequence[Sequence[float]], seconds: float) -> float:
    rate = statistics.median(len(times) / seconds for times in rounds)
    times = sorted(seconds for one in rounds for seconds in one)
    middle, late = statistics.median(times), times[int(0.99 * len(times))]
    print(f"{path:<16} {rate:>7,.0f} a second, median {1000 * middle:.2f} ms, p99 {1000 * late:.2f} ms")
    return rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", help="folder of the models")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.store, options.workers, options.threads, options.serve)
    asked = carts(options.store)
    bodies = [json.dumps({"items": cart}).encode() for cart in asked]
    paths: dict[str, list[Any]] = {NOTHING: [], PEER: [], CART: []}
    with serving(options.store, options.workers, options.threads, asked) as service:
        measure(service.port, bodies, options.clients, 0.5, CART)
        for _ in range(options.rounds):
            for path, rounds in paths.items():
                rounds.append(measure(service.port, bodies, options.clients, options.seconds, path))
    rates = {path: told(path, rounds, options.seconds) for path, rounds in paths.items()}
    ratios = [len(cart) / len(peer) for cart, peer in zip(paths[CART], paths[PEER], strict=True)]
    print(f"a cart: {rates[CART] / rates[PEER]:.2f} of the peer's requests ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
