"""Ranked lists: the twenty best items of a cart, by any method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from training.evaluation.questions import Questions

PLACES = 20
_CARTS_AT_ONCE = 256


@dataclass(frozen=True)
class Lists:
    """The best items of each cart.

    Attributes
    ----------
    rows : int32 (carts, PLACES), item rows, best first; -1 where a list is shorter.
    probabilities : float64 (carts, PLACES), NaN where none is given; None where the method gives none at all.
    """

    rows: NDArray[np.int32]
    probabilities: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Scored:
    """Scores of some carts.

    Attributes
    ----------
    values : csr (carts, items), where what is not stored is no candidate; or float32 (carts, columns).
    columns : int32 (columns,), item row of each column of a dense `values`.
    """

    values: sparse.csr_matrix | NDArray[np.float32]
    columns: NDArray[np.int32] | None = None

    def candidates(self, cart: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Item rows and scores of a cart's candidates."""
        if isinstance(self.values, sparse.csr_matrix):
            part = slice(self.values.indptr[cart], self.values.indptr[cart + 1])
            return self.values.indices[part], self.values.data[part]
        columns = np.arange(self.values.shape[1], dtype=np.int32) if self.columns is None else self.columns
        return columns, self.values[cart]


Score = Callable[[sparse.csr_matrix, NDArray[np.int32]], Scored]
"""Scores for carts, float32 (carts, items) of ones, and their customers, int32 (carts,), -1 unknown."""


def ranked(score: Score, questions: Questions, most_sold: NDArray[np.int32], items: int) -> Lists:
    """The best items of every cart by falling score, equal ones by sales; places left open go to the most sold.

    Carts are scored a block at a time, so that carts × items never stand in memory together.

    Parameters
    ----------
    most_sold : int32, items that were ever sold, most sold first; no other item is listed.
    items : how many there are, sold or not.
    """
    place_of = np.full(items, -1, np.int64)
    place_of[most_sold] = np.arange(len(most_sold))
    matrix = questions.matrix(items)
    rows = np.full((len(questions), PLACES), -1, np.int32)
    for start in range(0, len(questions), _CARTS_AT_ONCE):
        stop = min(start + _CARTS_AT_ONCE, len(questions))
        scored = score(matrix[start:stop], questions.customers[start:stop])
        for cart in range(start, stop):
            best = _best(*scored.candidates(cart - start), place_of, questions.cart(cart))
            rows[cart] = _filled(best, questions.cart(cart), most_sold)
    return Lists(rows)


def _best(
    rows: NDArray[np.int32], scores: NDArray[np.float32], place_of: NDArray[np.int64], cart: NDArray[np.int32]
) -> NDArray[np.int32]:
    needed = PLACES + len(cart)
    if len(rows) > needed:
        bar = np.partition(scores, len(scores) - needed)[len(scores) - needed]
        above = scores >= bar
        rows, scores = rows[above], scores[above]
    kept = ~np.isin(rows, cart) & (place_of[rows] >= 0)
    rows, scores = rows[kept], scores[kept]
    return rows[np.lexsort((place_of[rows], -scores))][:PLACES]


def _filled(best: NDArray[np.int32], cart: NDArray[np.int32], most_sold: NDArray[np.int32]) -> NDArray[np.int32]:
    full = np.full(PLACES, -1, np.int32)
    full[: len(best)] = best
    if len(best) < PLACES:
        others = most_sold[: PLACES + len(cart) + len(best)]
        others = others[~np.isin(others, cart) & ~np.isin(others, best)][: PLACES - len(best)]
        full[len(best) : len(best) + len(others)] = others
    return full
