"""The model that serves, swapped whole when the store, the catalogue file or the policy changes."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from recommender.catalog import Catalog
from recommender.customers import Customers
from recommender.engine import Recommender
from recommender.errors import DataError, GoeswithError, ModelError
from recommender.hashes import HashOf
from recommender.merchandising.cells import PolicyError
from recommender.merchandising.policy import Policy
from recommender.merchandising.read import read_policy
from recommender.model import Model
from recommender.pointer import serving
from recommender.review.reviews import REVIEWS, Reviews, read_reviews
from recommender.shelf import read_shelf
from recommender.store import Store
from service.catalog_rows import FileSignature, catalog_rows, fingerprint
from service.config import ServiceConfig
from service.logs import log
from service.mapped import MappedFiles, mapped_files, overwritten, signature_of
from service.metrics import Metrics

_RETRY_SECONDS = 30.0
_TRIED_ITEMS = 3


@dataclass(frozen=True)
class Shelf:
    """A catalogue file that was taken in: what told it apart, and 12 digits that follow from its bytes."""

    signature: FileSignature
    generation: str


@dataclass(frozen=True)
class Decided:
    """A policy file that was taken in, and what told it apart."""

    signature: FileSignature
    policy: Policy


@dataclass(frozen=True)
class Live:
    """One model with one shelf and one policy: immutable, so that a request keeps what it began with.

    Attributes
    ----------
    own : the catalog of the model itself; every catalogue file is read on top of it, so that all workers agree.
    version : name of the version in the store.
    loaded_at : when it was taken in, seconds since 1970.
    customers_file : what tells a generation of customers from one where somebody was erased.
    reviews_file : what tells one state of people's decisions from another.
    shelf : the catalogue file on it, None for the model's own stock, prices and active.
    decided : the policy file that it serves under, None without one.
    remarks : what the merchant should know of that policy beside this catalogue.
    files : what it is mapped from, as they were when they were verified.
    """

    recommender: Recommender
    own: Catalog
    version: str
    loaded_at: float
    customers_file: FileSignature | None = None
    reviews_file: FileSignature | None = None
    shelf: Shelf | None = None
    decided: Decided | None = None
    remarks: tuple[str, ...] = ()
    files: MappedFiles = field(default_factory=dict[Path, FileSignature])

    @property
    def model_id(self) -> str:
        return self.recommender.model.manifest.model_id

    @property
    def generation(self) -> str:
        """What the answers rest on: model, catalogue file, policy, dates of its rules, what people rejected."""
        shelf = self.shelf.generation if self.shelf else ""
        decided = f"{self.policy_id}-{self.recommender.epoch()}-{self.recommender.reviews.generation}"
        return f"{self.model_id}-{shelf}-{decided}"

    @property
    def policy_id(self) -> str:
        return self.recommender.policy.policy_id

    @property
    def catalog_modified_at(self) -> float | None:
        return self.shelf.signature.modified_ns / 1e9 if self.shelf else None


class LiveModel:
    """Holds the `Live` of one process and renews it; whatever fails leaves the last good one in place."""

    def __init__(self, config: ServiceConfig, metrics: Metrics, hash_of: HashOf | None = None) -> None:
        self.current: Live | None = None
        self._store = Store(config.store, hash_of=hash_of)
        self._root = config.store
        self._catalog = config.catalog
        self._policy = config.policy
        self._decided: Decided | None = None
        self._seconds = config.watch_seconds
        self._metrics = metrics
        self._failed: dict[str, tuple[object, float]] = {}
        self._stop = threading.Event()

    def open(self) -> None:
        """Take in what there is at the start.

        Raises ``DataError`` for a catalogue file, and ``PolicyError`` for a policy, that cannot be used.
        """
        if self._policy is not None:
            self._take_policy(_decide(self._policy))
        self._renew_model()
        if self.current is None:
            log(logging.WARNING, "waiting for a model", store=str(self._root))
        elif self._catalog is not None:
            self._put_on_shelf(self.current, self._catalog)

    def refresh(self) -> None:
        """Look once at the store, the catalogue file and the policy, and take in what changed."""
        self._drop_overwritten()
        self._renew_policy()
        self._renew_model()
        self._renew_shelf()

    def watch(self) -> None:
        """Look again and again, in a thread of this process."""
        threading.Thread(target=self._watch, name="goeswith-watch", daemon=True).start()

    def stop(self) -> None:
        """End the watch."""
        self._stop.set()

    def _watch(self) -> None:
        while not self._stop.wait(self._seconds):
            try:
                self.refresh()
            except Exception:  # noqa: BLE001  # a watch that dies would serve yesterday's stock for ever
                self._metrics.reload_failed("model")
                log(logging.ERROR, "watch failed", exc_info=True)

    def _drop_overwritten(self) -> None:
        """Serve nothing rather than what nobody verified; what the store holds now is read at once."""
        path = overwritten(self.current.files) if self.current else None
        if path is None:
            return
        self.current = None
        self._failed.pop("model", None)
        self._metrics.reload_failed("model")
        told = "was written into while it served; publish beside what serves, and promote"
        log(logging.ERROR, "model overwritten", error=f"{path}: {told}")

    def _renew_model(self) -> None:
        name: str | None = None
        reviews_file: FileSignature | None = None
        try:
            name = serving(self._root)
            if name is None:
                return
            customers_file = signature_of(self._root / "customers" / name / "manifest.json")
            reviews_file = signature_of(self._root / REVIEWS)
            if self._serves(name, customers_file, reviews_file) or self._failed_lately("model", (name, reviews_file)):
                return
            version = self._store.current()
            reviews, policy = read_reviews(self._root), self._decided and self._decided.policy
            files = mapped_files(version.path, self._root / "customers" / name)
            recommender = _tried_out(*self._store.load(version), policy, reviews)
        except GoeswithError as error:
            self._refuse("model", (name or str(error), reviews_file), error)
            return
        self._failed.pop("model", None)
        live = Live(
            recommender,
            recommender.catalog,
            version.name,
            time.time(),
            customers_file,
            reviews_file,
            decided=self._decided,
            files=files,
        )
        self.current = _remarked(self._with_shelf(live))
        self._metrics.reloaded("model")
        log(logging.INFO, "model taken in", model_id=live.model_id, version=version.name)

    def _serves(self, name: str, customers_file: FileSignature | None, reviews_file: FileSignature | None) -> bool:
        live = self.current
        there = (name, customers_file, reviews_file)
        return live is not None and (live.version, live.customers_file, live.reviews_file) == there

    def _with_shelf(self, live: Live) -> Live:
        """A new model with the catalogue file; where that is bad just now, with the shelf of the model before."""
        before = self.current
        if self._catalog is None or before is None:
            return live
        try:
            return self._shelved(live, self._catalog)
        except DataError:  # told by `_renew_shelf`, which tries again at once
            if before.shelf is None:
                return live
        catalog, _ = read_shelf(_as_rows(before.recommender.catalog), live.own)
        return replace(live, recommender=live.recommender.with_catalog(catalog), shelf=before.shelf)

    def _renew_shelf(self) -> None:
        live, path = self.current, self._catalog
        if live is None or path is None:
            return
        signature = signature_of(path)
        if (live.shelf and live.shelf.signature == signature) or self._failed_lately("catalog", signature):
            return
        try:
            self._put_on_shelf(live, path)
        except DataError as error:
            self._refuse("catalog", signature, error)

    def _renew_policy(self) -> None:
        path = self._policy
        if path is None:
            return
        signature = signature_of(path)
        if (self._decided and self._decided.signature == signature) or self._failed_lately("policy", signature):
            return
        try:
            decided = _decide(path)
            if self.current is not None:
                self.current = _remarked(_under(self.current, decided))
        except GoeswithError as error:
            self._refuse("policy", signature, error)
            return
        self._take_policy(decided)

    def _take_policy(self, decided: Decided) -> None:
        self._decided = decided
        self._failed.pop("policy", None)
        self._metrics.reloaded("policy")
        log(logging.INFO, "policy taken in", policy_id=decided.policy.policy_id)

    def _put_on_shelf(self, live: Live, path: Path) -> None:
        self.current = _remarked(self._shelved(live, path))
        self._failed.pop("catalog", None)
        self._metrics.reloaded("catalog")

    def _shelved(self, live: Live, path: Path) -> Live:
        try:
            signature = FileSignature.of(path)
            generation = fingerprint(path)
            catalog, report = read_shelf(catalog_rows(path), live.own)
        except DataError as error:
            raise DataError(f"{path}: {error}") from error
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror}); name a catalogue file") from error
        except (ValueError, TypeError, LookupError, RecursionError, MemoryError) as error:
            raise DataError(
                f"{path}: cannot be understood ({type(error).__name__}: {error}); write it again"
            ) from error
        if signature_of(path) != signature:
            raise DataError(f"{path}: changed while it was read; write beside it and rename")
        notes = report.lines()
        level = logging.WARNING if notes else logging.INFO
        log(
            level,
            "catalogue taken in",
            generation=generation,
            items=report.known,
            notes=notes or None,
        )
        return replace(live, recommender=live.recommender.with_catalog(catalog), shelf=Shelf(signature, generation))

    def _failed_lately(self, kind: str, what: object) -> bool:
        failed, at = self._failed.get(kind, (None, -math.inf))
        return failed == what and time.monotonic() - at < _RETRY_SECONDS

    def _refuse(self, kind: str, what: object, error: GoeswithError) -> None:
        if self._failed_lately(kind, what):
            return
        self._failed[kind] = (what, time.monotonic())
        self._metrics.reload_failed(kind)
        log(logging.ERROR, f"{kind} refused", error=str(error), serving=self.current and self.current.generation)


def _decide(path: Path) -> Decided:
    try:
        signature = FileSignature.of(path)
    except OSError as error:
        raise PolicyError(f"{path}: cannot be read ({error.strerror}); name a policy file") from error
    return Decided(signature, read_policy(path))


def _under(live: Live, decided: Decided) -> Live:
    """The same model and shelf under another policy, which answered a cart first."""
    before = live.recommender
    recommender = _tried_out(before.model, before.customers, decided.policy, before.reviews)
    return replace(live, recommender=recommender, decided=decided)


def _remarked(live: Live) -> Live:
    """With what the merchant should know of the policy; told in the log where it changed."""
    remarks = tuple(live.recommender.remarks())
    if remarks and remarks != live.remarks:
        log(logging.WARNING, "policy remarks", policy_id=live.policy_id, remarks=len(remarks), notes=remarks[:20])
    return replace(live, remarks=remarks)


def _tried_out(model: Model, customers: Customers | None, policy: Policy | None, reviews: Reviews) -> Recommender:
    """A recommender that answered a cart at every placement: one that cannot is refused, and no first shopper waits."""
    items = [model.catalog.item_ids[row] for row in range(min(_TRIED_ITEMS, len(model.catalog)))]
    try:
        recommender = Recommender(model, customers, policy=policy, reviews=reviews)
        for placement in recommender.policy.placement_names():
            recommender.answer(items, placement=placement).as_json()
    except Exception as error:
        raise ModelError(
            f"model {model.manifest.model_id}: cannot answer a cart ({type(error).__name__}: {error}); "
            "roll back or train again"
        ) from error
    return recommender


def _as_rows(catalog: Catalog) -> Iterator[Mapping[str, Any]]:
    columns = (catalog.item_ids, catalog.price.tolist(), catalog.stock.tolist(), catalog.active.tolist())
    for item_id, price, stock, active in zip(*columns, strict=True):
        yield {"item_id": item_id, "price": price, "stock": stock, "active": active}
