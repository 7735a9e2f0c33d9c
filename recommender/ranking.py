"""The third step of a cart: one order of preference over the candidates."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.candidates import Meetings

_PLACE_BITS = 32
_PLACE = (1 << _PLACE_BITS) - 1


def by_summed_cosine(found: Meetings) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Candidates by the sum of asymmetric cosines over the cart's items, best first, ties by row.

    Returns
    -------
    rows : int32 (candidates,), each once.  scores : float64 (candidates,), falling.

    Notes
    -----
    ``score(j) = sum over i in cart of c_ij / (n_i**e * n_j**(1 - e) + shrinkage)`` (Aiolli 2013); the
    division is done in training. The sum runs over ascending cart rows, so that the order
    of a cart cannot change a bit of it.
    """
    by_row = _stable(found.rows, np.arange(len(found.rows)))
    rows = found.rows[by_row]
    first = starts_of_runs(rows)
    scores = np.bincount(first.cumsum() - 1, found.scores[by_row]).astype(np.float64, copy=False)
    order = falling(scores)
    return rows[first][order], scores[order]


def falling(scores: NDArray[np.float64]) -> NDArray[np.intp]:
    """Places of float64 (candidates,) from the highest to the lowest, equal ones in their order.

    >>> falling(np.array([0.5, 2.0, 0.5])).tolist()
    [1, 0, 2]
    """
    order = np.argsort(-scores)
    return _stable(starts_of_runs(scores[order]).cumsum(), order)


def starts_of_runs(values: NDArray[Any]) -> NDArray[np.bool_]:
    """True where a value is not the one before it.

    >>> starts_of_runs(np.array([3, 3, 5, 3])).tolist()
    [True, False, True, True]
    """
    starts = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=starts[1:])
    return starts


def _stable(keys: NDArray[Any], places: NDArray[np.intp]) -> NDArray[np.intp]:
    """`places` by their `keys`, then by themselves; numpy's sort of plain numbers is many times its stable argsort."""
    packed = (keys.astype(np.int64) << _PLACE_BITS) | places
    packed.sort()
    return packed & _PLACE
