"""How a box is put together: greedily, as a set whose every pair is claimed, of different kinds of things."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recommender.model import Model
from recommender.policy import Alternatives

MOST_ITEMS = 4
LEAST_TOGETHER = 5
MOST_TRIES = 8


class ClaimedPairs:
    """The claimed neighbours of every item, apart from all that are only kept for the ranking."""

    def __init__(self, model: Model) -> None:
        self._pairs = model.pairs

    def entries(self, row: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Claimed neighbours of an item and their scores, best first."""
        pairs = self._pairs
        first, end = int(pairs.offsets[row]), int(pairs.offsets[row + 1])
        entries = first + np.flatnonzero(pairs.claimed[first:end])
        return pairs.items[entries], pairs.scores[entries]

    def met(self, row: int, other: int) -> tuple[int, int]:
        """Baskets with both items of a pair, and their customers, `recommender.model.MOST_CUSTOMERS` of more."""
        pairs, first = self._pairs, int(self._pairs.offsets[row])
        entry = first + int(np.flatnonzero(pairs.items[first : int(pairs.offsets[row + 1])] == other)[0])
        return int(pairs.counts[entry]), int(pairs.customers[entry])

    def scores(self, row: int) -> dict[int, float]:
        """Claimed neighbours of an item with their scores."""
        items, scores = self.entries(row)
        return dict(zip(items.tolist(), scores.tolist(), strict=True))


class Assembler:
    """Chooses sets over one model: claimed pairs alone, nothing that replaces or varies another part.

    Parameters
    ----------
    alternatives : what replaces an item, or varies it.
    """

    def __init__(self, model: Model, claimed: ClaimedPairs, alternatives: Alternatives) -> None:
        self._claimed, self._alternatives = claimed, alternatives
        self._category = model.catalog.item_category
        self._baskets = model.counted_baskets

    def choose(self, anchor: int, candidates: Sequence[int]) -> tuple[list[int], int]:
        """The rows of a box, `anchor` first, and the baskets that held all of them.

        The next part is the one with the highest sum of scores towards it from all that are chosen. It comes from a
        category of its own, unless nothing else goes with the anchor: then one part may be of the anchor's category. A
        third and a fourth part are taken only where `LEAST_TOGETHER` baskets held all.

        Parameters
        ----------
        candidates : rows that may be shown beside the anchor; those that are no claimed neighbour of it are left out.
        """
        towards = self._claimed.scores(anchor)
        open_rows = {row: towards[row] for row in candidates if row in towards and row != anchor}
        diverse = {row: score for row, score in open_rows.items() if self._differ(row, [anchor])}
        open_rows = diverse or dict(sorted(open_rows.items(), key=_best)[:1])
        chosen, common = [anchor], self._of(anchor)
        for _ in range(MOST_TRIES):
            if not open_rows or len(chosen) == MOST_ITEMS:
                break
            row = min(open_rows.items(), key=_best)[0]
            both = _shared(common, self._of(row))
            del open_rows[row]
            if len(chosen) > 1 and len(both) < LEAST_TOGETHER:
                continue
            chosen.append(row)
            common = both
            open_rows = self._that_go_with(row, chosen, open_rows)
        return chosen, len(common)

    def _that_go_with(self, row: int, chosen: list[int], open_rows: dict[int, float]) -> dict[int, float]:
        towards = self._claimed.scores(row)
        barred = self._alternatives.of(np.array([row], np.int32))
        return {
            other: score + towards[other]
            for other, score in open_rows.items()
            if other in towards and other not in barred and self._differ(other, chosen)
        }

    def _differ(self, row: int, chosen: Sequence[int]) -> bool:
        category = self._category[row]
        return bool(category < 0 or all(self._category[other] != category for other in chosen))

    def _of(self, row: int) -> NDArray[np.int32]:
        offsets = self._baskets.item_offsets
        return self._baskets.of_items[offsets[row] : offsets[row + 1]]


def _best(entry: tuple[int, float]) -> tuple[float, int]:
    return -entry[1], entry[0]


def _shared(first: NDArray[np.int32], second: NDArray[np.int32]) -> NDArray[np.int32]:
    """What two rising arrays share."""
    if len(first) > len(second):
        first, second = second, first
    if not len(second):
        return first
    places = np.minimum(np.searchsorted(second, first), len(second) - 1)
    return first[second[places] == first]
