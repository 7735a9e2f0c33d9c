"""Which pairs of items a catalog holds for alike: one leaf category, or titles that share their rare words."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.catalog import Catalog
from training.words import title_words, weighted_words

_MOST_IN_LEAF = 400
_MOST_UNNAMED = 3000
_LEAST_EXPECTED = 8.0
_LEAST_COSINE = 0.7

Pairs = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


def same_leaf(catalog: Catalog, rows: NDArray[np.int64], orders: NDArray[np.integer]) -> Pairs:
    """Pairs of one category, of its 400 most sold items at most.

    Parameters
    ----------
    rows : int64, items in question, ascending.  orders : (items,), baskets with each.

    Returns
    -------
    first, second : int64 (pairs,), item rows, the lower first.  family : int64 (pairs,), row of the category.
    """
    category = catalog.item_category[rows]
    order = np.lexsort((-orders[rows], category))
    bounds = np.flatnonzero(np.diff(category[order], prepend=-2, append=-3))
    found: list[NDArray[np.int64]] = [np.empty((0, 3), np.int64)]
    for start, end in pairwise(bounds.tolist()):
        leaf = int(category[order[start]])
        if leaf >= 0:
            members = np.sort(rows[order[start : min(end, start + _MOST_IN_LEAF)]])
            first, second = np.triu_indices(len(members), 1)
            found.append(np.column_stack([members[first], members[second], np.full(len(first), leaf)]))
    return _columns(np.concatenate(found))


def alike_titles(catalog: Catalog, rows: NDArray[np.int64]) -> Pairs:
    """Pairs whose titles' rare words have a cosine of 0.7 or more; the shop is one family.

    Parameters and returns as for `same_leaf`.
    """
    if not len(rows):
        return rows, rows, rows
    words = weighted_words(title_words(catalog))[rows]
    norms = np.sqrt(np.asarray(words.multiply(words).sum(axis=1)).ravel())
    unit = sparse.csr_matrix(words.multiply(1 / np.maximum(norms, 1e-12)[:, None]))
    alike = sparse.triu(unit @ unit.T, 1).tocoo()
    close = alike.data >= _LEAST_COSINE
    first, second = rows[alike.row[close]], rows[alike.col[close]]
    return first, second, np.zeros(len(first), np.int64)


def often_expected(rows: NDArray[np.int64], orders: NDArray[np.integer], chance: float) -> Pairs:
    """Pairs of the 3,000 most sold of the items in which luck would give 8 meetings or more; the shop is one family.

    Parameters and returns as for `same_leaf`.  chance : of a pair, from `training.significance.chance_per_pair`.
    """
    most = np.sort(rows[np.lexsort((rows, -orders[rows]))][:_MOST_UNNAMED])
    sold = orders[most].astype(np.float64)
    first, second = np.nonzero(np.triu(chance * np.outer(sold, sold) >= _LEAST_EXPECTED, 1))
    return most[first], most[second], np.zeros(len(first), np.int64)


def _columns(pairs: NDArray[np.int64]) -> Pairs:
    return pairs[:, 0], pairs[:, 1], pairs[:, 2]
