"""What a new item goes with: which categories, brands and title words meet in baskets more often than luck explains."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.catalog import Catalog
from recommender.newcomers import Affinities, Newcomers
from training.counting import BasketLines, PairCounts
from training.significance import chance_per_pair
from training.similarity import best_first, best_of_rows
from training.words import title_words, weighted_words

_KEPT = 60
_DOUBT = 2.0
_LEAST_LINES = 20


def newcomers(lines: BasketLines, sold: NDArray[np.bool_], catalog: Catalog) -> Newcomers:
    """Affinities of categories, brands and words, learned from pairs of lines of one basket.

    Parameters
    ----------
    sold : bool (items,), items of any order, counted or not.
    """
    orders = lines.item_orders
    chance = chance_per_pair(lines.sizes)
    parents = catalog.category_parent
    brands = _membership(catalog.item_brand, len(catalog.brands))
    words = title_words(catalog)
    of_leaves = _met(lines, catalog.item_category, len(parents))
    of_brands = _met(lines, catalog.item_brand, len(catalog.brands))
    of_words = _words_met(lines, words, catalog.titles)
    filed = _membership(catalog.item_category, len(parents))
    met = _over_branches(of_leaves, parents)
    of_branches = _branch_lines(filed.T @ orders, parents)
    weighted = weighted_words(words)
    return Newcomers(
        unsold=(~sold).astype(np.uint8),
        home=_homes(catalog, of_branches),
        categories=_affinities(met, of_branches, chance, parents),
        brands=_affinities(of_brands, brands.T @ orders, chance),
        words=_affinities(of_words, words.T @ orders, chance),
        word_offsets=weighted.indptr.astype(np.int64),
        word_rows=weighted.indices.astype(np.int32),
        word_weights=weighted.data,
    )


def _homes(catalog: Catalog, lines: NDArray[np.float64]) -> NDArray[np.int32]:
    """int32 (items,): the item's category, or the nearest above it whose branch sold twenty lines."""
    parents, category = catalog.category_parent, catalog.item_category
    home = np.arange(len(parents), dtype=np.int32)
    for row in range(len(parents)):
        if lines[row] < _LEAST_LINES and parents[row] >= 0:
            home[row] = home[parents[row]]
    return np.where(category >= 0, home[category], -1).astype(np.int32) if len(parents) else category


def _branch_lines(lines: NDArray[np.floating], parents: NDArray[np.int32]) -> NDArray[np.float64]:
    """float64 (categories,): lines of each category with those below it; a parent's row is lower than its child's."""
    total = lines.astype(np.float64)
    for row in range(len(parents) - 1, -1, -1):
        if parents[row] >= 0:
            total[parents[row]] += total[row]
    return total


def _membership(trait: NDArray[np.int32], traits: int) -> sparse.csr_matrix:
    has = trait >= 0
    return sparse.csr_matrix((has[has].astype(np.float32), (np.flatnonzero(has), trait[has])), (len(trait), traits))


def _met(lines: BasketLines, trait: NDArray[np.int32], traits: int) -> sparse.csr_matrix:
    """float64 (traits, traits): pairs of different lines of one basket, one with the first trait, one with the second.

    Parameters
    ----------
    trait : int32 (items,), -1 for an item without.
    """
    met = sparse.csr_matrix((traits, traits))
    for block in PairCounts(lines.by_trait(trait, traits)).blocks() if traits else ():
        met = met + block
    return met


def _words_met(lines: BasketLines, words: sparse.csr_matrix, titles: Iterable[str]) -> sparse.csr_matrix:
    """float64 (words, words), as of traits; items of one title have the same words, so they are one trait before.

    Parameters
    ----------
    words : float32 (items, words) of ones.
    """
    met = sparse.csr_matrix((words.shape[1],) * 2)
    number: dict[str, int] = {}
    title = np.array([number.setdefault(title, len(number)) for title in titles], np.int32)
    words_of = words[np.unique(title, return_index=True)[1]]
    for block in PairCounts(lines.by_trait(title, len(number))).blocks() if words.nnz else ():
        met = met + words_of.T @ (block @ words_of)
    met.sort_indices()
    return met


def _over_branches(met: sparse.csr_matrix, parents: NDArray[np.int32]) -> sparse.csr_matrix:
    """The same pairs counted for every category above both, too."""
    rows, above = [np.arange(len(parents))], [np.arange(len(parents), dtype=np.int32)]
    while (reached := parents[above[-1]] >= 0).any():
        rows.append(rows[-1][reached])
        above.append(parents[above[-1]][reached])
    rows_of, branches = np.concatenate(rows), np.concatenate(above)
    ones = np.ones(len(rows_of), np.float32)
    inside = sparse.csr_matrix((ones, (rows_of, branches)), met.shape)
    summed = (inside.T @ met @ inside).tocsr()
    summed.sort_indices()
    return summed


def _affinities(
    met: sparse.csr_matrix,
    lines: NDArray[np.floating],
    chance: float,
    parents: NDArray[np.int32] | None = None,
) -> Affinities:
    """``log((met + 2 prior) / (expected + 2))`` where it is above 0, the best 60 of each trait.

    The prior is the ratio of the two parents (Gelman & Hill 2006 call this partial pooling), 1 at the top; expected is
    ``lines_a lines_b chance``, so that big baskets prove nothing.
    """
    rows = np.repeat(np.arange(met.shape[0]), np.diff(met.indptr))
    expected = chance * np.asarray(lines, np.float64)[rows] * np.asarray(lines, np.float64)[met.indices]
    prior = np.ones(met.nnz)
    if parents is not None and met.nnz:
        prior = _pooled(met, rows, expected, parents)
    scores = np.log((met.data + _DOUBT * prior) / (expected + _DOUBT)).astype(np.float32)
    offsets = met.indptr.astype(np.int64)
    starts, best = best_first(offsets, scores, best_of_rows(offsets, scores, _KEPT, 0.0))
    return Affinities(starts, met.indices[best].astype(np.int32), scores[best])


def _pooled(
    met: sparse.csr_matrix, rows: NDArray[np.integer], expected: NDArray[np.float64], parents: NDArray[np.int32]
) -> NDArray[np.float64]:
    """float64 (entries,): the ratio of each entry's parents, itself pooled with that of theirs."""
    up = np.where(parents >= 0, parents, np.arange(len(parents)))
    codes = rows.astype(np.int64) * met.shape[0] + met.indices
    above = up[rows].astype(np.int64) * met.shape[0] + up[met.indices]
    entry_above = np.searchsorted(codes, above)
    top = above == codes
    prior = np.ones(met.nnz)
    depth = up
    while True:
        ratio = (met.data + _DOUBT * prior) / (expected + _DOUBT)
        prior = np.where(top, 1.0, ratio[entry_above])
        if (up[depth] == depth).all():
            return prior
        depth = up[depth]
