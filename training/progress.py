"""What a long job says while it runs: one line a stage on standard error, a bar where there is a terminal."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from tqdm import tqdm

from training.memory import forget_peak, peak_memory

Step = Callable[[int, int], None]


def unwatched(done: int, total: int) -> None:
    """The step of a job that nobody watches."""


@dataclass(frozen=True)
class Stage:
    """What a stage took.

    Attributes
    ----------
    seconds, processor : on the clock, and of all threads.
    peak : bytes that the process held at most meanwhile, 0 where it was not asked.
    handled : what went through it, such as ``1,296,327 lines``; empty where it was not told.
    """

    name: str
    seconds: float
    processor: float
    peak: int = 0
    handled: str = ""


class Progress:
    """Stages of one job, each with its time; `quiet` says nothing.

    With `profile` memory is asked too, and stages that would run side by side run in turn, so that what each took is
    its own.
    """

    def __init__(self, quiet: bool = False, profile: bool = False) -> None:
        self.quiet, self.profile = quiet, profile
        self.stages: list[Stage] = []
        self._handled = ""

    @contextmanager
    def stage(self, name: str) -> Iterator[Step]:
        """Time a stage; the step that it yields moves a bar: ``step(done, total)``."""
        started, processor = time.perf_counter(), time.process_time()
        if self.profile:
            forget_peak()
        with tqdm(total=1, desc=name, leave=False, file=sys.stderr, disable=self._without_bar, bar_format=_BAR) as bar:

            def step(done: int, total: int) -> None:
                bar.total, bar.n = total, done
                bar.refresh()

            yield step
        took = Stage(name, time.perf_counter() - started, time.process_time() - processor)
        if self.profile:
            took = replace(took, peak=peak_memory(), handled=self._handled)
            self._handled = ""
        self.stages.append(took)
        self.say(f"{name:<28}{took.seconds:6.1f} s")

    def handled(self, number: int, what: str) -> None:
        """What goes through the stage that runs, for the profile."""
        self._handled = f"{number:,} {what}"

    def say(self, text: str) -> None:
        """One line for people, written at once, so that stages side by side do not write into each other's."""
        if not self.quiet:
            sys.stderr.write(f"{text}\n")
            sys.stderr.flush()

    @property
    def _without_bar(self) -> bool:
        side_by_side = threading.current_thread() is not threading.main_thread()
        return self.quiet or side_by_side or not sys.stderr.isatty()


_BAR = "{desc:<28}{percentage:5.0f}% |{bar:30}| {remaining} left"
