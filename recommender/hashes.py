"""Hashes of a store's files: taken when they are asked for, or ahead, while the program that will ask is being loaded.

Ahead they are taken by a process of their own. What loads a program holds the interpreter nearly all the time: a thread
that asks for it between two blocks would wait, and make the loading wait. Nothing is imported here that takes long to
load.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn

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

    It promises nothing: a file that was changed since, could not be read, or was not done when the first one was asked
    for is hashed when it is asked for, and whoever asks is told what is wrong with it. To leave its `with` is its
    `end`. The process that makes it must not have started threads.

    Parameters
    ----------
    root : the store.
    """

    def __init__(self, root: Path) -> None:
        self._files = _files(root)
        self._done = dict[Path, tuple[_Identity, str]]()
        self._child = _begun(self._files)
        self._lock = threading.Lock()

    def __call__(self, path: Path, file: io.BufferedReader) -> str:
        self._hear()
        done = self._done.pop(path, None)
        return done[1] if done is not None and done[0] == _identity(file) else hash_now(path, file)

    def __enter__(self) -> HashedAhead:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """End the process; from now on every file is hashed when it is asked for."""
        self._hear()
        self._done.clear()

    def _hear(self) -> None:
        """Stop the process where it is: those who ask have both cores now, and hash what it did not."""
        with self._lock:
            child, self._child = self._child, None
            if child is not None:
                self._done = {self._files[place]: done for place, done in _heard(*child)}


def _begun(files: Sequence[Path]) -> tuple[int, int] | None:
    """A process that hashes `files`, and where it is heard; None where there is nothing to hash, or no room."""
    if not files:
        return None
    told, tells = os.pipe()
    try:
        child = os.fork()
    except OSError:
        os.close(told)
        os.close(tells)
        return None
    if child == 0:
        _hash_all(files, tells)
    os.close(tells)
    return child, told


def _hash_all(files: Sequence[Path], tells: int) -> NoReturn:
    """Write a line a file, in one piece: its place, its sha256, its identity."""
    try:
        for place, path in enumerate(files):
            with suppress(OSError), open_plain(path) as file:
                os.write(tells, f"{place} {hash_now(path, file)} {' '.join(map(str, _identity(file)))}\n".encode())
    finally:
        os._exit(0)  # nothing of the parent's is to be ended here


def _heard(child: int, told: int) -> Iterator[tuple[int, tuple[_Identity, str]]]:
    os.kill(child, signal.SIGKILL)
    with open(told, encoding="ascii") as lines:
        for line in lines:
            place, digest, *identity = line.split()
            yield int(place), (tuple(map(int, identity)), digest)
    os.waitpid(child, 0)


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


def _identity(file: io.BufferedReader) -> _Identity:
    """What tells a file that is open from every other, and from itself after a change."""
    found = os.fstat(file.fileno())
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
