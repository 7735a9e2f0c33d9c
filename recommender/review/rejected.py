"""A model without what was rejected: its rules are claims no more, its bundles are gone, and carts keep them out.

All of it is done once, when a model is taken up: a cart that no rejected rule concerns is answered as ever.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recommender.bundles import Bundles, bundle_id
from recommender.model import LongRules, Model, Pairs
from recommender.review.reviews import BUNDLE, RULE, Reviews, Subject


@dataclass(frozen=True)
class Rejected:
    """What was rejected, in the rows of one model.

    Attributes
    ----------
    rules : for every item that is an antecedent, the rejected rules it belongs to: all antecedents, and the consequent.
    bundles : ids of rejected bundles.
    """

    model: Model
    rules: dict[int, list[tuple[frozenset[int], int]]]
    bundles: frozenset[str]

    def barred(self, rows: NDArray[np.int32]) -> set[int]:
        """Rows that must not be shown beside a cart, int32 (cart,): a rejected rule leads there, and no other does."""
        cart = frozenset(rows.tolist())
        if cart.isdisjoint(self.rules):
            return set()
        found = {
            consequent
            for row in cart & self.rules.keys()
            for antecedents, consequent in self.rules[row]
            if antecedents <= cart
        }
        return {row for row in found if not self._is_claimed(cart, row)}

    def _is_claimed(self, cart: frozenset[int], consequent: int) -> bool:
        pairs, long = self.model.pairs, self.model.rules
        for row in cart:
            entries = slice(int(pairs.offsets[row]), int(pairs.offsets[row + 1]))
            if (pairs.claimed[entries].astype(np.bool_) & (pairs.items[entries] == consequent)).any():
                return True
            begin, end = int(long.offsets[row]), int(long.offsets[row + 1])
            for place in range(begin, end):
                antecedents = {other for other in long.antecedents[place].tolist() if other >= 0}
                if long.consequents[place] == consequent and antecedents <= cart:
                    return True
        return False


def rejected_of(model: Model, reviews: Reviews) -> Rejected | None:
    """What of the decisions concerns this model; None where nothing does. Its `model` is the one to serve."""
    rules = [rule for subject in reviews.rejected(RULE) if (rule := _in_rows(model, subject)) is not None]
    bundles = frozenset(subject.known_as for subject in reviews.rejected(BUNDLE))
    if not rules and not bundles:
        return None
    by_antecedent: dict[int, list[tuple[frozenset[int], int]]] = {}
    for antecedents, consequent in rules:
        for row in antecedents:
            by_antecedent.setdefault(row, []).append((antecedents, consequent))
    left = replace(
        model,
        pairs=_without_claims(model.pairs, rules),
        rules=_without_rules(model.rules, rules),
        bundles=_without_bundles(model, bundles),
    )
    return Rejected(left, by_antecedent, bundles)


def _in_rows(model: Model, subject: Subject) -> tuple[frozenset[int], int] | None:
    rows = [model.catalog.row(item_id) for item_id in subject.items]
    consequent = model.catalog.row(subject.consequent or "")
    return None if min(*rows, consequent) < 0 else (frozenset(rows), consequent)


def _without_claims(pairs: Pairs, rules: list[tuple[frozenset[int], int]]) -> Pairs:
    single = [(next(iter(antecedents)), consequent) for antecedents, consequent in rules if len(antecedents) == 1]
    if not single:
        return pairs
    claimed = np.array(pairs.claimed)
    for antecedent, consequent in single:
        begin, end = int(pairs.offsets[antecedent]), int(pairs.offsets[antecedent + 1])
        claimed[begin:end][pairs.items[begin:end] == consequent] = 0
    return replace(pairs, claimed=claimed)


def _without_rules(long: LongRules, rules: list[tuple[frozenset[int], int]]) -> LongRules:
    gone = {rule for rule in rules if len(rule[0]) > 1}
    if not gone:
        return long
    antecedents = [frozenset(row for row in rows if row >= 0) for rows in long.antecedents.tolist()]
    consequents = long.consequents.tolist()
    keep = np.array([rule not in gone for rule in zip(antecedents, consequents, strict=True)], np.bool_)
    kept_before = np.concatenate([[0], np.cumsum(keep)])
    return LongRules(
        kept_before[long.offsets].astype(np.int64),
        long.antecedents[keep],
        long.consequents[keep],
        long.counts[keep],
        long.of[keep],
        long.customers[keep],
    )


def _without_bundles(model: Model, rejected: frozenset[str]) -> Bundles:
    bundles, ids = model.bundles, model.catalog.item_ids
    if not rejected or not len(bundles):
        return bundles
    known_as = (bundle_id(ids[row] for row in bundles.rows(place).tolist()) for place in range(len(bundles)))
    keep = np.array([name not in rejected for name in known_as], np.bool_)
    return Bundles(
        bundles.items[keep], bundles.counts[keep], bundles.apart[keep], bundles.expected[keep], bundles.customers[keep]
    )
