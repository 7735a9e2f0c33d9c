"""Publishes again and again, killed at another moment each time, and says what is left after each death.

Called by test_killed_publisher.py: ``publish_and_die.py KIND DEATHS STORE``. The publisher is forked and kills itself
with SIGKILL at its n-th step: KIND ``calls`` counts what it asks of the file system (Python's audit events), ``lines``
every line of the store's own code. Prints a JSON line a death: the step of how many, the seed of the model that it was
to publish, whether it died, the seed of the model that serves, and the customers that it knows.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tiny_shop import tiny_customers, tiny_manifest, tiny_model

from recommender.store import Store

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
FILE_EVENTS = frozenset(
    ["open", "fcntl.flock", "mmap.__new__"]
    + [f"os.{call}" for call in ("mkdir", "rename", "remove", "rmdir", "listdir", "scandir", "chmod", "truncate")]
)


def main(kind: str, deaths: int, root: Path) -> None:
    publish(root, 0)
    counted = root.with_name("counted")
    publish(counted, 0)
    steps = _steps_of(kind, counted)
    for number in range(deaths):
        step, seed = 1 + number * steps // deaths, number + 1
        died = _dies(kind, step, root, seed)
        model, customers = Store(root).load()
        left = {"serves": model.manifest.seed, "customers": len(customers or ())}
        print(json.dumps({"step": step, "of": steps, "seed": seed, "died": died, **left}), flush=True)


def publish(root: Path, seed: int) -> None:
    model = replace(tiny_model(), manifest=replace(tiny_manifest(), seed=seed))
    Store(root).publish(model, tiny_customers(), promote=True, now=NOON)


def _dies(kind: str, step: int, root: Path, seed: int) -> bool:
    child = os.fork()
    if child == 0:
        taken = count(1)
        _on_each_step(kind, lambda: next(taken) == step and os.kill(os.getpid(), signal.SIGKILL))
        publish(root, seed)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _steps_of(kind: str, root: Path) -> int:
    reader, writer = os.pipe()
    if os.fork() == 0:
        steps: list[None] = []
        _on_each_step(kind, lambda: steps.append(None))
        publish(root, 1)
        os.write(writer, str(len(steps)).encode())
        os._exit(0)
    os.wait()
    return int(os.read(reader, 20))


def _on_each_step(kind: str, act: Callable[[], object]) -> None:
    def trace(frame, event, _):
        if "recommender" not in frame.f_code.co_filename:
            return None
        if event == "line":
            act()
        return trace

    if kind == "lines":
        sys.settrace(trace)
    else:
        sys.addaudithook(lambda event, _: act() if event in FILE_EVENTS else None)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
