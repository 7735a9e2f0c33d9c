"""A batch in two halves, each on a thread of its own, so that no bit of what is learned depends on the machine."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def halves(batch: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The first and the second half, as far as there is something in them.

    >>> [half.tolist() for half in halves(np.arange(3))], len(halves(np.arange(1)))
    ([[0, 1], [2]], 1)
    """
    return [half for half in np.array_split(batch, 2) if len(half)]


def summed(parts: Iterable[list[NDArray[np.float32]]]) -> list[NDArray[np.float32]]:
    """Layer by layer the sum of what each part says, in their order.

    >>> [layer.tolist() for layer in summed([[np.ones(2), np.ones(1)], [np.ones(2), np.ones(1)]])]
    [[2.0, 2.0], [2.0]]
    """
    return [sum(of_parts[1:], of_parts[0]) for of_parts in zip(*parts, strict=True)]
