"""What a target takes its rows from: one version of the store, opened once a process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from recommender.catalog import Catalog
from recommender.engine import Recommender
from recommender.merchandising.read import read_policy
from recommender.model import Model
from recommender.review.reviews import APPROVED, REJECTED, Reviews, read_reviews
from recommender.store import Store
from training.exports.locks import Locks, read_locks
from training.exports.platform_ids import PlatformIds, platform_ids
from training.exports.remarks import Remarks


@dataclass(frozen=True)
class Options:
    """What was asked for.

    Attributes
    ----------
    placement : whose suggestions the lists hold, None for the target's own.
    k : items of a list at most, None for the target's own number.
    id_column : the catalogue column whose ids are written, None for the item ids.
    locked : file of relations that a person has curated.
    policy : the merchant's policy file; by default nothing but the default exclusions.
    currency : ISO 4217 code of the prices, for systems that want it beside them.
    """

    placement: str | None = None
    k: int | None = None
    id_column: str | None = None
    locked: Path | None = None
    policy: Path | None = None
    currency: str | None = None


@dataclass(frozen=True)
class Source:
    """One version, ready to be asked.

    Attributes
    ----------
    ids : what the shop system calls the items.
    locks : what a person has curated.
    reviews : what people decided about rules and bundles.
    told : what was left out so far.
    """

    recommender: Recommender
    options: Options
    ids: PlatformIds
    locks: Locks
    reviews: Reviews
    told: Remarks = field(default_factory=Remarks)

    @property
    def catalog(self) -> Catalog:
        return self.recommender.catalog

    @property
    def model(self) -> Model:
        return self.recommender.model

    @property
    def model_id(self) -> str:
        return self.model.manifest.model_id

    def review_of(self, known_as: str) -> str | None:
        """``approved`` where a person approved the rule or bundle of this id."""
        return APPROVED if self.reviews.decision_on(known_as) == APPROVED else None

    def tell_lock(self, item_id: str, relation: str, locked: tuple[str, ...]) -> None:
        """Tell that a relation is as a person has it."""
        self.told.add(
            f"locked relations {'written as given' if locked else 'left untouched'}", f"{item_id}: {relation}"
        )

    def translated(self, item_ids: Iterable[str]) -> tuple[str, ...]:
        """The system's ids of items that a person named; what the model does not know keeps its id or is left out."""
        found: list[str] = []
        for item_id in item_ids:
            row = self.catalog.row(item_id)
            if row < 0:
                self.told.add("locked items that the model does not know", item_id)
            text = self.ids.texts[row] if row >= 0 else ("" if self.ids.column else item_id)
            if text and text not in found:
                found.append(text)
            else:
                self.told.add(f"locked items without {self.ids.what} left out", item_id)
        return tuple(found)

    def with_blank_remarks(self) -> Source:
        """The same with nothing told yet."""
        return replace(self, told=Remarks())


def open_source(
    store: Path,
    version: str,
    options: Options,
    problem: Callable[[str], str | None] = lambda _: None,
    *,
    reviewed: bool = True,
    of_customers: bool = False,
) -> Source:
    """A version of a store.

    Parameters
    ----------
    problem : why an id cannot be written for the system, or None.
    reviewed : without what people rejected.  of_customers : with its customers' histories.

    Raises ``ModelError``, ``UsageError`` for an id column that is not there, ``DataError`` for locks that are none.
    """
    locks = read_locks(options.locked)
    policy = None if options.policy is None else read_policy(options.policy)
    model, customers = Store(store).load(version)
    reviews = read_reviews(store) if reviewed else Reviews()
    told = Remarks()
    _tell_unknown(locks, model, told)
    for one in reviews.latest_first():
        if one.decision == REJECTED:
            told.add("rejected rules and bundles kept out", one.subject.known_as)
    ids = platform_ids(model, options.id_column, told, problem)
    recommender = Recommender(model, customers if of_customers else None, policy=policy, reviews=reviews)
    return Source(recommender, options, ids, locks, reviews, told)


def _tell_unknown(locks: Locks, model: Model, told: Remarks) -> None:
    for item_id in dict.fromkeys(item_id for item_id, _ in locks.related):
        if model.catalog.row(item_id) < 0:
            told.add("locked items that are not in the model", item_id)
