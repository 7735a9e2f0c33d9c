"""Candidate sets of two to four items whose every pair is claimed: frequent itemsets, and sets assembled greedily."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from recommender.assembling import Assembler, ClaimedPairs
from recommender.bundles import BUNDLE_WIDTH
from recommender.model import Model
from recommender.policy import Alternatives

ItemSet = tuple[int, ...]


def candidate_sets(model: Model) -> list[ItemSet]:
    """Sets of item rows, each ascending, sorted, each once.

    All claimed pairs; the itemsets behind the model's longer rules; and for every item the set that a box under it
    would hold. Sets with two items of one category, with a variant or a substitute of another part, or with a pair that
    is not claimed are left out.
    """
    claimed = ClaimedPairs(model)
    alternatives = Alternatives(model)
    assembler = Assembler(model, claimed, alternatives)
    neighbours = [claimed.entries(row)[0].tolist() for row in range(len(model.catalog))]
    found: set[ItemSet] = {(row, other) for row, others in enumerate(neighbours) for other in others if row < other}
    found |= _of_rules(model)
    found |= {tuple(sorted(assembler.choose(row, others)[0])) for row, others in enumerate(neighbours) if others}
    together = [set(others) for others in neighbours]
    replaced = {row: alternatives.of(np.array([row], np.int32)) for row in {row for items in found for row in items}}
    category = model.catalog.item_category.tolist()

    def fits(pair: tuple[int, int]) -> bool:
        first, second = pair
        differ = category[first] < 0 or category[first] != category[second]
        return differ and second in together[first] and second not in replaced[first]

    return sorted(items for items in found if len(items) > 1 and all(map(fits, combinations(items, 2))))


def _of_rules(model: Model) -> set[ItemSet]:
    rules = model.rules
    sets = np.column_stack([rules.antecedents, rules.consequents]).tolist()
    found = (tuple(sorted(row for row in items if row >= 0)) for items in sets)
    return {items for items in found if len(items) <= BUNDLE_WIDTH}
