"""The words of titles: what a catalog says of an item that has never been sold."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

import numpy as np
from scipy import sparse

from recommender.catalog import Catalog

_WORD = re.compile(r"[^\W\d_]{2,}")
_MOST_COMMON = 0.2
_DOUBT = 3.0


def words_of(title: str) -> set[str]:
    """Different words of two letters or more, in lower case; numbers and sizes are no words.

    >>> sorted(words_of("Red RETROSPOT bag, 2 x 10 cm"))
    ['bag', 'cm', 'red', 'retrospot']
    """
    return set(_WORD.findall(title.lower()))


def title_words(catalog: Catalog) -> sparse.csr_matrix:
    """float32 (items, words) of ones: words that two titles share at least, and one title of five at most."""
    return _title_words(tuple(catalog.titles))


@lru_cache(maxsize=1)
def _title_words(listed: tuple[str, ...]) -> sparse.csr_matrix:
    """Kept, since one training asks for the words of the same titles several times."""
    known = {title: words_of(title) for title in set(listed)}
    titles: Counter[str] = Counter()
    for title, number in Counter(listed).items():
        for word in known[title]:
            titles[word] += number
    most = max(_MOST_COMMON * len(listed), 2)
    column = {word: place for place, word in enumerate(sorted(w for w, n in titles.items() if 2 <= n <= most))}
    columns_of = {title: sorted(column[word] for word in found if word in column) for title, found in known.items()}
    kept = [columns_of[title] for title in listed]
    offsets = np.cumsum([0, *map(len, kept)])
    columns = np.array([place for found in kept for place in found], np.int32)
    ones = np.ones(len(columns), np.float32)
    return sparse.csr_matrix((ones, columns, offsets), shape=(len(listed), len(column)))


def rarity(words: sparse.csr_matrix) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """float64 (words,): ``log(items / titles with the word)``, the inverse document frequency (Sparck Jones 1972)."""
    titles = np.bincount(words.indices, minlength=words.shape[1])
    return np.log(words.shape[0] / np.maximum(titles, 1))


def weighted_words(words: sparse.csr_matrix) -> sparse.csr_matrix:
    """float32, of the same shape: each word's share of its title's rarity, a doubt of 3 nats left aside."""
    rare = rarity(words)
    totals = words @ rare + _DOUBT
    rows = np.repeat(np.arange(words.shape[0]), np.diff(words.indptr))
    weights = (rare[words.indices] / totals[rows]).astype(np.float32)
    return sparse.csr_matrix((weights, words.indices, words.indptr), words.shape)
