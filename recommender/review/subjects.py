"""Rules and bundles found by their ids."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from recommender.engine import Recommender
from recommender.errors import ModelError, UsageError
from recommender.model import Model
from recommender.review.reviews import Reviews, Subject, read_reviews, write_reviews
from recommender.review.rules import rules_of
from recommender.store import Store

_ROWS = 1_000
_FEW = 5


def subjects_of(model: Model) -> Iterator[Subject]:
    """Every rule and every bundle of the whole shop."""
    ids: list[str] = list(model.catalog.item_ids)
    for place in range(len(model.bundles)):
        yield Subject(tuple(sorted(ids[row] for row in map(int, model.bundles.rows(place)))))
    for first in range(0, len(ids), _ROWS):
        rules = rules_of(model, first, min(first + _ROWS, len(ids)))
        for place, consequent in enumerate(map(int, rules.consequents)):
            yield Subject(tuple(sorted(ids[row] for row in rules.antecedent_rows(place))), ids[consequent])


def boxes_of(model: Model) -> Iterator[Subject]:
    """The sets of the bought-together boxes, item by item."""
    recommender = Recommender(model)
    for item_id in model.catalog.item_ids:
        box = recommender.bundle(item_id)
        if box is not None:
            yield Subject(tuple(sorted(item.item_id for item in box.items)))


def find_subjects(store: Store, wanted: Collection[str], reviews: Reviews) -> tuple[dict[str, Subject], str]:
    """The rules and bundles of these ids, and the model id of the version that serves.

    They are looked for among earlier decisions, in the version that serves, in the others, the newest first, and last
    among the boxes of the version that serves.

    Raises ``UsageError`` naming the ids that are nowhere, ``ModelError`` where no version serves.
    """
    current = store.current()
    found = {name: one.subject for name, one in reviews.decisions.items() if name in wanted}
    served, _ = store.load(current)
    _look(found, wanted, subjects_of(served))
    for version in store.versions():
        if len(found) == len(set(wanted)):
            break
        if version.problem is None and not version.current:
            try:
                _look(found, wanted, subjects_of(store.load(version)[0]))
            except ModelError:
                continue
    _look(found, wanted, boxes_of(served))
    missing = [name for name in dict.fromkeys(wanted) if name not in found]
    if missing:
        named = ", ".join(f"{name!r:.60}" for name in missing[:_FEW]) + (" …" if len(missing) > _FEW else "")
        raise UsageError(
            f"{store.root}: no rule and no bundle is called {named}; `goeswith models diff` and exports show their ids"
        )
    return found, current.model_id


def decide(store: Store, wanted: Collection[str], decision: str, now: datetime) -> Reviews:
    """Approve or reject rules and bundles by id; the last decision on each counts.

    Raises ``UsageError``, ``ModelError``, and ``StoreError`` where the store cannot be written.
    """
    found, model_id = find_subjects(store, wanted, read_reviews(store.root))
    with store.writing():
        after = read_reviews(store.root).after(found.values(), decision, model_id, now)
        write_reviews(store.root, after)
    return after


def _look(found: dict[str, Subject], wanted: Collection[str], subjects: Iterator[Subject]) -> None:
    left = set(wanted) - found.keys()
    if not left:
        return
    for subject in subjects:
        known_as = subject.known_as
        if known_as in left:
            found[known_as] = subject
            left.discard(known_as)
            if not left:
                return
