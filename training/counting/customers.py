"""How many customers bought a pair of items in one basket."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.counting.kernel import count_given
from training.counting.lines import BasketLines
from training.in_parts import in_parts


def customers_of_pairs(
    lines: BasketLines, rows: NDArray[np.int32], columns: NDArray[np.int32], order_customers: NDArray[np.int32]
) -> NDArray[np.int32]:
    """int32 (pairs,): different customers that bought both items of each pair in one basket.

    Parameters
    ----------
    rows, columns : int32 (pairs,), different pairs sorted by row.
    order_customers : int32 (baskets,), -1 unknown; a basket without a customer counts as a customer of its own.

    >>> from scipy import sparse
    >>> lines = BasketLines.of(sparse.csr_matrix([[1, 1], [1, 1], [1, 1]]))
    >>> customers_of_pairs(lines, np.array([0]), np.array([1]), np.array([4, 4, -1])).tolist()
    [2]
    """
    unknown = order_customers < 0
    own = int(order_customers.max(initial=-1)) + np.cumsum(unknown)
    who = np.where(unknown, own, order_customers).astype(np.int32)
    order = np.argsort(who, kind="stable")
    sorted_lines, who = lines.in_order(order), who[order]
    items = len(lines.item_offsets) - 1
    starts = np.searchsorted(rows, np.arange(items + 1)).astype(np.int64)
    counts = np.zeros(len(rows), np.int32)
    work = np.where(np.diff(starts) > 0, lines.meetings(), 0)

    def loop(first: int, last: int) -> None:
        count_given(sorted_lines.walk, starts, columns.astype(np.int32), first, last, who, counts)

    for _ in in_parts(work, loop):
        pass
    return counts
