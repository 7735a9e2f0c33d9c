"""The median of an item's prices, or costs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.ranker.compiled import compiled
from training.in_parts import in_parts

_DECIMALS = 6


def medians_of_items(items: NDArray[np.int32], values: NDArray[np.float64], rows: int) -> NDArray[np.float64]:
    """float64 (rows,): the median of each item's values, to six decimals, NaN for an item without one.

    Parameters
    ----------
    items : int32 (lines,), item rows.  values : float64 (lines,), NaN unknown.  rows : items.

    >>> medians_of_items(np.array([0, 2, 0, 0]), np.array([1.0, 5.0, 4.0, np.nan]), 3).tolist()
    [2.5, nan, 5.0]
    """
    known = ~np.isnan(values)
    chosen = int(known.sum())
    by_item = sparse.csr_matrix((values[known], items[known], [0, chosen]), shape=(1, rows)).tocsc()
    medians = np.full(rows, np.nan)

    def loop(first: int, last: int) -> None:
        _take(by_item.indptr, by_item.data, first, last, medians)

    for _ in in_parts(np.diff(by_item.indptr), loop):
        pass
    return np.round(medians, _DECIMALS)


@compiled
def _take(
    starts: NDArray[np.integer], values: NDArray[np.float64], first: int, last: int, medians: NDArray[np.float64]
) -> None:
    for item in range(first, last):
        number = starts[item + 1] - starts[item]
        if number:
            rising = np.sort(values[starts[item] : starts[item + 1]])
            medians[item] = (rising[(number - 1) // 2] + rising[number // 2]) / 2
