"""A folder of plain `.npy` arrays that is verified once and then memory-mapped.

Models and customers' histories are both kept this way. What each array means, its dtype, the axes it must agree on and
the bounds of its values are declared in a table of `ArraySpec`; nothing is read that the table does not name.
A folder may come from a stranger: nothing in it is evaluated, followed out of the folder, or trusted before it is
measured.
"""

from __future__ import annotations

import hashlib
import io
import math
import mmap
import os
import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from recommender.disk import open_plain, write_file
from recommender.errors import ModelError
from recommender.hashes import HashOf, hash_now

Array = NDArray[Any]
Result = TypeVar("Result")
_MAGIC = b"\x93NUMPY\x01\x00"
_HEADER = re.compile(
    rb"\{'descr': '([<|][fiu][1248])', 'fortran_order': False, 'shape': \(((?:\d{1,19}, ?)*(?:\d{1,19})?)\), \} *\n"
)
_THREADS = 4
_FEW_BYTES = 1 << 16
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class ArraySpec:
    """What one array of a folder must be.

    Attributes
    ----------
    name : the file is ``<name>.npy``.
    dtype : numpy's short name, little endian: ``i4``, ``f8``, ``u1``.
    axes : a name per axis; axes of one name have one length across the folder; ``"items+1"`` is one longer.
    meaning : one line for people.
    low, below : bounds of every value, ``low <= value < below``; `below` may name an axis. A bound refuses NaN.
    or_unknown : NaN stands for unknown and passes the bounds.
    runs_over : for offsets: the axis that they divide (first 0, never falling, last the axis's length).
    """

    name: str
    dtype: str
    axes: tuple[str, ...]
    meaning: str
    low: float | None = None
    below: float | str | None = None
    or_unknown: bool = False
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
    def from_json(cls, value: Any) -> FileEntry:
        """Raises ``ValueError``, ``KeyError`` or ``TypeError`` for what is no entry."""
        sha256, dtype, shape, size = value["sha256"], value["dtype"], tuple(value["shape"]), value["bytes"]
        if len(value) != 4 or not _SHA256.fullmatch(sha256) or not isinstance(dtype, str):
            raise ValueError("a file's entry")
        if not all(type(n) is int and n >= 0 for n in (*shape, size)):
            raise ValueError("a file's shape or bytes")
        return cls(sha256, dtype, shape, size)


def describe_arrays(arrays: Mapping[str, Array], specs: Iterable[ArraySpec]) -> dict[str, FileEntry]:
    """The manifest's entries of the files that `write_arrays` would write; the same arrays give the same hashes.

    Raises ``KeyError`` if an array is missing and ``ValueError`` if one does not fit the dtype of its spec.
    """
    entries: dict[str, FileEntry] = {}
    for spec in specs:
        array = _plain(arrays[spec.name], spec)
        header, data = _parts(array)
        digest = hashlib.sha256(header)
        digest.update(data)
        entries[spec.name] = FileEntry(digest.hexdigest(), array.dtype.str, array.shape, len(header) + len(data))
    return entries


def write_arrays(folder: Path, arrays: Mapping[str, Array], specs: Iterable[ArraySpec], mode: int = 0o644) -> None:
    """Write every array of `specs` into `folder` and flush it to the disk.

    Raises ``KeyError`` and ``ValueError`` as `describe_arrays`, and ``OSError`` if the disk refuses.
    """
    for spec in specs:
        write_file(folder / f"{spec.name}.npy", _parts(_plain(arrays[spec.name], spec)), mode)


def read_arrays(
    folder: Path,
    entries: Mapping[str, FileEntry],
    specs: Iterable[ArraySpec],
    known: Mapping[str, int] | None = None,
    hash_of: HashOf | None = None,
) -> dict[str, Array]:
    """Verify every array of `specs` against its manifest entry and its bounds, then map it read-only.

    `known` gives lengths of axes that the folder itself does not settle, `hash_of` hashes that were taken ahead.
    Raises ``ModelError`` naming the file, what it holds, and what it should hold.
    """
    refuse_link(folder)
    lengths, hash_of = dict(known or {}), hash_of or hash_now
    specs = tuple(specs)
    missing = [spec.name for spec in specs if spec.name not in entries]
    if missing:
        raise ModelError(f"{folder}: the manifest does not list {missing[0]}; train again or roll back")
    paths = [folder / f"{spec.name}.npy" for spec in specs]
    with ThreadPoolExecutor(_THREADS) as pool:
        mapping = {
            spec.name: _begun(pool, entries[spec.name].bytes, partial(_mapped, path, spec, entries[spec.name], hash_of))
            for path, spec in sorted(zip(paths, specs, strict=True), key=lambda pair: -entries[pair[1].name].bytes)
        }
        arrays = {spec.name: mapping[spec.name]() for spec in specs}
        for path, spec in zip(paths, specs, strict=True):
            _agree(path, spec, arrays[spec.name], lengths)
        bounding = [
            _begun(pool, arrays[spec.name].nbytes, partial(_bounded, path, spec, arrays[spec.name], lengths))
            for path, spec in zip(paths, specs, strict=True)
        ]
        for bounded in bounding:
            bounded()
    return arrays


