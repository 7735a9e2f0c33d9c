"""What a target takes its rows from: one version of the store, opened once a process."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from recommender.catalog import Catalog
from recommender.engine import Recommender
from recommender.store import Store
from training.exports.remarks import Remarks


@dataclass(frozen=True)
class Options:
    """What was asked for.

    Attributes
    ----------
    placement : whose suggestions the lists hold, None for the target's own.
    k : items of a list at most, None for the target's own number.
    """

    placement: str | None = None
    k: int | None = None


@dataclass(frozen=True)
class Source:
    """One version, ready to be asked.

    Attributes
    ----------
    told : what was left out so far.
    """

    recommender: Recommender
    options: Options
    told: Remarks = field(default_factory=Remarks)

    @property
    def catalog(self) -> Catalog:
        return self.recommender.catalog

    @property
    def model_id(self) -> str:
        return self.recommender.model.manifest.model_id

    def with_blank_remarks(self) -> Source:
        """The same with nothing told yet."""
        return replace(self, told=Remarks())


def open_source(store: Path, version: str, options: Options) -> Source:
    """A version of a store; nothing is read of its customers. Raises ``ModelError``."""
    model, _ = Store(store).load(version)
    return Source(Recommender(model), options)
