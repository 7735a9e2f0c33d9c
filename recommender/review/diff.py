"""What changed between two models: rules and bundles that are new, lost or different, those worth most first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np

from recommender.evidence import wilson_interval
from recommender.model import Model
from recommender.review.reviews import Subject
from recommender.review.rules import rules_of
from recommender.worth import Worth, worth_of

NEW, LOST, CHANGED = "new", "lost", "changed"
PER_BASKETS = 1_000


@dataclass(frozen=True)
class Standing:
    """How a rule or a bundle stands in one model.

    Attributes
    ----------
    count, of : baskets with all of it, of those with the antecedents; of a bundle, of those with at least one part.
    lift : times as often as luck gives.
    worth : expected profit per 1,000 baskets of what is sold beyond luck, shop's currency; None without prices.
    strength : support times lift, which ranks where no worth is known.
    """

    count: int
    of: int
    lift: float
    worth: float | None
    strength: float

    def as_json(self) -> dict[str, Any]:
        share = self.count / self.of
        return {"count": self.count, "of": self.of, "share": share, "lift": self.lift, "worth": self.worth}


@dataclass(frozen=True)
class Change:
    """One rule or bundle that is not as it was; `before` is None for a new one, `after` for a lost one."""

    subject: Subject
    before: Standing | None
    after: Standing | None

    @property
    def kind(self) -> str:
        return NEW if self.before is None else LOST if self.after is None else CHANGED

    @property
    def rank(self) -> tuple[bool, float, str]:
        """Smallest first: by worth, or by its change; where none is known by support times lift; then by id."""
        stands = [one for one in (self.before, self.after) if one is not None]
        unknown = any(one.worth is None for one in stands)
        values = [one.strength if unknown else one.worth or 0.0 for one in stands]
        at_stake = values[0] if len(values) == 1 else abs(values[1] - values[0])
        return unknown, -at_stake, self.subject.known_as

    def as_json(self, titles: Mapping[str, str]) -> dict[str, Any]:
        """With the titles of its items; an item without one has its id."""
        subject = self.subject
        parts: dict[str, Any] = {"items": list(subject.items)}
        if subject.consequent is not None:
            parts = {"antecedents": list(subject.items), "consequent": subject.consequent}
        stands = {"before": self.before and self.before.as_json(), "after": self.after and self.after.as_json()}
        named = {"titles": {item_id: titles.get(item_id, item_id) for item_id in subject.every_item}}
        return {"id": subject.known_as, "kind": subject.kind, "change": self.kind, **parts, **named, **stands}


@dataclass(frozen=True)
class Difference:
    """Two models side by side.

    Attributes
    ----------
    counts : name → (before, after); items, baskets, rules and bundles.
    metrics : name → (before, after) of the back-tests, where both have it.
    items_new, items_lost : items that only one of the two knows.
    rules, bundles : what changed, those first that are worth most, each kind in its list.
    titles : id → title of the items of what changed, where one has a title; that of the newer model goes first.
    """

    model_ids: tuple[str, str]
    counts: Mapping[str, tuple[int, int]]
    metrics: Mapping[str, tuple[float, float]]
    items_new: int
    items_lost: int
    rules: Mapping[str, list[Change]]
    bundles: Mapping[str, list[Change]]
    titles: Mapping[str, str]

    def as_json(self, most: int | None = None) -> dict[str, Any]:
        """`most` rules and bundles of each kind, None for all."""
        lists = {"rules": self.rules, "bundles": self.bundles}
        return {
            "models": list(self.model_ids),
            "counts": {name: list(values) for name, values in self.counts.items()},
            "metrics": {name: list(values) for name, values in self.metrics.items()},
            "items": {NEW: self.items_new, LOST: self.items_lost},
            "changes": {what: {kind: len(found) for kind, found in changes.items()} for what, changes in lists.items()},
        } | {
            what: {kind: [one.as_json(self.titles) for one in found[:most]] for kind, found in changes.items()}
            for what, changes in lists.items()
        }


def difference(before: Model, after: Model) -> Difference:
    """What changed. A rule or bundle of both has changed where the 95% intervals of its share do not meet."""
    rules = (dict(_rules(before)), dict(_rules(after)))
    bundles = (dict(_bundles(before)), dict(_bundles(after)))
    items = (set(before.catalog.item_ids), set(after.catalog.item_ids))
    changed_rules, changed_bundles = _changes(*rules), _changes(*bundles)
    return Difference(
        model_ids=(before.manifest.model_id, after.manifest.model_id),
        counts={
            "baskets": (before.baskets, after.baskets),
            "items": (len(items[0]), len(items[1])),
            "rules": (len(rules[0]), len(rules[1])),
            "bundles": (len(bundles[0]), len(bundles[1])),
        },
        metrics=_metrics(before.manifest.metrics, after.manifest.metrics),
        items_new=len(items[1] - items[0]),
        items_lost=len(items[0] - items[1]),
        rules=changed_rules,
        bundles=changed_bundles,
        titles=_titles((after, before), [*changed_rules.values(), *changed_bundles.values()]),
    )


def _titles(models: Iterable[Model], changes: Iterable[list[Change]]) -> dict[str, str]:
    """Titles of the items of what changed, from the first model that has one."""
    titles: dict[str, str] = {}
    item_ids = {item_id for found in changes for one in found for item_id in one.subject.every_item}
    for catalog in (model.catalog for model in models):
        for item_id in item_ids - titles.keys():
            row = catalog.row(item_id)
            if row >= 0 and catalog.titles[row]:
                titles[item_id] = catalog.titles[row]
    return titles


def _changes(before: Mapping[Subject, Standing], after: Mapping[Subject, Standing]) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = {NEW: [], LOST: [], CHANGED: []}
    for subject, stands in after.items():
        stood = before.get(subject)
        if stood is None or _apart(stood, stands):
            change = Change(subject, stood, stands)
            found[change.kind].append(change)
    found[LOST] = [Change(subject, stood, None) for subject, stood in before.items() if subject not in after]
    return {kind: sorted(changes, key=lambda change: change.rank) for kind, changes in found.items()}


def _apart(one: Standing, other: Standing) -> bool:
    (low, high), (other_low, other_high) = wilson_interval(one.count, one.of), wilson_interval(other.count, other.of)
    return low > other_high or high < other_low


def _rules(model: Model) -> Iterator[tuple[Subject, Standing]]:
    ids: list[str] = list(model.catalog.item_ids)
    worth, baskets = _worth(model), model.baskets
    rules = rules_of(model)
    columns = (rules.consequents, rules.counts, rules.of, model.item_orders[rules.consequents])
    for place, numbers in enumerate(np.stack(columns, axis=1)):
        consequent, count, of, sold = map(int, numbers)
        subject = Subject(tuple(sorted(ids[row] for row in rules.antecedent_rows(place))), ids[consequent])
        expected = of * sold / baskets
        yield subject, _standing(count, of, expected, baskets, float(worth.profit[consequent]))


def _bundles(model: Model) -> Iterator[tuple[Subject, Standing]]:
    ids, worth, bundles = model.catalog.item_ids, _worth(model), model.bundles
    columns = (bundles.counts, bundles.apart, bundles.expected)
    for place, (count, apart, expected) in enumerate(zip(*(c.tolist() for c in columns), strict=True)):
        rows = bundles.rows(place)
        subject = Subject(tuple(sorted(ids[row] for row in rows.tolist())))
        yield subject, _standing(count, count + apart, expected, model.baskets, float(worth.profit[rows].sum()))


def _standing(count: int, of: int, expected: float, baskets: int, profit: float) -> Standing:
    lift = count / expected
    worth = None if isnan(profit) else PER_BASKETS * (count - expected) / baskets * profit
    return Standing(count, of, lift, worth, count / baskets * lift)


def _worth(model: Model) -> Worth:
    return worth_of(model.catalog, float(model.manifest.config.get("worth", {}).get("return_cost", 0.0)))


def _metrics(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    def is_number(value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool)

    both = (name for name in before if is_number(before[name]) and is_number(after.get(name)))
    return {name: (before[name], after[name]) for name in both}
