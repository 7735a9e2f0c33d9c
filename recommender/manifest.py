"""The manifest: what a version is, where it came from, and the hash of every file in it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from recommender.arrays import FileEntry
from recommender.errors import ModelError

FORMAT_VERSION = 1
_FILE_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_LARGEST = 2**53


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
        return replace(unnamed, model_id=short_id(unnamed.as_json()))

    def dumps(self) -> str:
        text = json.dumps(self.as_json(), indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
        return text.encode(errors="backslashreplace").decode()  # names of files may hold what is no UTF-8


def loads(text: str | bytes, place: str) -> Manifest:
    """Read a manifest; `place` names the file in messages.

    Raises ``ModelError`` for what is no manifest, of another format, or altered after it was sealed.
    """
    value = read_object(text, place, FORMAT_VERSION)
    try:
        manifest = Manifest(
            input=_section(value, "input"),
            window=_section(value, "window"),
            config=_section(value, "config"),
            libraries=_section(value, "libraries"),
            metrics=_section(value, "metrics"),
            counts=_counts(_section(value, "counts")),
            seed=_whole(value["seed"]),
            notes=tuple(map(str, value["notes"])),
            files=file_entries(_section(value, "files")),
            model_id=str(value["model_id"]),
        )
        told = json.loads(json.dumps(manifest.as_json(), allow_nan=False))
        altered = told != value or manifest.sealed(manifest.files).model_id != manifest.model_id
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ModelError(f"{place}: the manifest lacks or garbles {error}; roll back or train again") from error
    if altered:
        raise ModelError(f"{place}: altered after it was written (model {manifest.model_id}); roll back or train again")
    return manifest


def read_object(text: str | bytes, place: str, format_version: int) -> dict[str, Any]:
    """A JSON object with the one ``format_version`` that this program reads; raises ``ModelError``."""
    try:
        value = json.loads(text, parse_constant=_no_number)
        version = _whole(value["format_version"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(f"{place}: not a manifest ({error}); roll back or train again") from error
    if version != format_version:
        remedy = "upgrade goeswith" if version > format_version else "train again with this version"
        raise ModelError(f"{place}: format version {version}, this program reads {format_version}; {remedy}")
    return cast("dict[str, Any]", value)


def short_id(value: Mapping[str, Any]) -> str:
    """12 hex digits that follow from a JSON value and from nothing else: neither the order of keys nor a clock.

    >>> short_id({"a": 1, "b": 2}) == short_id({"b": 2, "a": 1})
    True
    """
    plain = json.loads(json.dumps(value, allow_nan=False))
    canonical = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def file_entries(value: Mapping[str, Any]) -> dict[str, FileEntry]:
    """The entries of a manifest's files; raises ``ValueError``, ``KeyError`` or ``TypeError`` for what is none."""
    strange = [name for name in value if not _FILE_NAME.fullmatch(name)]
    if strange:
        raise ValueError(f"the name of a file, {strange[0]!r:.60}")
    return {name: FileEntry.from_json(entry) for name, entry in value.items()}


def _section(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    section = value[name]
    if not isinstance(section, dict):
        raise TypeError(name)
    return cast("dict[str, Any]", section)


def _counts(section: Mapping[str, Any]) -> dict[str, int]:
    return {name: _whole(value) for name, value in section.items()}


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value < _LARGEST:
        raise ValueError(f"{value!r:.50}, expected a whole number from 0 to 2^53")
    return value


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")
