"""How many pieces of an item go with so many of another, learned from the baskets that held both."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.model import Pairs
from recommender.quantities import PairQuantities
from recommender.ranker.compiled import compiled
from training.baskets import Baskets

LEAST_BASKETS = 5
_PLAIN = 1.5
_MOST = np.float32(1e4)


def pair_quantities(baskets: Baskets, pairs: Pairs) -> PairQuantities:
    """For each claimed pair, both ways, the pieces of the neighbour.

    Beside one piece of the item: so many that two of three baskets with one piece of it held as many or more. For each
    of several: the median, over the baskets with two pieces or more, of the neighbour's pieces over the item's. At
    least `LEAST_BASKETS` baskets must tell; pairs are left out for which there is nothing but one piece to tell.

    Parameters
    ----------
    baskets : those that the pairs were counted from, over the same rows.
    """
    entries = np.flatnonzero(pairs.claimed)
    mains = np.repeat(np.arange(len(pairs.offsets) - 1), np.diff(pairs.offsets))[entries]
    lines = np.flatnonzero(np.repeat(baskets.countable, baskets.sizes))
    orders = np.repeat(np.arange(len(baskets)), baskets.sizes)[lines]
    by_item = np.lexsort((orders, baskets.items[lines]))
    items = baskets.items[lines][by_item]
    offsets = np.searchsorted(items, np.arange(len(pairs.offsets)))
    single, several = _pieces(
        mains, pairs.items[entries], offsets, orders[by_item], baskets.quantities[lines][by_item].astype(np.float64)
    )
    told = (single > _PLAIN) | (several > 0)
    return PairQuantities(
        entries[told],
        np.clip(single[told], 1, _MOST).astype(np.float32),
        np.clip(several[told], 0, _MOST).astype(np.float32),
    )


@compiled
def _pieces(
    mains: NDArray[np.int64],
    others: NDArray[np.int32],
    offsets: NDArray[np.int64],
    orders: NDArray[np.int64],
    quantities: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each pair the pieces beside one, 1 where too few tell, and for each of several, 0 where too few tell."""
    single = np.ones(len(mains), np.float64)
    several = np.zeros(len(mains), np.float64)
    for pair in range(len(mains)):
        first, last = offsets[mains[pair]], offsets[mains[pair] + 1]
        other, other_last = offsets[others[pair]], offsets[others[pair] + 1]
        most = min(last - first, other_last - other)
        ones, ratios = np.empty(most, np.float64), np.empty(most, np.float64)
        of_ones, of_ratios = 0, 0
        while first < last and other < other_last:
            if orders[first] < orders[other]:
                first += 1
            elif orders[first] > orders[other]:
                other += 1
            else:
                if quantities[first] >= 2:
                    ratios[of_ratios] = quantities[other] / quantities[first]
                    of_ratios += 1
                else:
                    ones[of_ones] = quantities[other]
                    of_ones += 1
                first += 1
                other += 1
        if of_ones >= LEAST_BASKETS:
            single[pair] = np.sort(ones[:of_ones])[of_ones // 3]
        if of_ratios >= LEAST_BASKETS:
            told = np.sort(ratios[:of_ratios])
            several[pair] = (told[(of_ratios - 1) // 2] + told[of_ratios // 2]) / 2
    return single, several
