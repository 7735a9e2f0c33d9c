"""Customers' histories in one folder: written, read back verified, and one customer erased from them.

    GENERATION/manifest.json      whose item rows these are, how many, and the hash of every file
    GENERATION/CONTENT/*.npy      the arrays; CONTENT is named after what they hold

The manifest is replaced in one step, so that a reader finds the content with the erased customer or the one without,
never a mixture; the old content is deleted after that. Folders are 0700 and files 0600: the owner's alone.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recommender.arrays import FileEntry, describe_arrays, read_arrays, write_arrays
from recommender.customers import (
    CUSTOMER_FORMAT_VERSION,
    CUSTOMER_SPECS,
    Customers,
    customers_from_arrays,
    customers_to_arrays,
)
from recommender.disk import replace_file, sync_folder
from recommender.errors import ModelError
from recommender.hashes import HashOf
from recommender.manifest import file_entries, read_object, short_id
from recommender.model_files import MANIFEST, read_text
from recommender.verify import verify_customers

FOLDER_MODE = 0o700
FILE_MODE = 0o600


@dataclass(frozen=True)
class CustomerManifest:
    """What a generation is.

    Attributes
    ----------
    model_id : the model whose rows `Customers.items` means.
    items : number of items of that model.
    files : an entry per array.
    """

    model_id: str
    items: int
    files: dict[str, FileEntry]

    @property
    def content(self) -> str:
        """Name of the folder with the arrays: it follows from the rest."""
        return short_id(self._facts())

    def as_json(self) -> dict[str, Any]:
        return {**self._facts(), "content": self.content}

    def dumps(self) -> str:
        return json.dumps(self.as_json(), indent=1, sort_keys=True) + "\n"

    def _facts(self) -> dict[str, Any]:
        files = {name: entry.as_json() for name, entry in self.files.items()}
        version = CUSTOMER_FORMAT_VERSION
        return {"format_version": version, "model_id": self.model_id, "items": self.items, "files": files}


def describe_customers(customers: Customers, model_id: str, items: int) -> CustomerManifest:
    """The manifest that `write_customers` would write."""
    return CustomerManifest(model_id, items, describe_arrays(customers_to_arrays(customers), CUSTOMER_SPECS))


def write_customers(folder: Path, customers: Customers, manifest: CustomerManifest) -> None:
    """Write the content, flush it, then swap the manifest; raises ``OSError``."""
    content = folder / manifest.content
    if content.exists():
        shutil.rmtree(content)
    content.mkdir(FOLDER_MODE)
    write_arrays(content, customers_to_arrays(customers), CUSTOMER_SPECS, FILE_MODE)
    sync_folder(content)
    sync_folder(folder)
    replace_file(folder / MANIFEST, manifest.dumps().encode(), FILE_MODE)


def read_customers(folder: Path, hash_of: HashOf | None = None) -> tuple[CustomerManifest, Customers]:
    """Verify and map a generation; raises ``ModelError``. A reader that meets an erasure begins again."""
    manifest = read_customer_manifest(folder)
    while True:
        try:
            return manifest, _read_content(folder / manifest.content, manifest, hash_of)
        except ModelError:
            before, manifest = manifest, read_customer_manifest(folder)
            if manifest == before:
                raise


def read_customer_manifest(folder: Path) -> CustomerManifest:
    """The manifest of a generation; raises ``ModelError``."""
    place = folder / MANIFEST
    value = read_object(read_text(place), str(place), CUSTOMER_FORMAT_VERSION)
    try:
        manifest = CustomerManifest(str(value["model_id"]), value["items"], file_entries(value["files"]))
        garbled = type(manifest.items) is not int or manifest.as_json() != value
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ModelError(f"{place}: the manifest lacks or garbles {error}; train again") from error
    if garbled:
        raise ModelError(f"{place}: altered after it was written; train again")
    return manifest


def erase_customer(folder: Path, customer_id: str) -> bool:
    """Take one customer out of a generation; False if it does not know that customer.

    What an interrupted erasure left behind is deleted in any case. Raises ``ModelError`` and ``OSError``.
    """
    manifest, customers = read_customers(folder)
    row = customers.row(customer_id)
    if row >= 0:
        rest = customers.without(row)
        manifest = describe_customers(rest, manifest.model_id, manifest.items)
        write_customers(folder, rest, manifest)
    delete_old_content(folder, manifest)
    return row >= 0


def delete_old_content(folder: Path, manifest: CustomerManifest) -> None:
    """Delete every content but the one that the manifest names."""
    for path in folder.iterdir():
        if path.name in {MANIFEST, manifest.content}:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    sync_folder(folder)


def _read_content(folder: Path, manifest: CustomerManifest, hash_of: HashOf | None) -> Customers:
    arrays = read_arrays(folder, manifest.files, CUSTOMER_SPECS, {"items": manifest.items}, hash_of)
    customers = customers_from_arrays(arrays)
    verify_customers(customers, str(folder))
    return customers
