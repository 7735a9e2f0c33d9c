"""The store: versions of a shop's model in one folder, one of which serves.

current                     one line: the version that serves
history                     one line a promotion, the newest last
versions/VERSION/           manifest.json and *.npy, never changed once it is there
customers/VERSION/          that version's histories, for the owner alone
events/DAY.jsonl            what visitors did, for the owner alone: `recommender.events`
reviews.json                what people decided about rules and bundles, for every version
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from recommender.customer_files import erase_customer
from recommender.customers import Customers
from recommender.disk import locked, refusals_explained, refuse_unless_writable
from recommender.errors import ModelError, UsageError
from recommender.events.log import erase_events
from recommender.hashes import HashOf
from recommender.manifest import Manifest
from recommender.model import Model
from recommender.model_files import read_manifest, read_model
from recommender.pointer import earlier, name_parts, point_back, point_to, serving
from recommender.publish import (
    INCOMING,
    check_customers,
    delete,
    make_layout,
    prepare,
    publish_version,
    remove,
    sweep,
)

LOCK_SECONDS = 60.0
_NAMED = 10


@dataclass(frozen=True)
class Version:
    """One version of a store.

    Attributes
    ----------
    name : the folder, ``YYYYMMDDTHHMMZ-MODEL_ID``.
    model_id : 12 hex digits that follow from what the model is made of.
    path : the folder.
    created_at : when it was published, UTC, to the minute.
    current : True for the version that serves.
    problem : what is wrong with it as far as a look at names and sizes tells, or None; only `Store.load` reads all.
    """

    name: str
    model_id: str
    path: Path
    created_at: datetime
    current: bool
    problem: str | None = None

    def manifest(self) -> Manifest:
        """What the version is; raises ``ModelError``."""
        manifest = read_manifest(self.path)
        if manifest.model_id != self.model_id:
            raise ModelError(
                f"{self.path}: holds model {manifest.model_id}; the folder was renamed or its manifest is another's: "
                "roll back or train again"
            )
        return manifest


class Erased(NamedTuple):
    """Where a customer was: names of versions, and how many lines of the event log."""

    versions: tuple[str, ...]
    events: int


class Store:
    """A folder of versions.

    Parameters
    ----------
    root : the folder; it need not exist before something is published.
    lock_seconds : how long a writer waits for another one.
    hash_of : hashes of its files that were taken ahead: `recommender.hashes.HashedAhead`.
    """

    def __init__(self, root: Path | str, *, lock_seconds: float = LOCK_SECONDS, hash_of: HashOf | None = None) -> None:
        self.root = Path(root)
        self._hash_of = hash_of
        self._lock_seconds = lock_seconds

    def publish(self, model: Model, customers: Customers | None, *, promote: bool, now: datetime) -> Version:
        """Add a version, verified; with `promote` it serves from now on.

        A model that is here already is used again. Whatever goes wrong, the version that served goes on serving.

        Raises
        ------
        StoreError : the disk is full or refuses, or somebody else is writing.
        ModelError : the model contradicts itself.
        """
        publication = prepare(model, customers)
        needed = publication.model_bytes + publication.customer_bytes
        with refusals_explained(self.root, needed), self._layout_locked():
            name = publish_version(self.root, publication, now)
            if promote:
                point_to(self.root, name)
        return self._version(name, _or_none(self.root))

    def refuse_unless_writable(self) -> None:
        """Raise ``StoreError`` where publishing would be refused for the place of the store; writes nothing."""
        refuse_unless_writable(self.root / "versions")

    def versions(self) -> list[Version]:
        """Every version, the newest first; damaged ones say so, what is no version is passed over."""
        now = _or_none(self.root)
        found = [self._version(name, now) for name in sorted(self._names(), reverse=True)]
        return [replace(version, problem=_problem(version)) for version in found]

    def current(self) -> Version:
        """The version that serves; raises ``ModelError`` if there is none."""
        name = serving(self.root)
        if name is None:
            raise ModelError(f"{self.root}: no version serves; {self._remedy()}")
        version = self._version(name, name)
        if name not in self._names():
            raise ModelError(f"{self.root / 'current'}: names {name}, which is not there; {self._remedy()}")
        return version

    def find(self, text: str) -> Version:
        """The one version whose name or model id is `text` or begins with it; raises ``UsageError``."""
        versions = self.versions()
        whole = [v for v in versions if text in {v.name, v.model_id}]
        found = whole or [v for v in versions if text and (v.name.startswith(text) or v.model_id.startswith(text))]
        if len({v.model_id for v in found}) == 1 and not any(v.name == text for v in found):
            found = [v for v in found if v.problem is None][:1] or found[:1]
        if len(found) != 1:
            there = ", ".join(v.name for v in (found or versions)[:_NAMED]) or "none"
            says = f"{len(found)} versions match" if found else "no such version"
            raise UsageError(f"{self.root}: {text!r}: {says}; there are {there}: name one")
        return found[0]

    def promote(self, text: str) -> Version:
        """Let a version serve, after reading it whole; raises ``UsageError``, ``ModelError``, ``StoreError``."""
        with self.writing():
            version = self.find(text)
            self.load(version)
            point_to(self.root, version.name)
        return replace(version, current=True)

    def rollback(self) -> Version:
        """Let the version serve that served before, as far as it is still here; a second call goes back further.

        Raises ``UsageError`` where nothing served before, ``ModelError`` if that version is damaged, ``StoreError``.
        """
        with self.writing():
            names = self._names()
            here = [name for name in earlier(self.root) if name in names]
            if not here:
                there = ", ".join(sorted(names, reverse=True)[:_NAMED]) or "none"
                raise UsageError(
                    f"{self.root}: no version served before; there are {there}: `goeswith models promote VERSION`"
                )
            version = self._version(here[0], here[0])
            self.load(version)
            point_back(self.root, version.name)
        return version

    def prune(self, keep: int) -> list[Version]:
        """Delete all but the newest `keep` whole versions and the one that serves, with their customers.

        Damaged versions do not count as kept; those older than the kept ones go. Returns what was deleted.
        Raises ``UsageError`` for `keep` below 1, ``ModelError`` where it is unclear what serves, ``StoreError``.
        """
        if keep < 1:
            raise UsageError(f"keep = {keep}: out of bounds; expected 1 or more")
        with self.writing():
            serving(self.root)
            gone: list[Version] = []
            for version in self.versions():
                if keep > 0 or version.current:
                    keep -= version.problem is None
                    continue
                remove(version.path)
                remove(self._customers(version.name))
                gone.append(version)
        return gone

    def load(self, version: Version | str | None = None) -> tuple[Model, Customers | None]:
        """A version and what it knows of customers (None where it knows none), verified and mapped.

        `version` is one of `versions`, or a text for `find`; the one that serves by default.
        Raises ``ModelError`` naming the file that is missing or damaged, ``UsageError`` for a text that finds none.
        """
        if version is None:
            version = self.current()
        elif isinstance(version, str):
            version = self.find(version)
        version.manifest()
        model = read_model(version.path, self._hash_of)
        folder = self._customers(version.name)
        known = folder.name in _names_in(folder.parent)
        return model, check_customers(folder, model, self._hash_of) if known else None

    def erase(self, customer_id: str, events: Path | None = None) -> Erased:
        """Take one customer's id, lines and factors out of every version's histories, and what they did out of the
        event log, that of the store by default.

        A service that runs keeps what it has read until it reads again. Raises ``StoreError``, and ``ModelError`` for
        histories that are damaged, after all others were cleaned.
        """
        erased: list[str] = []
        damaged: list[str] = []
        with self.writing():
            for folder in sorted((self.root / "customers").iterdir()):
                if folder.name.startswith(INCOMING):
                    delete(folder)
                elif name_parts(folder.name):
                    try:
                        erased += [folder.name] if erase_customer(folder, customer_id) else []
                    except ModelError as error:
                        damaged.append(str(error))
            lines = erase_events(events or self.root / "events", customer_id)
        if damaged:
            raise ModelError(f"not erased everywhere; delete these histories: {'; '.join(damaged)}")
        return Erased(tuple(erased), lines)

    def _version(self, name: str, now: str | None) -> Version:
        parts = name_parts(name)
        assert parts is not None
        created_at, model_id = parts
        return Version(name, model_id, self.root / "versions" / name, created_at, current=name == now)

    def _names(self) -> list[str]:
        return _names_in(self.root / "versions")

    def _customers(self, name: str) -> Path:
        return self.root / "customers" / name

    def _remedy(self) -> str:
        names = sorted(self._names(), reverse=True)
        if names:
            return f"there are {', '.join(names[:_NAMED])}: `goeswith models promote VERSION --store {self.root}`"
        return f"`goeswith train ORDERS --store {self.root}` makes one"

    @contextmanager
    def writing(self) -> Generator[None]:
        """Hold the store's lock; raises ``ModelError`` where there is no store, ``StoreError`` where it is refused."""
        if not self.root.is_dir():
            raise ModelError(f"{self.root}: no such store; {self._remedy()}")
        with refusals_explained(self.root), self._layout_locked():
            yield

    @contextmanager
    def _layout_locked(self) -> Generator[None]:
        make_layout(self.root)
        with locked(self.root / ".lock", self._lock_seconds):
            sweep(self.root)
            yield


def _names_in(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.iterdir() if name_parts(path.name)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ModelError(f"{folder}: cannot be read ({error.strerror}); give permission and try again") from error


def _or_none(root: Path) -> str | None:
    try:
        return serving(root)
    except ModelError:
        return None


def _problem(version: Version) -> str | None:
    try:
        files = version.manifest().files
        for name, entry in files.items():
            size = (version.path / f"{name}.npy").stat().st_size
            if size != entry.bytes:
                return f"{name}.npy: {size:,} bytes, expected {entry.bytes:,}"
    except ModelError as error:
        return str(error)
    except OSError as error:
        return f"{error.filename}: {error.strerror}"
    return None
