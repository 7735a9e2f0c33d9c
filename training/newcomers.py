"""What a new item goes with: which categories, brands and title words meet in baskets more often than luck explains."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.catalog import Catalog
from recommender.newcomers import Affinities, Newcomers
from training.counting import PairCounts
from training.significance import chance_per_pair
from training.words import title_words, weighted_words

_KEPT = 60
_DOUBT = 2.0
_LEAST_LINES = 20


def newcomers(counts: PairCounts, sold: NDArray[np.bool_], catalog: Catalog) -> Newcomers:
    """Affinities of categories, brands and words, learned from pairs of lines of one basket.

    Parameters
    ----------
    sold : bool (items,), items of any order, counted or not.
    """
    orders = counts.lines.item_orders
    chance = chance_per_pair(counts.lines.sizes)
    parents = catalog.category_parent
    filed = _membership(catalog.item_category, len(parents))
    brands = _membership(catalog.item_brand, len(catalog.brands))
    words = title_words(catalog)
    of_leaves, of_brands, of_words = _line_pairs(counts, (filed, brands, words), catalog.titles)
    met = _over_branches(of_leaves, parents)
    lines = _branch_lines(filed.T @ orders, parents)
    weighted = weighted_words(words)
    return Newcomers(
        unsold=(~sold).astype(np.uint8),
        home=_homes(catalog, lines),
        categories=_affinities(met, lines, chance, parents),
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


def _line_pairs(
    counts: PairCounts, of_items: tuple[sparse.csr_matrix, sparse.csr_matrix, sparse.csr_matrix], titles: Iterable[str]
) -> list[sparse.csr_matrix]:
    """(traits, traits) each: pairs of different lines of one basket, one with the first trait, one with the second.

    Items of one title have the same words, so their lines are added up before.

    Parameters
    ----------
    of_items : float32 (items, traits) of ones: of categories, brands and words.
    """
    filed, brands, words = of_items
    met = [sparse.csr_matrix((traits.shape[1],) * 2) for traits in of_items]
    number: dict[str, int] = {}
    title = np.array([number.setdefault(title, len(number)) for title in titles], np.int32)
    titled, words_of = _membership(title, len(number)), words[np.unique(title, return_index=True)[1]]
    for block in counts.blocks() if any(traits.nnz for traits in of_items) else ():
        of_words = words_of.T @ (_summed(block, titled) @ words_of)
        found = (_summed(block, filed), _summed(block, brands), of_words)
        met = [sofar + more for sofar, more in zip(met, found, strict=True)]
    for pairs in met:
        pairs.sort_indices()
    return met


def _summed(block: sparse.csr_matrix, of_items: sparse.csr_matrix) -> sparse.csr_matrix:
    return of_items.T @ (block @ of_items)


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
    found = np.flatnonzero(scores > 0)
    order = found[np.lexsort((met.indices[found], -scores[found], rows[found]))]
    lengths = np.bincount(rows[order], minlength=met.shape[0])
    place = np.arange(len(order)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    order = order[place < _KEPT]
    offsets = np.zeros(met.shape[0] + 1, np.int64)
    np.cumsum(np.minimum(lengths, _KEPT), out=offsets[1:])
    return Affinities(offsets, met.indices[order].astype(np.int32), scores[order])


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
