"""The third step of a cart: one order of preference over the candidates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.candidates import Meetings


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
    rows, inverse = np.unique(found.rows, return_inverse=True)
    scores = np.bincount(inverse, found.scores, len(rows)).astype(np.float64, copy=False)
    order = np.lexsort((rows, -scores))
    return rows[order], scores[order]
