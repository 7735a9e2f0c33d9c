"""Products of pairs of rows of a sparse matrix: what two items have in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.ranker.compiled import compiled
from training.in_parts import in_parts


def row_products(
    matrix: sparse.csr_matrix, left: NDArray[np.integer], right: NDArray[np.integer]
) -> NDArray[np.float32]:
    """float32 (pairs,): ``matrix[left] @ matrix[right]`` of each pair of rows, summed in the order of the columns.

    Quick where pairs of one left row follow each other.

    Parameters
    ----------
    matrix : float32, no column twice in a row; of ones, a product is the number of columns that both rows have.
    left, right : (pairs,), rows.

    >>> matrix = sparse.csr_matrix(np.array([[1, 0, 2], [3, 1, 4]], np.float32))
    >>> row_products(matrix, np.array([0, 1]), np.array([1, 1])).tolist()
    [11.0, 26.0]
    """
    products = np.zeros(len(left), np.float32)

    def loop(first: int, last: int) -> None:
        part = slice(first, last)
        _multiply(matrix.indptr, matrix.indices, matrix.data, matrix.shape[1], left[part], right[part], products[part])

    for _ in in_parts(np.diff(matrix.indptr)[right], loop):
        pass
    return products


@compiled
def _multiply(
    starts: NDArray[np.integer],
    columns: NDArray[np.integer],
    values: NDArray[np.float32],
    width: int,
    left: NDArray[np.integer],
    right: NDArray[np.integer],
    products: NDArray[np.float32],
) -> None:
    held = np.zeros(width, np.float32)
    for pair in range(len(left)):
        row, other = left[pair], right[pair]
        if pair == 0 or row != left[pair - 1]:
            if pair > 0:
                for entry in range(starts[left[pair - 1]], starts[left[pair - 1] + 1]):
                    held[columns[entry]] = 0
            for entry in range(starts[row], starts[row + 1]):
                held[columns[entry]] = values[entry]
        total = np.float32(0)
        for entry in range(starts[other], starts[other + 1]):
            total += held[columns[entry]] * values[entry]
        products[pair] = total
