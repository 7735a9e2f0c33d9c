"""Finding items by the words of their titles, for the demo storefront."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from recommender.catalog import Catalog


@dataclass(frozen=True)
class Titles:
    """All titles in one text, so that a word is looked for in one sweep.

    Attributes
    ----------
    text : the titles in the order of the catalogue's rows, letter case folded, each behind a line end.
    starts : where each one's line begins, and the end of the text.
    """

    text: str
    starts: array[int]

    @classmethod
    def of(cls, catalog: Catalog) -> Titles:
        """An item without a title goes by its id."""
        named = zip(catalog.titles, catalog.item_ids, strict=True)
        lines = ["\n" + (title or item_id).casefold().replace("\n", " ") for title, item_id in named]
        return cls("".join(lines), array("q", accumulate(map(len, lines), initial=0)))

    def find(self, words: list[str], wanted: NDArray[np.bool_], k: int) -> list[int]:
        """The first `k` of the wanted rows whose title holds every one of the words, one at least."""
        rarest, found = max(words, key=len), list[int]()
        place = self.text.find(rarest)
        while place >= 0 and len(found) < k:
            row = bisect_right(self.starts, place) - 1
            title, end = self.text[self.starts[row] : self.starts[row + 1]], self.starts[row + 1]
            if wanted[row] and all(word in title for word in words):
                found.append(row)
            place = self.text.find(rarest, end)
        return found


class TitleSearch:
    """Looks through titles in the order of the model's items, the most sold first; remembers one catalogue's titles."""

    def __init__(self) -> None:
        self._remembered: tuple[object, Titles] | None = None

    def find(self, catalog: Catalog, words: str, k: int) -> list[int]:
        """Rows of at most `k` items that can be sold and whose title holds every one of the words, in any letter case.

        A word may stand inside a longer one; without words every item is found.
        """
        sellable, folded = catalog.sellable(), words.casefold().split()
        if not folded:
            return np.flatnonzero(sellable)[:k].tolist()
        return self._of(catalog).find(folded, sellable, k)

    def _of(self, catalog: Catalog) -> Titles:
        remembered = self._remembered
        if remembered is None or remembered[0] is not catalog.titles:
            remembered = self._remembered = (catalog.titles, Titles.of(catalog))
        return remembered[1]
