"""New items: what an item without orders goes with, by its category, its brand and the words of its title."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.catalog import Catalog

FEW_ORDERS = 5
_WORD_WEIGHT = 0.3
_BRAND_WEIGHT = 0.3


@dataclass(frozen=True)
class Affinities:
    """Which traits of items (categories, brands, words) meet in baskets more often than luck explains.

    Attributes
    ----------
    offsets : int64 (traits + 1,), those that trait t goes with are ``[offsets[t], offsets[t + 1])``.
    items : int32 (affinities,), row of the other trait.
    scores : float32 (affinities,), log of the shrunk ratio of met to expected pairs of lines, above 0, falling.
    """

    offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    scores: NDArray[np.float32]

    @classmethod
    def none(cls, traits: int) -> Affinities:
        """Of traits that are not known to go with anything."""
        return cls(np.zeros(traits + 1, np.int64), np.empty(0, np.int32), np.empty(0, np.float32))

    def best(self, traits: NDArray[np.int32]) -> NDArray[np.float32]:
        """float32 (traits + 1,): the best score of any of the given traits towards each; the last entry is 0.

        Parameters
        ----------
        traits : int32, rows; -1 is passed over.
        """
        found = np.zeros(len(self.offsets), np.float32)
        for trait in set(traits.tolist()) - {-1}:
            entries = slice(int(self.offsets[trait]), int(self.offsets[trait + 1]))
            others = self.items[entries]
            found[others] = np.maximum(found[others], self.scores[entries])
        return found


@dataclass(frozen=True)
class Newcomers:
    """What is known of an item without orders.

    Attributes
    ----------
    unsold : uint8 (items,), 1 where no order holds the item, not even one that is too large to be counted.
    home : int32 (items,), the item's category, or one above it where that sold too little; -1 none.
    categories, brands, words : what goes with each category, brand and title word.
    word_offsets : int64 (items + 1,), words of item i are ``[word_offsets[i], word_offsets[i + 1])``.
    word_rows : int32 (title words,), row of the word.  word_weights : float32, its share in the title.
    """

    unsold: NDArray[np.uint8]
    home: NDArray[np.int32]
    categories: Affinities
    brands: Affinities
    words: Affinities
    word_offsets: NDArray[np.int64]
    word_rows: NDArray[np.int32]
    word_weights: NDArray[np.float32]

    @classmethod
    def none(cls, catalog: Catalog) -> Newcomers:
        """Of a catalog about which nothing was learned."""
        return cls(
            unsold=np.zeros(len(catalog), np.uint8),
            home=catalog.item_category,
            categories=Affinities.none(len(catalog.categories)),
            brands=Affinities.none(len(catalog.brands)),
            words=Affinities.none(0),
            word_offsets=np.zeros(len(catalog) + 1, np.int64),
            word_rows=np.empty(0, np.int32),
            word_weights=np.empty(0, np.float32),
        )

    def words_of(self, rows: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Places in `word_rows` of the words of the given items, and the first of each item among them.

        Returns
        -------
        places : int64 (words,).  starts : int64 (items + 1,).
        """
        first = self.word_offsets[rows]
        lengths = self.word_offsets[rows + 1] - first
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        return np.arange(int(starts[-1]), dtype=np.int64) + np.repeat(first - starts[:-1], lengths), starts


class NewItems:
    """The items of one model with few orders, ready to be scored beside a cart; immutable.

    Parameters
    ----------
    rows : int32, the items in question, ascending.
    """

    def __init__(self, newcomers: Newcomers, catalog: Catalog, rows: NDArray[np.int32]) -> None:
        self._known, self._brand = newcomers, catalog.item_brand
        self.rows = rows
        self._homes, self._brands = newcomers.home[rows], catalog.item_brand[rows]
        places, starts = newcomers.words_of(rows)
        self._words, self._weights, self._starts = newcomers.word_rows[places], newcomers.word_weights[places], starts

    def scores(self, cart: NDArray[np.int32]) -> NDArray[np.float64]:
        """float64 (items in question,): how well each goes with the cart's items, int32 rows; 0 where nothing is known.

        ``category + 0.3 brand + 0.3 words``: the best log ratio of any cart item's category to the item's, the same of
        brands, and the mean over the title's words, weighted by rarity, of the best of any word of the cart.
        """
        known = self._known
        by_category = known.categories.best(known.home[cart])[self._homes]
        by_brand = known.brands.best(self._brand[cart])[self._brands]
        places, _ = known.words_of(cart)
        by_word = known.words.best(known.word_rows[places])[self._words] * self._weights
        sums = np.concatenate([[0.0], np.cumsum(by_word, dtype=np.float64)])
        by_words = sums[self._starts[1:]] - sums[self._starts[:-1]]
        return by_category + _BRAND_WEIGHT * by_brand + _WORD_WEIGHT * by_words


def goes_with_most(
    newcomers: Newcomers, catalog: Catalog, cart: NDArray[np.int32], rows: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """The cart's item that each of some new items goes with most, and whether their categories say so.

    Returns
    -------
    sources : int32 (rows,), of equal ones the lowest row, -1 where nothing is known.
    by_category : bool (rows,), False where only brands or words say so.
    """
    items = NewItems(newcomers, catalog, rows)
    best, sources = np.zeros(len(rows)), np.full(len(rows), -1, np.int32)
    by_category = np.zeros(len(rows), np.bool_)
    for source in cart.tolist():
        alone = np.array([source], np.int32)
        scores = items.scores(alone)
        better = scores > best
        best[better], sources[better] = scores[better], source
        categories = newcomers.categories.best(newcomers.home[alone])[newcomers.home[rows]] > 0
        by_category[better] = categories[better]
    return sources, by_category
