"""What a long job says while it runs: one line a stage on standard error, a bar where there is a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

Step = Callable[[int, int], None]


def unwatched(done: int, total: int) -> None:
    """The step of a job that nobody watches."""


class Progress:
    """Stages of one job, each with its time; `quiet` says nothing."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[Step]:
        """Time a stage; the step that it yields moves a bar: ``step(done, total)``."""
        started = time.perf_counter()
        with tqdm(total=1, desc=name, leave=False, file=sys.stderr, disable=self._without_bar, bar_format=_BAR) as bar:

            def step(done: int, total: int) -> None:
                bar.total, bar.n = total, done
                bar.refresh()

            yield step
        self.seconds[name] = time.perf_counter() - started
        self.say(f"{name:<28}{self.seconds[name]:6.1f} s")

    def say(self, text: str) -> None:
        """One line for people."""
        if not self.quiet:
            print(text, file=sys.stderr, flush=True)

    @property
    def _without_bar(self) -> bool:
        return self.quiet or not sys.stderr.isatty()


_BAR = "{desc:<28}{percentage:5.0f}% |{bar:30}| {remaining} left"
