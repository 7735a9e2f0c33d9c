"""The manifest: what a version is, where it came from, and the hash of every file in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from recommender.arrays import FileEntry
from recommender.errors import ModelError

FORMAT_VERSION = 1


@dataclass(frozen=True)
class Manifest:
    """What `manifest.json` holds. It carries no clock: the same input gives the same bytes and the same `model_id`.

    Attributes
    ----------
    model_id : 12 hex digits, a hash of everything else here; empty until `sealed`.
    input : fingerprint (sha256) and names of the orders and the catalogue.
    window : first and last order, ISO 8601 in UTC, or null where orders have no times.
    counts : numbers of baskets, lines, items, customers, claimed pairs, rules, …
    config : the whole configuration that made it.
    seed : the seed of everything random.
    libraries : versions of the libraries that took part.
    metrics : the back-test's figures; they belong to a model counted from the earlier orders alone.
    notes : what training could not do, in sentences.
    files : an entry per array.
    """

    input: Mapping[str, Any]
    window: Mapping[str, Any]
    counts: Mapping[str, int]
    config: Mapping[str, Any]
    seed: int
    libraries: Mapping[str, str]
    metrics: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    files: Mapping[str, FileEntry] = field(default_factory=dict[str, FileEntry])
    format_version: int = FORMAT_VERSION
    model_id: str = ""

    def as_json(self) -> dict[str, Any]:
        files = {name: entry.as_json() for name, entry in self.files.items()}
        return {
            "format_version": self.format_version,
            "model_id": self.model_id,
            "input": dict(self.input),
            "window": dict(self.window),
            "counts": dict(self.counts),
            "config": dict(self.config),
            "seed": self.seed,
            "libraries": dict(self.libraries),
            "metrics": dict(self.metrics),
            "notes": list(self.notes),
            "files": files,
        }

    def sealed(self, files: Mapping[str, FileEntry]) -> Manifest:
        """With its files and the `model_id` that follows from everything it says."""
        unnamed = replace(self, files=dict(files), model_id="")
        return replace(unnamed, model_id=hashlib.sha256(_canonical(unnamed.as_json())).hexdigest()[:12])

    def dumps(self) -> str:
        return json.dumps(self.as_json(), indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def loads(text: str | bytes, place: str) -> Manifest:
    """Read a manifest; `place` names the file in messages.

    Raises ``ModelError`` for what is no manifest, of another format, or altered after it was sealed.
    """
    try:
        value = json.loads(text)
        version = int(value["format_version"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(f"{place}: not a manifest ({error!r}); roll back or train again") from error
    if version != FORMAT_VERSION:
        remedy = "upgrade goeswith" if version > FORMAT_VERSION else "train again with this version"
        raise ModelError(f"{place}: format version {version}, this program reads {FORMAT_VERSION}; {remedy}")
    try:
        manifest = Manifest(
            input=value["input"],
            window=value["window"],
            counts=value["counts"],
            config=value["config"],
            seed=int(value["seed"]),
            libraries=value["libraries"],
            metrics=value["metrics"],
            notes=tuple(value["notes"]),
            files={name: FileEntry.from_json(entry) for name, entry in value["files"].items()},
            model_id=str(value["model_id"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"{place}: the manifest lacks or garbles {error}; roll back or train again") from error
    if manifest.sealed(manifest.files).model_id != manifest.model_id:
        raise ModelError(f"{place}: altered after it was written (model {manifest.model_id}); roll back or train again")
    return manifest


def _canonical(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()
