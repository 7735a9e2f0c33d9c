"""How a version gets into a store: written beside, flushed, read back verified, and only then renamed to its name.

A crash at any moment leaves either nothing but a folder whose name begins with a dot, or a whole version.
"""

from __future__ import annotations

import os
import shutil
import stat
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from recommender.customer_files import (
    FOLDER_MODE,
    CustomerManifest,
    delete_old_content,
    describe_customers,
    read_customers,
    write_customers,
)
from recommender.customers import Customers
from recommender.disk import refuse_unless_room, sync_folder
from recommender.errors import ModelError
from recommender.hashes import HashOf
from recommender.model import Model
from recommender.model_files import bytes_on_disk, read_model, sealed, write_model
from recommender.pointer import name_parts, version_name

INCOMING, REMOVED = ".incoming-", ".removed-"
_STALE_SECONDS = 3600


def make_layout(root: Path) -> None:
    """Make the folders of a store where they are missing; raises ``OSError``."""
    (root / "versions").mkdir(parents=True, exist_ok=True)
    (root / "customers").mkdir(mode=FOLDER_MODE, exist_ok=True)
    if stat.S_IMODE((root / "customers").stat().st_mode) != FOLDER_MODE:
        (root / "customers").chmod(FOLDER_MODE)


@dataclass(frozen=True)
class Publication:
    """What is to be published: a sealed model, its customers, and what both will occupy on the disk, in bytes."""

    model: Model
    customers: Customers | None
    described: CustomerManifest | None
    model_bytes: int
    customer_bytes: int


def prepare(model: Model, customers: Customers | None) -> Publication:
    """Seal a model and describe its customers; writes nothing."""
    model = sealed(model)
    ours = bytes_on_disk(model.manifest.files, model.manifest.dumps())
    if customers is None:
        return Publication(model, None, None, ours, 0)
    described = describe_customers(customers, model.manifest.model_id, len(model.catalog))
    return Publication(model, customers, described, ours, bytes_on_disk(described.files, described.dumps()))


def publish_version(root: Path, publication: Publication, now: datetime) -> str:
    """Put a model and its customers into a store that is laid out and locked; returns the version's name.

    A version of the same model that verifies is used again and nothing is written. One that is damaged is replaced
    under its old name. Raises ``StoreError`` where there is no room, ``OSError`` where the disk refuses, ``ModelError``
    where the model contradicts itself.
    """
    model = publication.model
    same = _same_model(root, model.manifest.model_id)
    whole = next((name for name in same if _is_whole(root / "versions" / name)), None)
    name = whole or (same[0] if same else version_name(now, model.manifest.model_id))
    refuse_unless_room(root, publication.customer_bytes + (0 if whole else publication.model_bytes))
    histories, version = root / "customers" / name, root / "versions" / name
    were_known = histories.exists()
    try:
        _publish_customers(histories, publication)
        if whole is None:
            _publish_model(version, model)
    except BaseException:
        if not were_known and not version.exists():
            remove(histories)
        raise
    return name


def sweep(root: Path) -> None:
    """Delete what crashed writers left: removals half done, and incoming folders and orphans older than an hour."""
    for path in root.iterdir():
        if path.name.startswith((".current-", ".history-")):
            delete(path)
    for folder in (root / "versions", root / "customers"):
        for path in folder.iterdir():
            if path.name.startswith(REMOVED) or (path.name.startswith(INCOMING) and _is_stale(path)):
                delete(path)
    for path in (root / "customers").iterdir():
        if name_parts(path.name) and not (root / "versions" / path.name).exists() and _is_stale(path):
            delete(path)


def remove(folder: Path) -> None:
    """Take a folder out of sight in one step, then delete it."""
    if folder.exists() or folder.is_symlink():
        aside = folder.with_name(REMOVED + folder.name)
        folder.rename(aside)
        sync_folder(folder.parent)
        delete(aside)


def delete(path: Path) -> None:
    """Delete a folder with what is in it, or a file, or a link but not what it leads to."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def check_customers(folder: Path, model: Model, hash_of: HashOf | None = None) -> Customers:
    """The customers of a generation, which must belong to this model; raises ``ModelError``."""
    manifest, customers = read_customers(folder, hash_of)
    ours = (model.manifest.model_id, len(model.catalog), model.factors.home.shape[1])
    theirs = (manifest.model_id, manifest.items, customers.factors.shape[1])
    if ours != theirs:
        raise ModelError(
            f"{folder}: histories of model {theirs[0]} with {theirs[1]:,} items and {theirs[2]} factors, expected "
            f"{ours[0]} with {ours[1]:,} and {ours[2]}; delete that folder to serve without histories, or train again"
        )
    return customers


def _same_model(root: Path, model_id: str) -> list[str]:
    names = (path.name for path in (root / "versions").iterdir())
    return sorted((n for n in names if name_parts(n) and n.endswith(model_id)), reverse=True)


def _is_whole(folder: Path) -> bool:
    try:
        model = read_model(folder)
    except ModelError:
        return False
    return folder.name.endswith(model.manifest.model_id)


def _publish_model(folder: Path, model: Model) -> None:
    incoming = _incoming(folder)
    try:
        incoming.mkdir()
        write_model(incoming, model)
        read_model(incoming)
        remove(folder)
        incoming.rename(folder)
        sync_folder(folder.parent)
    except BaseException:
        shutil.rmtree(incoming, ignore_errors=True)
        raise


def _publish_customers(folder: Path, publication: Publication) -> None:
    customers, described, model = publication.customers, publication.described, publication.model
    if customers is None or described is None or _knows_customers(folder, model):
        return
    if folder.exists():
        write_customers(folder, customers, described)
        delete_old_content(folder, described)
        return
    incoming = _incoming(folder)
    try:
        incoming.mkdir(FOLDER_MODE)
        write_customers(incoming, customers, described)
        check_customers(incoming, model)
        incoming.rename(folder)
        sync_folder(folder.parent)
    except BaseException:
        shutil.rmtree(incoming, ignore_errors=True)
        raise


def _knows_customers(folder: Path, model: Model) -> bool:
    try:
        check_customers(folder, model)
    except ModelError:
        return False
    return True


def _incoming(folder: Path) -> Path:
    incoming = folder.with_name(f"{INCOMING}{folder.name}-{os.getpid()}")
    if incoming.exists():
        delete(incoming)
    return incoming


def _is_stale(path: Path) -> bool:
    return time.time() - path.lstat().st_mtime > _STALE_SECONDS
