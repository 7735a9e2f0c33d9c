"""The value that so many reach: numpy's own partition takes the compiler half a minute, this one a blink."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled


@compiled
def kth_largest(values: NDArray[np.float32], k: int) -> np.float32:
    """The `k`-th largest of float32 (values,), none of them NaN, by quickselect (Hoare 1961).

    >>> float(kth_largest(np.array([3, 1, 2, 3], np.float32), 2)), float(kth_largest(np.array([5], np.float32), 1))
    (3.0, 5.0)
    """
    work = values.copy()
    wanted, low, high = len(work) - k, 0, len(work) - 1
    while low < high:
        pivot, left, right = work[(low + high) // 2], low, high
        while left <= right:
            while work[left] < pivot:
                left += 1
            while work[right] > pivot:
                right -= 1
            if left <= right:
                work[left], work[right] = work[right], work[left]
                left += 1
                right -= 1
        if wanted <= right:
            high = right
        elif wanted >= left:
            low = left
        else:
            break
    return work[wanted]