def _begun(pool: Executor, size: int, work: Callable[[], Result]) -> Callable[[], Result]:
    """What gives the result: work on many bytes begins on a thread now, that on few is done sooner than handed over."""
    return pool.submit(work).result if size > _FEW_BYTES else work


def refuse_link(folder: Path) -> None:
    """Raise ``ModelError`` if the folder is a link to another place."""
    if folder.is_symlink():
        raise ModelError(f"{folder}: is a link; expected a folder of its own: copy what it leads to")


def _plain(array: Array, spec: ArraySpec) -> Array:
    plain = np.ascontiguousarray(array, np.dtype(spec.dtype)).reshape(array.shape)
    fits = array.ndim == len(spec.axes) and array.dtype.kind in "biuf"
    if not fits or (array.dtype != plain.dtype and not np.array_equal(array, plain, equal_nan=plain.dtype.kind == "f")):
        axes = ", ".join(spec.axes)
        raise ValueError(
            f"{spec.name}: {array.dtype} of shape {array.shape} does not fit {plain.dtype} over ({axes}) without loss"
        )
    return plain


def _parts(array: Array) -> tuple[bytes, memoryview]:
    header = io.BytesIO()
    npy.write_array_header_1_0(header, npy.header_data_from_array_1_0(array))
    return header.getvalue(), array.reshape(-1).view(np.uint8).data


def _mapped(path: Path, spec: ArraySpec, entry: FileEntry, hash_of: HashOf) -> Array:
    try:
        with open_plain(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size != entry.bytes:
                raise _damaged(path, f"{size:,} bytes", f"{entry.bytes:,} bytes")
            digest = hash_of(path, file)
            if digest != entry.sha256:
                raise _damaged(path, f"sha256 {digest[:12]}…", f"{entry.sha256[:12]}…")
            start = _start_of_data(path, file, spec, entry)
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise _damaged(path, f"no readable file ({error.strerror})", f"{entry.bytes:,} bytes") from error
    return np.ndarray(entry.shape, np.dtype(spec.dtype), mapped, start)


def _start_of_data(path: Path, file: io.BufferedReader, spec: ArraySpec, entry: FileEntry) -> int:
    file.seek(0)
    start = file.read(len(_MAGIC) + 2)
    header = file.read(int.from_bytes(start[len(_MAGIC) :], "little"))
    match = _HEADER.fullmatch(header)
    if not start.startswith(_MAGIC) or match is None:
        raise _damaged(path, "another kind of file", "a plain .npy array")
    dtype = np.dtype(spec.dtype)
    shape = tuple(int(n) for n in match[2].decode().split(",") if n.strip())
    fits = (match[1].decode(), shape, len(shape)) == (dtype.str, entry.shape, len(spec.axes))
    data = math.prod(shape) * dtype.itemsize
    if not fits or entry.dtype != dtype.str or len(start) + len(header) + data != entry.bytes:
        axes = ", ".join(spec.axes)
        raise _damaged(path, f"{match[1].decode()} of shape {shape}", f"{dtype.str} over ({axes})")
    return len(start) + len(header)


def _agree(path: Path, spec: ArraySpec, array: Array, lengths: dict[str, int]) -> None:
    for axis, length in zip(spec.axes, array.shape, strict=True):
        base, _, extra = axis.partition("+")
        expected = lengths.setdefault(base, length - int(extra or 0))
        if length != expected + int(extra or 0):
            raise _damaged(path, f"{length:,} along {axis}", f"{expected + int(extra or 0):,}")


def _bounded(path: Path, spec: ArraySpec, array: Array, lengths: Mapping[str, int]) -> None:
    if spec.runs_over is not None:
        end = lengths[spec.runs_over]
        if len(array) == 0 or array[0] != 0 or array[-1] != end or bool(np.any(array[1:] < array[:-1])):
            raise _damaged(path, "offsets out of order", f"rising from 0 to {end:,}")
    if spec.or_unknown:
        array = array[~np.isnan(array)]
    if not array.size:
        return
    if spec.low is not None and not array.min().item() >= spec.low:
        raise _damaged(path, f"a value of {array.min()}", f"at least {spec.low:g}")
    if spec.below is not None:
        below = lengths[spec.below] if isinstance(spec.below, str) else spec.below
        if not array.max().item() < below:
            raise _damaged(path, f"a value of {array.max()}", f"below {below:,}")


def _damaged(path: Path, found: str, expected: str) -> ModelError:
    return ModelError(
        f"{path}: found {found}, expected {expected}; the file is damaged: `goeswith models rollback` or train again"
    )
