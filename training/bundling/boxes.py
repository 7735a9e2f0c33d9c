"""The box that `recommender.assembling.Assembler` would put together under every item of a model, all at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.assembling import LEAST_TOGETHER, MOST_ITEMS, MOST_TRIES
from recommender.bundles import BUNDLE_WIDTH
from recommender.model import Model
from training.bundling.kernel import Kinds, Lists, choose_boxes
from training.in_parts import in_parts

_STEPS_A_CLAIM = 1000


class Claimed(NamedTuple):
    """Claimed neighbours of every item, best first: int64 (items + 1,), int32 and float32 (claims both ways,)."""

    offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    scores: NDArray[np.float32]


def boxes(model: Model) -> NDArray[np.int32]:
    """int32 (boxes, BUNDLE_WIDTH): what a box of three items or more holds under each item, in order of their choice.

    Padded with -1. Candidates are all claimed neighbours of the item.
    """
    claimed = _claimed(model)
    catalog, replaced, baskets = model.catalog, model.substitutes, model.counted_baskets
    kinds = Kinds(catalog.item_category, catalog.item_group, replaced.offsets, replaced.items)
    holding = Lists(baskets.item_offsets, baskets.of_items)
    bounds = (MOST_ITEMS, LEAST_TOGETHER, MOST_TRIES)

    def loop(first: int, last: int) -> NDArray[np.int32]:
        return choose_boxes(claimed, kinds, holding, bounds, first, last)

    work = np.diff(claimed.offsets) * _STEPS_A_CLAIM
    parts = [np.empty((0, BUNDLE_WIDTH), np.int32), *(part for part, _ in in_parts(work, loop))]
    chosen = np.concatenate(parts)
    return chosen[chosen[:, 2] >= 0]


def _claimed(model: Model) -> Claimed:
    pairs = model.pairs
    entries = np.flatnonzero(pairs.claimed)
    total = np.concatenate([[0], np.cumsum(pairs.claimed, dtype=np.int64)])
    return Claimed(total[pairs.offsets], pairs.items[entries], pairs.scores[entries])
