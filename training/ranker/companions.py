"""Which categories are bought with which: what an item's place in the catalog says of it."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from recommender.catalog import Catalog
from recommender.model import Companions

_DOUBT = 10.0
_KEPT = 60


def companions(matrix: sparse.csr_matrix, catalog: Catalog) -> Companions:
    """For each category the categories of other lines in its baskets (itself included), best first, ties by row.

    A score is the shrunk confidence ``baskets with both / (baskets with the first + 10)``, towards itself nearly 1.

    Parameters
    ----------
    matrix : float32 (baskets, items) of ones.
    """
    rows = len(catalog.categories)
    filed = catalog.item_category >= 0
    membership = sparse.csr_matrix(
        (np.ones(int(filed.sum()), np.float32), (np.flatnonzero(filed), catalog.item_category[filed])),
        shape=(len(catalog), rows),
    )
    baskets = (matrix @ membership).tocsr()
    baskets.data[:] = 1
    met = (baskets.T @ baskets).tocsr()
    met.sort_indices()
    first = np.repeat(np.arange(rows), np.diff(met.indptr))
    scores = met.data / (met.diagonal()[first] + _DOUBT)
    order = np.lexsort((met.indices, -scores, first))
    place = np.arange(len(order)) - np.repeat(met.indptr[:-1], np.diff(met.indptr))
    kept = order[place < _KEPT]
    offsets = np.zeros(rows + 1, np.int64)
    np.cumsum(np.minimum(np.diff(met.indptr), _KEPT), out=offsets[1:])
    return Companions(offsets, met.indices[kept].astype(np.int32), scores[kept].astype(np.float32))
