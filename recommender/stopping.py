"""Signals that ask a command to end: it ends in order, leaves nothing half written, and says so in one line."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import FrameType
from typing import NoReturn

SIGNALLED = 128
ASKING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PATIENCE_SECONDS = 1.0
_AGAIN_SECONDS = 0.02
_SWALLOWING = frozenset({"__del__", "_remove", "cb", "_raw_object_cache_notify"})
"""Functions that others call where nothing that is raised gets out: finalizers, and the compiler's cache."""
_heard: list[tuple[int, float]] = []
_last: list[Callable[[], object]] = []


class Stopped(BaseException):
    """Raised wherever the command is when it is asked to end; whoever has begun something undoes it."""


def stop_in_order() -> None:
    """Raise `Stopped` at the first signal that asks; one that comes a second later ends the process at once.

    What the parent has decided to ignore (`nohup`, a shell's jobs in the background) stays ignored.
    """
    owner = os.getpid()

    def stop(number: int, frame: FrameType | None) -> None:
        if os.getpid() != owner or (_heard and time.monotonic() - _heard[0][1] > _PATIENCE_SECONDS):
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        elif _heard:
            return  # some supervisors ask twice in one breath
        elif any(one.f_code.co_name in _SWALLOWING for one in _outwards(frame)):
            signal.signal(signal.SIGALRM, lambda _, later: stop(number, later))
            signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)
        else:
            _heard.append((number, time.monotonic()))
            raise Stopped

    for number in ASKING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, stop)


def stopped_by() -> int | None:
    """The signal that was heard, if any was.

    >>> stopped_by() is None
    True
    """
    return _heard[0][0] if _heard else None


def at_end(act: Callable[[], object]) -> None:
    """Do it when the process ends, by a signal that asks or by itself."""
    atexit.register(act)
    _last.append(act)


def leave(number: int) -> NoReturn:
    """End with the exit code of a signal, whatever threads are at; only what was asked for by `at_end` is done."""
    for act in reversed(_last):
        act()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(SIGNALLED + number)


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back
