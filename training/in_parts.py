"""Loops of machine code over ranges of items, on all cores of this process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from recommender.stopping import stopped_by

_LEAST_WORK = 400_000
_PARTS = 64

Found = TypeVar("Found")


def in_parts(work: NDArray[np.number], loop: Callable[[int, int], Found]) -> Iterator[tuple[Found, float]]:
    """``loop(first, last)`` over all items, in ranges of about equal work, in their order.

    Parameters
    ----------
    work : (items,), what each item costs, in steps of the loop; a little is done at once.
    loop : machine code that lets go of the interpreter.

    Yields
    ------
    What the loop gives for a range, and the share of the work that is done with it.

    >>> parts = in_parts(np.ones(4), lambda first, last: np.zeros((3, last - first), np.int32))
    >>> [(part.shape, done) for part, done in parts]
    [((3, 4), 1.0)]
    """
    done = np.cumsum(work, dtype=np.float64)
    total = float(done[-1]) if len(done) else 0.0
    parts = min(_PARTS, int(total // _LEAST_WORK) + 1)
    marks = np.searchsorted(done, total * np.arange(1, parts) / parts)
    bounds = np.unique(np.concatenate(([0], marks, [len(work)]))).tolist()
    ranges = list(pairwise(bounds))
    if len(ranges) < 2:
        for first, last in ranges:
            yield loop(first, last), 1.0
        return
    pool = ThreadPoolExecutor(len(os.sched_getaffinity(0)))
    try:
        results = [pool.submit(loop, first, last) for first, last in ranges]
        for (_, last), result in zip(ranges, results, strict=True):
            yield result.result(), float(done[last - 1]) / total
    finally:
        pool.shutdown(wait=stopped_by() is None, cancel_futures=True)
