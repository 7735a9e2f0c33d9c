"""One model in one folder: described, written, and read back verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from recommender.arrays import Array, FileEntry, describe_arrays, read_arrays, refuse_link, write_arrays
from recommender.disk import open_plain, rounded, sync_folder, write_file
from recommender.errors import ModelError
from recommender.hashes import HashOf
from recommender.manifest import Manifest, loads
from recommender.model import Model
from recommender.model_arrays import SPECS, from_arrays, to_arrays
from recommender.verify import verify

MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 1 << 24


def sealed(model: Model) -> Model:
    """The model with a manifest that lists its files and bears its `model_id`; writes nothing."""
    return replace(model, manifest=model.manifest.sealed(describe_arrays(to_arrays(model), SPECS)))


def write_model(folder: Path, model: Model) -> None:
    """Write a sealed model into an empty folder and flush it, the manifest last; raises ``OSError``."""
    write_arrays(folder, to_arrays(model), SPECS)
    write_file(folder / MANIFEST, [model.manifest.dumps().encode()])
    sync_folder(folder)


def read_model(folder: Path, hash_of: HashOf | None = None) -> Model:
    """Verify every file of a folder and map it; raises ``ModelError`` naming what is damaged."""
    manifest = read_manifest(folder)
    arrays: Mapping[str, Array] = read_arrays(folder, manifest.files, SPECS, hash_of=hash_of)
    model = from_arrays(manifest, arrays)
    verify(model, str(folder))
    return model


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a model's folder; raises ``ModelError``."""
    return loads(read_text(folder / MANIFEST), str(folder / MANIFEST))


def read_text(path: Path) -> bytes:
    """The bytes of a small file; neither it nor its folder may be a link. Raises ``ModelError``."""
    refuse_link(path.parent)
    try:
        with open_plain(path) as file:
            text = file.read(_LARGEST_MANIFEST + 1)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); roll back or train again") from error
    if len(text) > _LARGEST_MANIFEST:
        raise ModelError(f"{path}: larger than {_LARGEST_MANIFEST:,} bytes: no manifest; roll back or train again")
    return text


def bytes_on_disk(files: Mapping[str, FileEntry], manifest: str) -> int:
    """What a folder of these files and this manifest will occupy."""
    return rounded([*(entry.bytes for entry in files.values()), len(manifest.encode())])
