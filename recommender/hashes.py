"""Hashes of a store's files: taken when they are asked for, or ahead, while the program that will ask is being loaded.

Ahead they are taken by one thread and in large blocks: what loads a program holds the interpreter, and every thread
more that asks for it between two blocks would make both wait. Nothing is imported here that takes long to load.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

from recommender.disk import open_plain
from recommender.errors import ModelError
from recommender.pointer import serving

HashOf = Callable[[Path, io.BufferedReader], str]
"""sha256 in hex of the file at a path, which is open."""

_BLOCK = 1 << 24
_Identity = tuple[int, ...]


def hash_now(path: Path, file: io.BufferedReader) -> str:  # noqa: ARG001  # `HashedAhead` knows files by their paths
    """sha256 in hex of a whole file; raises ``OSError``."""
    digest, block = hashlib.sha256(), memoryview(bytearray(min(_BLOCK, os.fstat(file.fileno()).st_size) or 1))
    while read := file.readinto(block):
        digest.update(block[:read])
    return digest.hexdigest()


class HashedAhead:
    """Hashes of the version that serves and of its customers, the largest file first, from now on; a ``HashOf``.

    It promises nothing: a file that was changed since, could not be read, or was not begun is hashed when it is asked
    for, and whoever asks is told what is wrong with it. To leave its `with` is its `end`.

    Parameters
    ----------
    root : the store.
    """

    def __init__(self, root: Path) -> None:
        self._thread = ThreadPoolExecutor(1, "goeswith-hashes")
        self._begun = {path: self._thread.submit(_hashed, path) for path in _files(root)}

    def __call__(self, path: Path, file: io.BufferedReader) -> str:
        begun = self._begun.pop(path, None)
        found = None if begun is None or begun.cancel() else begun.result()
        return found[1] if found and found[0] == _identity(file) else hash_now(path, file)

    def __enter__(self) -> HashedAhead:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """End the thread after the file that it is at; from now on every file is hashed when it is asked for."""
        self._begun = dict[Path, Future[tuple[_Identity, str] | None]]()
        self._thread.shutdown(cancel_futures=True)


def _files(root: Path) -> list[Path]:
    """What will be read, as far as can be told; what is wrong with it is told by those who read it."""
    try:
        name = serving(root)
        found = [] if name is None else [*_listed(root / "versions" / name), *_listed(root / "customers" / name)]
    except (ModelError, OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return []
    return [path for path, _ in sorted(found, key=lambda file: -file[1])]


def _listed(folder: Path) -> Iterator[tuple[Path, int]]:
    """Files of a manifest and their bytes; those of customers lie one folder further down."""
    if not folder.is_dir():
        return
    with open_plain(folder / "manifest.json") as file:
        manifest: dict[str, Any] = json.load(file)
    content = folder / str(manifest.get("content", ""))
    for name, entry in manifest["files"].items():
        if Path(name).name == name:
            yield content / f"{name}.npy", int(entry["bytes"])


def _hashed(path: Path) -> tuple[_Identity, str] | None:
    try:
        with open_plain(path) as file:
            return _identity(file), hash_now(path, file)
    except OSError:
        return None


def _identity(file: io.BufferedReader) -> _Identity:
    """What tells a file that is open from every other, and from itself after a change."""
    found = os.fstat(file.fileno())
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
