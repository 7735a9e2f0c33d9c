"""Work on the parts of a file by processes that share what this one has loaded; results come in the parts' order."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from recommender.errors import StoreError

Part = TypeVar("Part")
Result = TypeVar("Result")

_AHEAD = 4
_JOIN_SECONDS = 5.0
_CAN_FORK = "fork" in multiprocessing.get_all_start_methods()


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(work: Callable[[Part], Result], parts: Iterable[Part], workers: int) -> Iterator[Result]:
    """What `work` makes of each part, in the parts' order, whatever number of processes makes them.

    Parameters
    ----------
    work : may be anything, for the processes are copies of this one; what it loaded is shared, not copied. Its results
        and errors are sent.
    parts : a few are read ahead, never all.
    workers : processes at most; where one will do, or the system cannot copy a process, this one works alone.

    Raises what `work` raises, for the first part that it raises it for, and ``StoreError`` where a process dies.

    >>> list(in_order(len, ["a", "bcd", "ef"], 1))
    [1, 3, 2]
    """
    parts = iter(parts)
    begun = list(islice(parts, workers if _CAN_FORK else 1))
    if len(begun) <= 1:
        yield from map(work, begun)
        yield from map(work, parts)
        return
    crew = _Crew(work, len(begun))
    try:
        yield from crew.results(begun, parts)
    finally:
        crew.dismiss()


@dataclass(frozen=True)
class _Failed:
    error: Exception


class _Crew(Generic[Part, Result]):
    """Processes with one part each at a time: none is sent anything before it has answered, so that none is stuck."""

    def __init__(self, work: Callable[[Part], Result], number: int) -> None:
        fork = multiprocessing.get_context("fork")
        pipes = [fork.Pipe() for _ in range(number)]
        self._ours: list[Connection[Any, Any]] = [ours for ours, _ in pipes]
        ends = [end for pipe in pipes for end in pipe]
        self._processes = [
            fork.Process(target=_labour, args=(work, theirs, [end for end in ends if end is not theirs]), daemon=True)
            for _, theirs in pipes
        ]
        for process in self._processes:
            process.start()
        for _, theirs in pipes:
            theirs.close()

    def results(self, begun: list[Part], more: Iterator[Part]) -> Iterator[Result]:
        places = dict(zip(self._ours, range(len(begun)), strict=True))
        for ours, part in zip(self._ours, begun, strict=True):
            self._send(ours, part)
        idle: list[Connection[Any, Any]] = []
        done: dict[int, Any] = {}
        sent, told = len(begun), 0
        while places or done:
            for ready in wait(list(places)) if told not in done else ():
                assert isinstance(ready, Connection)
                done[places.pop(ready)] = self._receive(ready)
                idle.append(ready)
            while idle and sent - told < _AHEAD * len(self._ours) and (part := next(more, None)) is not None:
                places[idle[-1]], sent = sent, sent + 1
                self._send(idle.pop(), part)
            if told in done:
                result, told = done.pop(told), told + 1
                if isinstance(result, _Failed):
                    raise result.error
                yield result

    def dismiss(self) -> None:
        """End all of them, whatever they are at."""
        for process, ours in zip(self._processes, self._ours, strict=True):
            process.terminate()
            ours.close()
        for process in self._processes:
            process.join(_JOIN_SECONDS)

    def _send(self, ours: Connection[Any, Any], part: Part) -> None:
        try:
            ours.send(part)
        except OSError as error:
            raise self._died(ours) from error

    def _receive(self, ours: Connection[Any, Any]) -> Any:
        try:
            return ours.recv()
        except (EOFError, OSError) as error:
            raise self._died(ours) from error

    def _died(self, ours: Connection[Any, Any]) -> StoreError:
        process = self._processes[self._ours.index(ours)]
        process.join(_JOIN_SECONDS)
        return StoreError(
            f"a process of {len(self._processes)} died (exit code {process.exitcode}), perhaps for want of memory; "
            "free some, or take fewer processes, and try again"
        )


def _labour(work: Callable[[Any], Any], theirs: Connection[Any, Any], others: list[Connection[Any, Any]]) -> None:
    """Work until there is no more to do, or nobody to do it for."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the process that started this one is asked, and ends it
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for end in others:
        end.close()  # or the death of a process would go unnoticed
    gc.freeze()
    try:
        while True:
            theirs.send(_tried(work, theirs.recv()))
    except (EOFError, OSError):
        return


def _tried(work: Callable[[Any], Any], part: Any) -> Any:
    try:
        return work(part)
    except Exception as error:  # noqa: BLE001  # it is raised where the results are taken
        return _Failed(error)
