"""Writing that survives a crash, one writer at a time; and reading that is led nowhere else."""

from __future__ import annotations

import errno
import fcntl
import io
import os
import shutil
import stat
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from recommender.errors import StoreError

_BLOCK = 4096
_POLL_SECONDS = 0.05


def open_plain(path: Path) -> io.BufferedReader:
    """Open a regular file for reading, never through a link; raises ``OSError``."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return open(descriptor, "rb")


def write_file(path: Path, parts: Iterable[bytes | memoryview], mode: int = 0o644) -> None:
    """Write a new file and flush it to the disk; raises ``OSError`` if it exists or the disk refuses."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with open(descriptor, "wb") as file:
        file.writelines(parts)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Swap a small file for another in one step: a reader sees the old content or the new, never a part."""
    beside = path.with_name(f".{path.name}-{os.getpid()}")
    beside.unlink(missing_ok=True)
    try:
        write_file(beside, [content], mode)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Flush a folder's list of names to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def rounded(sizes: Iterable[int]) -> int:
    """Bytes that files of these sizes occupy, in whole blocks.

    >>> rounded([1, 4096, 4097])
    16384
    """
    return sum(-(-size // _BLOCK) * _BLOCK for size in sizes)


def refuse_unless_room(folder: Path, needed: int) -> None:
    """Raise ``StoreError`` if the disk of `folder` has less than `needed` bytes free."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StoreError(
            f"{folder}: the disk has {free:,} bytes free, {needed:,} are needed; nothing was changed: "
            "free some space (`goeswith models prune`) and try again"
        )


def refuse_unless_writable(folder: Path) -> None:
    """Raise ``StoreError`` where `folder` is no folder that can be made or written; writes nothing."""
    there = next(place for place in (folder, *folder.absolute().parents) if os.path.lexists(place))
    with refusals_explained(folder.parent):
        if not there.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(there))
        if not os.access(there, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(there))


@contextmanager
def refusals_explained(place: Path, needed: int = 0) -> Generator[None]:
    """Turn an ``OSError`` of writing into a ``StoreError`` that names the place, the need and the remedy."""
    try:
        yield
    except OSError as error:
        asked = f"; {needed:,} bytes are needed" if needed else ""
        raise StoreError(
            f"{error.filename or place}: cannot be written ({error.strerror or error}){asked}; the version that served "
            f"before serves on: give {place} space and permission and try again"
        ) from error


@contextmanager
def locked(path: Path, seconds: float) -> Generator[None]:
    """Hold the lock file `path`; the kernel frees it when its holder dies.

    Raises ``StoreError`` if somebody else holds it for longer than `seconds`.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    try:
        _wait_for(descriptor, path, seconds)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, path: Path, seconds: float) -> None:
    give_up = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= give_up:
                holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip() or "unknown"
                raise StoreError(
                    f"{path}: process {holder} is writing to this store, and still is after {seconds:g} s; "
                    "try again when it is done"
                ) from error
            time.sleep(_POLL_SECONDS)
        else:
            return
