"""A folder of plain `.npy` arrays that is verified once and then memory-mapped.

Models and customers' histories are both kept this way. What each array means, its dtype, the axes it must agree on and
the bounds of its values are declared in a table of `ArraySpec`; nothing is read that the table does not name.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.errors import ModelError

Array = NDArray[Any]
_CHUNK = 1 << 20


@dataclass(frozen=True)
class ArraySpec:
    """What one array of a folder must be.

    Attributes
    ----------
    name : the file is ``<name>.npy``.
    dtype : numpy's short name, little endian: ``i4``, ``f8``, ``u1``.
    axes : a name per axis; axes of one name have one length across the folder; ``"items+1"`` is one longer.
    meaning : one line for people.
    low, below : bounds of every value, ``low <= value < below``; `below` may name an axis.
    runs_over : for offsets: the axis that they divide (first 0, never falling, last the axis's length).
    """

    name: str
    dtype: str
    axes: tuple[str, ...]
    meaning: str
    low: float | None = None
    below: float | str | None = None
    runs_over: str | None = None


@dataclass(frozen=True)
class FileEntry:
    """What the manifest says of one file."""

    sha256: str
    dtype: str
    shape: tuple[int, ...]
    bytes: int

    def as_json(self) -> dict[str, Any]:
        return {"sha256": self.sha256, "dtype": self.dtype, "shape": list(self.shape), "bytes": self.bytes}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> FileEntry:
        shape = tuple(int(n) for n in value["shape"])
        return cls(str(value["sha256"]), str(value["dtype"]), shape, int(value["bytes"]))


def write_arrays(folder: Path, arrays: Mapping[str, Array], specs: Iterable[ArraySpec]) -> dict[str, FileEntry]:
    """Write every array of `specs` into `folder` and flush it to the disk; returns the manifest's entries.

    Raises ``KeyError`` if an array is missing and ``OSError`` if the disk refuses.
    """
    entries: dict[str, FileEntry] = {}
    for spec in specs:
        array = np.ascontiguousarray(arrays[spec.name], dtype=np.dtype(spec.dtype))
        path = folder / f"{spec.name}.npy"
        with open(path, "wb") as file:
            np.save(file, array, allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        entries[spec.name] = FileEntry(_sha256(path), array.dtype.str, array.shape, path.stat().st_size)
    return entries


def read_arrays(folder: Path, entries: Mapping[str, FileEntry], specs: Iterable[ArraySpec]) -> dict[str, Array]:
    """Verify every array of `specs` against its manifest entry and its bounds, then map it read-only.

    Raises ``ModelError`` naming the file, what it holds, and what it should hold.
    """
    lengths: dict[str, int] = {}
    arrays: dict[str, Array] = {}
    specs = tuple(specs)
    for spec in specs:
        path = folder / f"{spec.name}.npy"
        if spec.name not in entries:
            raise ModelError(f"{folder}: the manifest does not list {spec.name}; train again or roll back")
        arrays[spec.name] = _mapped(path, spec, entries[spec.name])
        _agree(path, spec, arrays[spec.name], lengths)
    for spec in specs:
        _bounded(folder / f"{spec.name}.npy", spec, arrays[spec.name], lengths)
    return arrays


def _mapped(path: Path, spec: ArraySpec, entry: FileEntry) -> Array:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise _damaged(path, f"cannot be read ({error.strerror})", "there") from error
    if size != entry.bytes:
        raise _damaged(path, f"{size:,} bytes", f"{entry.bytes:,} bytes")
    digest = _sha256(path)
    if digest != entry.sha256:
        raise _damaged(path, f"sha256 {digest[:12]}…", f"{entry.sha256[:12]}…")
    try:
        mapped = np.load(path, mmap_mode="r" if np.prod(entry.shape) else None, allow_pickle=False)
    except (ValueError, OSError) as error:
        raise _damaged(path, f"not a plain array ({error})", "a .npy file") from error
    array = np.asarray(mapped)
    if array.dtype != np.dtype(spec.dtype) or array.shape != entry.shape or array.ndim != len(spec.axes):
        axes = ", ".join(spec.axes)
        raise _damaged(path, f"{array.dtype} of shape {array.shape}", f"{np.dtype(spec.dtype)} over ({axes})")
    return array


def _agree(path: Path, spec: ArraySpec, array: Array, lengths: dict[str, int]) -> None:
    for axis, length in zip(spec.axes, array.shape, strict=True):
        base, _, extra = axis.partition("+")
        expected = lengths.setdefault(base, length - int(extra or 0))
        if length != expected + int(extra or 0):
            raise _damaged(path, f"{length:,} along {axis}", f"{expected + int(extra or 0):,}")


def _bounded(path: Path, spec: ArraySpec, array: Array, lengths: Mapping[str, int]) -> None:
    if spec.runs_over is not None:
        end = lengths[spec.runs_over]
        if len(array) == 0 or array[0] != 0 or array[-1] != end or bool(np.any(np.diff(array) < 0)):
            raise _damaged(path, "offsets out of order", f"rising from 0 to {end:,}")
    if not array.size:
        return
    if spec.low is not None and not bool(array.min() >= spec.low):
        raise _damaged(path, f"a value of {array.min()}", f"at least {spec.low:g}")
    if spec.below is not None:
        below = lengths[spec.below] if isinstance(spec.below, str) else spec.below
        if not bool(array.max() < below):
            raise _damaged(path, f"a value of {array.max()}", f"below {below:,}")


def _damaged(path: Path, found: str, expected: str) -> ModelError:
    return ModelError(
        f"{path}: found {found}, expected {expected}; the file is damaged: `goeswith models rollback` or train again"
    )


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
