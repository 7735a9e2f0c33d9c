"""Files and folders that appear whole or not at all: written beside, checked, then renamed into place."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from recommender.errors import DataError, UsageError

_BLOCK = 1 << 20


@contextmanager
def refusals_told(path: Path) -> Iterator[None]:
    """Turn an ``OSError`` of writing into a ``DataError`` that names the place and the remedy."""
    try:
        yield
    except OSError as error:
        raise DataError(
            f"{path}: cannot be written ({error.strerror or error}); nothing was changed: name a place with room and"
            " permission (-o)"
        ) from error


class Staging:
    """New files beside their places; `put` renames all of them, and whatever goes wrong before leaves none.

    Raises ``OSError`` where the system refuses.

    Parameters
    ----------
    private : files that nobody but the owner may read.
    """

    def __init__(self, *, private: bool = False) -> None:
        self._staged: dict[Path, Path] = {}
        self._private = private

    @contextmanager
    def file(self, path: Path) -> Iterator[IO[bytes]]:
        """A new file that will stand at `path`."""
        beside = self._staged[path] = path.with_name(f".{path.name[:200]}.{os.getpid()}")
        with beside.open("wb") as file:
            if self._private:
                os.fchmod(file.fileno(), 0o600)
            yield file
            file.flush()
            os.fsync(file.fileno())

    def folder(self, path: Path) -> Path:
        """A new folder that will stand at `path`."""
        beside = Path(tempfile.mkdtemp(prefix=f".{path.name[:200]}-", dir=path.parent))
        self._staged[path] = beside
        beside.chmod(0o777 & ~_umask())
        return beside

    def staged(self, path: Path) -> Path:
        """Where the file or folder stands that will be at `path`."""
        return self._staged[path]

    def put(self) -> None:
        """Rename everything into place, in the order in which it was begun."""
        for path in list(self._staged):
            _swap(self._staged[path], path)
            del self._staged[path]

    def drop(self) -> None:
        """Delete what was not put."""
        for beside in self._staged.values():
            if beside.is_dir():
                shutil.rmtree(beside, ignore_errors=True)
            else:
                beside.unlink(missing_ok=True)
        self._staged.clear()


@contextmanager
def staging(path: Path, *, private: bool = False) -> Iterator[Staging]:
    """A `Staging` whose files are put at the end, or dropped after an error.

    Raises ``DataError`` naming `path` where the system refuses.
    """
    stage = Staging(private=private)
    with refusals_told(path):
        try:
            yield stage
            stage.put()
        finally:
            stage.drop()


def refuse_clash(path: Path, *, folder: bool) -> None:
    """Raise ``UsageError`` where something of another kind stands at `path`, or where its folder is none."""
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent}: no such folder; make it, or name another place (-o)")
    if path.is_symlink() or not path.exists():
        return
    if folder and not path.is_dir():
        raise UsageError(f"{path}: is a file; this target needs a folder: name another one (-o)")
    if not folder and not path.is_file():
        what = "a folder" if path.is_dir() else "no regular file"
        raise UsageError(f"{path}: is {what}; name a file (-o)")


def sha256_of(path: Path) -> tuple[str, int]:
    """The hash of a file, as hex digits, and its bytes; of a folder that of its sorted ``hash  name`` lines."""
    if path.is_dir():
        names = sorted(str(file.relative_to(path)) for file in path.rglob("*") if file.is_file())
        hashes = {name: sha256_of(path / name) for name in names}
        listed = "".join(f"{digest}  {name}\n" for name, (digest, _) in hashes.items())
        return hashlib.sha256(listed.encode()).hexdigest(), sum(size for _, size in hashes.values())
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return digest.hexdigest(), size


def _swap(new: Path, path: Path) -> None:
    if not path.is_dir():
        new.replace(path)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{path.name[:200]}-", dir=path.parent))
    path.rename(old)
    try:
        new.rename(path)
    except OSError:
        old.rename(path)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
