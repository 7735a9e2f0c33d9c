"""What an estimator takes as baskets, as a matrix of ones and the ids of its columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from recommender.errors import UsageError


def basket_matrix(X: Any) -> tuple[sparse.csr_matrix, list[Any]]:
    """(baskets, items) of ones, and the id of every column.

    Parameters
    ----------
    X : a pandas frame, whose column names are the ids; a matrix, whose column numbers are; or one collection of ids a
        basket, where an item counts once and the ids are sorted.

    Raises
    ------
    UsageError
        For a cell that is neither 0 nor 1, and for a text in place of a list of ids.

    >>> matrix, ids = basket_matrix([["tea", "milk"], ["tea"]])
    >>> matrix.toarray().tolist(), ids
    ([[1, 1], [0, 1]], ['milk', 'tea'])
    """
    if isinstance(X, pd.DataFrame):
        return _binary(sparse.csr_matrix(X.to_numpy())), list(X.columns)
    if sparse.issparse(X) or (isinstance(X, np.ndarray) and X.ndim == 2 and X.dtype != object):
        matrix = _binary(sparse.csr_matrix(X))
        return matrix, list(range(matrix.shape[1]))
    return _from_lists(X)


def _binary(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    matrix = matrix.copy()
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    wrong = np.flatnonzero(matrix.data != 1)
    if len(wrong):
        raise UsageError(f"X holds {matrix.data[wrong[0]]!r}: every cell is 0 or 1; pass X > 0 for quantities")
    return matrix


def _from_lists(X: Iterable[Iterable[Any]]) -> tuple[sparse.csr_matrix, list[Any]]:
    baskets: Sequence[set[Any]] = [_different(basket, number) for number, basket in enumerate(X)]
    item_ids = _sorted(set(chain.from_iterable(baskets)))
    rows = {item: row for row, item in enumerate(item_ids)}
    offsets = np.concatenate(([0], np.cumsum([len(basket) for basket in baskets], dtype=np.int64)))
    items = np.fromiter((rows[item] for basket in baskets for item in sorted(basket)), np.int32, int(offsets[-1]))
    shape = (len(baskets), len(item_ids))
    return sparse.csr_matrix((np.ones(len(items), np.int32), items, offsets), shape=shape), item_ids


def _sorted(item_ids: set[Any]) -> list[Any]:
    try:
        return sorted(item_ids)
    except TypeError as error:
        raise UsageError(f"item ids of different types ({error}): give all of them as texts") from error


def _different(basket: Iterable[Any], number: int) -> set[Any]:
    if isinstance(basket, str | bytes):
        raise UsageError(f"basket {number} is the text {basket[:40]!r}: a basket is a list of item ids")
    return set(basket)
