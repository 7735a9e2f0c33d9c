"""How many pieces of an item go with so many of another, learned from the baskets that held both."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.model import Pairs
from recommender.quantities import PairQuantities
from recommender.ranker.compiled import compiled
from training.baskets import Baskets
from training.in_parts import in_parts

LEAST_BASKETS = 5
_PLAIN = 1.5
_MOST = np.float32(1e4)


class _Pieces(NamedTuple):
    """Baskets by basket, int64 offsets, and by item, as `training.counting.kernel.Walk`, with float32 pieces."""

    offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    pieces: NDArray[np.float32]
    item_offsets: NDArray[np.int64]
    of_items: NDArray[np.int32]
    of_pieces: NDArray[np.float32]


def pair_quantities(baskets: Baskets, pairs: Pairs) -> PairQuantities:
    """For each claimed pair, both ways, the pieces of the neighbour.

    Beside one piece of the item: so many that two of three baskets with one piece of it held as many or more. For each
    of several: the median, over the baskets with two pieces or more, of the neighbour's pieces over the item's. At
    least `LEAST_BASKETS` baskets must tell; pairs are left out for which there is nothing but one piece to tell.

    The baskets of an item are walked through once for all its pairs, so time grows with the baskets, not with the
    pairs times the baskets.

    Parameters
    ----------
    baskets : those that the pairs were counted from, over the same rows.
    """
    entries = np.flatnonzero(pairs.claimed)
    claims = np.concatenate([[0], np.cumsum(pairs.claimed, dtype=np.int64)])[pairs.offsets]
    others = pairs.items[entries]
    single, several = np.ones(len(entries)), np.zeros(len(entries))
    walk = _walk(baskets)
    work = np.where(np.diff(claims) > 0, _steps(walk), 0)

    def loop(first: int, last: int) -> None:
        _tell(walk, claims, others, first, last, single, several)

    for _ in in_parts(work, loop):
        pass
    told = (single > _PLAIN) | (several > 0)
    return PairQuantities(
        entries[told],
        np.clip(single[told], 1, _MOST).astype(np.float32),
        np.clip(several[told], 0, _MOST).astype(np.float32),
    )


def _walk(baskets: Baskets) -> _Pieces:
    lines = np.repeat(baskets.countable, baskets.sizes)
    sizes = baskets.sizes[baskets.countable]
    offsets = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=offsets[1:])
    items, pieces = baskets.items[lines], baskets.quantities[lines]
    by_item = sparse.csr_matrix((pieces, items, offsets), shape=(len(sizes), len(baskets.item_ids))).tocsc()
    return _Pieces(
        offsets, items, pieces, by_item.indptr.astype(np.int64), by_item.indices.astype(np.int32), by_item.data
    )


def _steps(walk: _Pieces) -> NDArray[np.int64]:
    """int64 (items,): lines in the baskets with each item."""
    total = np.zeros(len(walk.of_items) + 1, np.int64)
    np.cumsum(np.diff(walk.offsets)[walk.of_items], out=total[1:])
    return np.diff(total[walk.item_offsets])


@compiled
def _tell(
    walk: _Pieces,
    claims: NDArray[np.int64],
    others: NDArray[np.int32],
    first: int,
    last: int,
    single: NDArray[np.float64],
    several: NDArray[np.float64],
) -> None:
    """The pieces beside one and for each of several, where enough baskets tell, of the pairs of rows ``[first, last)``.

    Parameters
    ----------
    claims : int64 (items + 1,) and others : int32 (pairs,), the claimed pairs, as csr.
    single, several : float64 (pairs,), filled.
    """
    place = np.full(len(walk.item_offsets) - 1, -1, np.int32)
    for row in range(first, last):
        start, number = claims[row], claims[row + 1] - claims[row]
        if number == 0:
            continue
        for pair in range(number):
            place[others[start + pair]] = pair
        ones, plain, ratios = np.zeros((3, number + 1), np.int64)
        _count(walk, row, place, ones, plain, ratios)
        for pair in range(number):
            dull = ratios[pair + 1] < LEAST_BASKETS and plain[pair] > ones[pair + 1] // 3
            if dull:
                place[others[start + pair]] = -1
            ones[pair + 1] = ones[pair] + (0 if dull else ones[pair + 1])
            ratios[pair + 1] = ratios[pair] + (0 if dull else ratios[pair + 1])
        _fill(walk, row, place, ones, ratios, single[start : start + number], several[start : start + number])
        for pair in range(number):
            place[others[start + pair]] = -1


@compiled
def _count(
    walk: _Pieces,
    row: int,
    place: NDArray[np.int32],
    ones: NDArray[np.int64],
    plain: NDArray[np.int64],
    ratios: NDArray[np.int64],
) -> None:
    """Baskets with one piece of the item, those where the neighbour's are no more than one, and those with several."""
    offsets, items, pieces, item_offsets, of_items, of_pieces = walk
    for entry in range(item_offsets[row], item_offsets[row + 1]):
        for line in range(offsets[of_items[entry]], offsets[of_items[entry] + 1]):
            pair = place[items[line]]
            if pair >= 0 and of_pieces[entry] >= 2:
                ratios[pair + 1] += 1
            elif pair >= 0:
                ones[pair + 1] += 1
                plain[pair] += pieces[line] <= _PLAIN


@compiled
def _fill(
    walk: _Pieces,
    row: int,
    place: NDArray[np.int32],
    ones: NDArray[np.int64],
    ratios: NDArray[np.int64],
    single: NDArray[np.float64],
    several: NDArray[np.float64],
) -> None:
    """Collect the pieces of the neighbours that have a `place`, between given bounds, and take the middle ones."""
    offsets, items, pieces, item_offsets, of_items, of_pieces = walk
    beside_one, for_each = np.empty(ones[-1], np.float32), np.empty(ratios[-1], np.float64)
    next_one, next_ratio = ones.copy(), ratios.copy()
    for entry in range(item_offsets[row], item_offsets[row + 1]):
        own = np.float64(of_pieces[entry])
        for line in range(offsets[of_items[entry]], offsets[of_items[entry] + 1]):
            pair = place[items[line]]
            if pair >= 0 and own >= 2:
                for_each[next_ratio[pair]] = np.float64(pieces[line]) / own
                next_ratio[pair] += 1
            elif pair >= 0:
                beside_one[next_one[pair]] = pieces[line]
                next_one[pair] += 1
    for pair in range(len(single)):
        told = ones[pair + 1] - ones[pair]
        if told >= LEAST_BASKETS:
            single[pair] = np.sort(beside_one[ones[pair] : ones[pair + 1]])[told // 3]
        told = ratios[pair + 1] - ratios[pair]
        if told >= LEAST_BASKETS:
            rising = np.sort(for_each[ratios[pair] : ratios[pair + 1]])
            several[pair] = (rising[(told - 1) // 2] + rising[told // 2]) / 2
