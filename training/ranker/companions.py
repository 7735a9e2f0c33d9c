"""Which categories are bought with which: what an item's place in the catalog says of it."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from recommender.catalog import Catalog
from recommender.model import Companions
from training.counting import count_pairs
from training.similarity import best_first, best_of_rows

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
    baskets.sort_indices()
    held = np.bincount(baskets.indices, minlength=rows).astype(np.float32)
    met = (count_pairs(baskets).astype(np.float32) + sparse.diags(held, dtype=np.float32)).tocsr()
    met.sort_indices()
    first = np.repeat(np.arange(rows), np.diff(met.indptr))
    scores = (met.data / (held[first] + _DOUBT)).astype(np.float32)
    offsets = met.indptr.astype(np.int64)
    starts, best = best_first(offsets, scores, best_of_rows(offsets, scores, _KEPT, 0.0))
    return Companions(starts, met.indices[best].astype(np.int32), scores[best])
