"""Work that goes on beside other work, on another core."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Protocol, TypeVar

from recommender.stopping import stopped_by

Found = TypeVar("Found")


class Begin(Protocol):
    """Begins a task; its result can be waited for."""

    def __call__(self, task: Callable[[], Found], /) -> Future[Found]: ...


@contextmanager
def beside(*, in_turn: bool = False) -> Iterator[Begin]:
    """Tasks run one after the other on a thread of their own, or `in_turn`, at once, on this one.

    A task that has not begun when the context is left by an error never does; one that runs is waited for, unless the
    command is to end.

    >>> with beside() as begin:
    ...     begin(lambda: 6 * 7).result()
    42
    """
    if in_turn:
        yield _done
        return
    pool = ThreadPoolExecutor(1)
    try:
        yield pool.submit
    finally:
        pool.shutdown(wait=stopped_by() is None, cancel_futures=True)


def _done(task: Callable[[], Found], /) -> Future[Found]:
    future: Future[Found] = Future()
    future.set_result(task())
    return future
