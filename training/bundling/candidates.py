"""Candidate sets of two to four items whose every pair is claimed: frequent itemsets, and sets assembled greedily."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from recommender.bundles import BUNDLE_WIDTH
from recommender.model import Model
from training.bundling.boxes import boxes

ItemSet = tuple[int, ...]
ItemSets = NDArray[np.int32]
"""int32 (sets, BUNDLE_WIDTH), item rows rising, padded with -1."""


def candidate_sets(model: Model) -> ItemSets:
    """Sets of items, each once, sorted by their rows.

    All claimed pairs; the itemsets behind the model's longer rules; and for every item the set that a box under it
    would hold. Sets with two items of one category, with a variant or a substitute of another part, or with a pair that
    is not claimed are left out.
    """
    first, second, _ = claimed_once(model)
    pairs = np.full((len(first), BUNDLE_WIDTH), -1, np.int32)
    pairs[:, 0], pairs[:, 1] = first, second
    found = np.concatenate([pairs, _padded(sorted(_of_rules(model) | _under_items(model)))])
    together = first.astype(np.int64) * len(model.catalog) + second
    found = found[_fit(model, found, together)]
    codes = found[:, 0].astype(np.int64) * len(model.catalog) + found[:, 1]
    return found[np.argsort(codes, kind="stable")]


def claimed_once(model: Model) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """The lower and the higher row of each claimed pair, sorted, and the baskets with both, all int32 (claims,)."""
    pairs = model.pairs
    entries = np.flatnonzero(pairs.claimed)
    rows = np.repeat(np.arange(len(pairs.offsets) - 1, dtype=np.int32), np.diff(pairs.offsets))[entries]
    others = pairs.items[entries]
    up = np.flatnonzero(rows < others)
    order = up[np.argsort(rows[up].astype(np.int64) * len(model.catalog) + others[up])]
    return rows[order], others[order], pairs.counts[entries][order]


def usual_boxes(model: Model) -> ItemSets:
    """What boxes of three or four items hold while everything can be sold: different sets, rising."""
    return _padded(sorted(_under_items(model)))


def _of_rules(model: Model) -> set[ItemSet]:
    rules = model.rules
    sets = np.column_stack([rules.antecedents, rules.consequents]).tolist()
    found = (tuple(sorted(row for row in items if row >= 0)) for items in sets)
    return {items for items in found if 2 < len(items) <= BUNDLE_WIDTH}


def _under_items(model: Model) -> set[ItemSet]:
    return {tuple(sorted(row for row in box if row >= 0)) for box in boxes(model).tolist()}


def _padded(sets: list[ItemSet]) -> ItemSets:
    padded = np.full((len(sets), BUNDLE_WIDTH), -1, np.int32)
    for place, items in enumerate(sets):
        padded[place, : len(items)] = items
    return padded


def _fit(model: Model, sets: ItemSets, together: NDArray[np.int64]) -> NDArray[np.bool_]:
    """bool (sets,): every two of a set are claimed, of different categories, and neither replaces the other.

    Parameters
    ----------
    together : int64 (claims,), lower row times the items and higher row of each claimed pair, rising.
    """
    items, category, group = len(model.catalog), model.catalog.item_category, model.catalog.item_group
    replacements = model.substitutes
    replaced = np.sort(np.repeat(np.arange(items), np.diff(replacements.offsets)) * items + replacements.items)
    fit = np.ones(len(sets), np.bool_)
    for one, other in combinations(range(BUNDLE_WIDTH), 2):
        chosen = np.flatnonzero(sets[:, other] >= 0)
        low, high = sets[chosen, one], sets[chosen, other]
        codes = low.astype(np.int64) * items + high
        alike = (category[low] >= 0) & (category[low] == category[high])
        alike |= (group[low] >= 0) & (group[low] == group[high])
        fit[chosen] &= ~alike & _among(codes, together) & ~_among(codes, replaced)
    return fit


def _among(codes: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.bool_]:
    """bool (codes,): whether each is in `known`, which rises."""
    places = np.minimum(np.searchsorted(known, codes), len(known) - 1)
    return known[places] == codes if len(known) else np.zeros(len(codes), np.bool_)
