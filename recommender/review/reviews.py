"""Decisions of people about rules and bundles: `reviews.json` in the store, beside the versions and in none of them.

A decision names items, not rows, so that it holds for every later model.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from recommender.bundles import bundle_id
from recommender.disk import open_plain, replace_file
from recommender.errors import ModelError
from recommender.manifest import read_object, short_id
from recommender.review.rules import rule_id

REVIEWS = "reviews.json"
FORMAT_VERSION = 1
APPROVED, REJECTED = "approved", "rejected"
RULE, BUNDLE = "rule", "bundle"
_LARGEST = 1 << 26


@dataclass(frozen=True)
class Subject:
    """A rule or a bundle.

    Attributes
    ----------
    items : the antecedents of a rule, the parts of a bundle; sorted ids.
    consequent : of a rule, None for a bundle.
    """

    items: tuple[str, ...]
    consequent: str | None = None

    @property
    def every_item(self) -> tuple[str, ...]:
        """The ids of all items, the consequent last."""
        return self.items if self.consequent is None else (*self.items, self.consequent)

    @property
    def kind(self) -> str:
        return BUNDLE if self.consequent is None else RULE

    @property
    def known_as(self) -> str:
        """The id of the rule or the bundle: it follows from its items.

        >>> Subject(("a", "b")).known_as == bundle_id(["b", "a"])
        True
        """
        return bundle_id(self.items) if self.consequent is None else rule_id(self.items, self.consequent)


@dataclass(frozen=True)
class Decision:
    """What was decided, when (ISO 8601, UTC, to the second), and of which model's rule or bundle."""

    subject: Subject
    decision: str
    at: str
    model_id: str

    def as_json(self) -> dict[str, Any]:
        subject: dict[str, Any] = {"id": self.subject.known_as, "kind": self.subject.kind}
        if self.subject.consequent is None:
            subject["items"] = list(self.subject.items)
        else:
            subject |= {"antecedents": list(self.subject.items), "consequent": self.subject.consequent}
        return subject | {"decision": self.decision, "at": self.at, "model_id": self.model_id}


@dataclass(frozen=True)
class Reviews:
    """The latest decision on each rule and bundle, by its id, in the order of the decisions."""

    decisions: Mapping[str, Decision] = field(default_factory=dict[str, Decision])

    def __len__(self) -> int:
        return len(self.decisions)

    def latest_first(self) -> list[Decision]:
        """Every decision, the latest first."""
        return list(self.decisions.values())[::-1]

    def rejected(self, kind: str) -> list[Subject]:
        """The rules, or the bundles, that were rejected last."""
        found = (one for one in self.decisions.values() if one.decision == REJECTED)
        return [one.subject for one in found if one.subject.kind == kind]

    def decision_on(self, known_as: str) -> str | None:
        """``approved``, ``rejected`` or None."""
        found = self.decisions.get(known_as)
        return None if found is None else found.decision

    def after(self, subjects: Iterable[Subject], decision: str, model_id: str, now: datetime) -> Reviews:
        """With one more decision on each; it takes the place of an earlier one."""
        at = now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        decisions = dict(self.decisions)
        for subject in subjects:
            decisions.pop(subject.known_as, None)
            decisions[subject.known_as] = Decision(subject, decision, at, model_id)
        return Reviews(decisions)

    @property
    def generation(self) -> str:
        """12 hex digits that change with what is rejected; empty where nothing is."""
        rejected = sorted(one.known_as for kind in (RULE, BUNDLE) for one in self.rejected(kind))
        return short_id({"rejected": rejected}) if rejected else ""


def read_reviews(store: Path) -> Reviews:
    """The decisions of a store, none where there is no file; raises ``ModelError`` for a file that is damaged."""
    path = store / REVIEWS
    try:
        with open_plain(path) as file:
            text = file.read(_LARGEST)
    except (FileNotFoundError, NotADirectoryError):
        return Reviews()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); give permission, or restore it") from error
    try:
        decisions = [_decision(row) for row in read_object(text, str(path), FORMAT_VERSION)["decisions"]]
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{path}: damaged ({type(error).__name__}: {error!s:.80}); restore it from a backup, or delete it and"
            " decide again"
        ) from error
    return Reviews({decision.subject.known_as: decision for decision in decisions})


def write_reviews(store: Path, reviews: Reviews) -> None:
    """Swap the file in one step; raises ``OSError``."""
    value = {"format_version": FORMAT_VERSION, "decisions": [one.as_json() for one in reviews.decisions.values()]}
    replace_file(store / REVIEWS, json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n")


def _decision(row: Any) -> Decision:
    fields = cast("dict[str, Any]", row)
    if fields["kind"] == RULE:
        subject = Subject(_ids(fields["antecedents"]), _text(fields["consequent"]))
    elif fields["kind"] == BUNDLE:
        subject = Subject(_ids(fields["items"]))
    else:
        raise ValueError(f"kind {fields['kind']!r:.40}")
    if fields["id"] != subject.known_as or fields["decision"] not in {APPROVED, REJECTED}:
        raise ValueError(f"id {fields['id']!r:.40}, decision {fields['decision']!r:.40}")
    return Decision(subject, fields["decision"], _text(fields["at"]), _text(fields["model_id"]))


def _ids(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise TypeError(f"{value!r:.40} is no list of ids")
    return tuple(sorted(_text(item) for item in cast("list[Any]", value)))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is no text")
    return value
