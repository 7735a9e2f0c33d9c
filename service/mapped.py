"""The files that the model which serves is mapped from: what tells that somebody wrote into one of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from service.catalog_rows import FileSignature

MappedFiles = Mapping[Path, FileSignature]


def mapped_files(*folders: Path) -> MappedFiles:
    """The arrays in these folders and in those one further down, as they are now."""
    found: dict[Path, FileSignature] = {}
    for folder in folders:
        for path in (*folder.glob("*.npy"), *folder.glob("*/*.npy")):
            signature = signature_of(path)
            if signature is not None:
                found[path] = signature
    return found


def overwritten(files: MappedFiles) -> Path | None:
    """The first file that was written into or cut since: what is mapped from it is no longer what was verified.

    One that was deleted, or replaced by another under its name, is still mapped as it was.
    """
    for path, before in files.items():
        now = signature_of(path)
        if now is not None and now != before and now.inode == before.inode:
            return path
    return None


def signature_of(path: Path) -> FileSignature | None:
    """What tells the file from a changed one; None where there is none."""
    try:
        return FileSignature.of(path)
    except OSError:
        return None
