"""The rows of a target in their order, made by as many processes as there are cores; they share the mapped model."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import resource_tracker
from pathlib import Path

from recommender.errors import StoreError
from training.exports.cells import Row
from training.exports.remarks import Remarks
from training.exports.source import Options, Source, open_source
from training.exports.targets import find_target
from training.progress import Step

CHUNK = 500
ALONE_BELOW = 4_000
MOST_WORKERS = 8
_AHEAD = 8
_SPAWN = multiprocessing.get_context("spawn")
_opened: list[Source] = []


@dataclass(frozen=True)
class Job:
    """What every process needs to know: the version to open, and what to take from it.

    Attributes
    ----------
    reviewed : without what people rejected.
    """

    store: Path
    version: str
    target: str
    options: Options
    reviewed: bool = True

    def open(self) -> Source:
        """The version as the target needs it; raises what `open_source` does."""
        target = find_target(self.target)
        return open_source(
            self.store,
            self.version,
            self.options,
            target.id_problem,
            reviewed=self.reviewed,
            of_customers=target.of_customers,
        )


def rows_of(job: Job, source: Source, step: Step, workers: int | None = None) -> Iterator[Row]:
    """Every row of a target, in the same order whatever number of processes makes them.

    Parameters
    ----------
    source : the version opened in this process; what was left out is added to its `told`.
    workers : processes; by default one a core, and this one alone for a small shop.

    Raises ``StoreError`` where a process dies.
    """
    target = find_target(job.target)
    units = target.units(source)
    chunks = [(first, min(first + CHUNK, units)) for first in range(0, units, CHUNK)]
    number = min(workers or _cores(), len(chunks)) if units >= ALONE_BELOW or workers else 1
    if number <= 1:
        for first, end in chunks:
            yield from target.rows(source, first, end)
            step(end, units)
        return
    try:
        for (_, end), (rows, told) in zip(chunks, _parts(job, chunks, number), strict=True):
            source.told.take(told)
            yield from rows
            step(end, units)
    except BrokenProcessPool as error:
        raise StoreError(
            "a process that made rows died, perhaps for want of memory; free some and try again"
        ) from error


def _parts(job: Job, chunks: list[tuple[int, int]], workers: int) -> Iterator[tuple[list[Row], Remarks]]:
    """The chunks' rows in order; a few are made ahead, so that a slow disk does not fill the memory."""
    pool = _begun(job, workers)
    waiting: deque[Future[tuple[list[Row], Remarks]]] = deque()
    try:
        for first, end in chunks:
            waiting.append(pool.submit(_chunk, job.target, first, end))
            if len(waiting) > _AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BaseException:
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _begun(job: Job, workers: int) -> ProcessPoolExecutor:
    """Processes that are deaf to what a terminal sends to all: this one is asked, and ends them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGHUP,))
    try:
        resource_tracker.ensure_running()  # another process of it, which lets SIGINT through again when it begins
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
        pool = ProcessPoolExecutor(workers, mp_context=_SPAWN, initializer=_open, initargs=(job,))
        pool.submit(int)
        return pool
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _open(job: Job) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _opened[:] = [job.open()]


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _chunk(name: str, first: int, end: int) -> tuple[list[Row], Remarks]:
    source = _opened[0].with_blank_remarks()
    return list(find_target(name).rows(source, first, end)), source.told


def _cores() -> int:
    return min(MOST_WORKERS, len(os.sched_getaffinity(0)))
