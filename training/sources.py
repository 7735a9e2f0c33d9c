"""Which files a path, a glob or a folder means, and what each one is by its name and its first bytes."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from recommender.errors import DataError, UsageError

Kind = Literal["csv", "parquet", "fimi", "jsonl"]
Compression = Literal["none", "gzip", "zstd"]

_KINDS: dict[str, Kind] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".dat": "fimi",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
REJECTED_ENDING = ".rejected.csv"
"""Files that training wrote beside the orders; a folder or a glob never means them."""
_PACKED: dict[str, Compression] = {".gz": "gzip", ".zst": "zstd"}
_GZIP, _ZSTD, _PARQUET = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PAR1"
_UTF_16 = b"\xff\xfe"
_FOREIGN = {
    b"PK\x03\x04": "an Excel workbook or a zip archive; export CSV in UTF-8, or unpack it",
    _UTF_16: "UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "UTF-16 text; save it as UTF-8",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; export CSV in UTF-8",
    b"sep=": "CSV under Excel's line sep=; take that line out, the separator is found without it",
}


@dataclass(frozen=True)
class SourceFile:
    """One file to read.

    Attributes
    ----------
    path : where it is.
    name : what messages and models call it: its path inside the folder that was given, or its bare name.
    kind : how it is parsed.
    compression : what its bytes are packed with (Parquet: always "none", it packs its own pages).
    """

    path: Path
    name: str
    kind: Kind
    compression: Compression


def find_files(source: str | os.PathLike[str], kinds: Sequence[Kind]) -> list[SourceFile]:
    """The files that `source` means, sorted by name, all of one kind out of `kinds`.

    A folder is searched with its subfolders; names that begin with ``.`` or ``_`` are left out, as are rejected lines
    that training wrote, and files whose ending says that they hold something else.

    Raises ``DataError`` where nothing is there, where a file or folder may not be read, where kinds are mixed, and
    where a file is not what its name says; ``UsageError`` where `source` is empty.
    """
    text = os.fspath(source)
    if not text.strip():
        raise UsageError(f"{text!r}: no path; name a file, a folder or a glob, and `.` for the current folder")
    path = Path(text)
    try:
        if path.is_dir():
            files = _in_folder(path, kinds)
        elif path.exists():
            files = [_source_file(path, path.name, kinds)]
        elif glob.has_magic(text):
            files = _in_glob(text, kinds)
        else:
            raise DataError(f"{text}: there is no such file or folder; check the path")
    except OSError as error:
        place = str(error.filename or text)[:300]
        raise DataError(f"{place}: cannot be read: {error.strerror}; check its name and its rights") from error
    found = sorted({file.kind for file in files})
    if len(found) > 1:
        example = ", ".join(next(file.name for file in files if file.kind == kind) for kind in found)
        raise DataError(f"{text}: files of {len(found)} kinds ({example}); give files of one kind")
    return files


def refuse_to_overwrite(output: Path, option: str, *sources: Any) -> None:
    """Raises ``UsageError`` where `output` is a file that one of `sources` (a path, a glob, a folder) is read from."""
    if not output.is_file():
        return
    for source in sources:
        if isinstance(source, str | os.PathLike) and any(output.samefile(path) for path in _plain_files(source)):
            raise UsageError(
                f"{output}: is read by this command and would be overwritten; name another file ({option})"
            )


def _plain_files(source: str | os.PathLike[str]) -> list[Path]:
    try:
        return [file.path for file in find_files(source, tuple(_KINDS.values()))]
    except (DataError, UsageError, ValueError):
        return []


def _in_folder(folder: Path, kinds: Sequence[Kind]) -> list[SourceFile]:
    paths: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith((".", "_"))]
        paths.extend(Path(place, name) for name in names if _is_meant(name))
    paths = [path for path in paths if _kind_by_name(path) in kinds]
    if not paths:
        endings = ", ".join(ending for ending, kind in _KINDS.items() if kind in kinds)
        raise DataError(f"{folder}: no file to read in this folder; endings that are read: {endings}")
    named = sorted((path.relative_to(folder).as_posix(), path) for path in paths)
    return [_source_file(path, name, kinds) for name, path in named]


def _is_meant(name: str) -> bool:
    return not name.startswith((".", "_")) and not name.endswith(REJECTED_ENDING)


def without_endings(name: str) -> str:
    """A file's name without the endings that say what it holds.

    >>> without_endings("orders.2026.csv.gz"), without_endings("year.1")
    ('orders.2026', 'year.1')
    """
    path = Path(name)
    while path.suffix.lower() in {**_KINDS, **_PACKED}:
        path = path.with_suffix("")
    return path.name


def _refuse(error: OSError) -> None:
    raise error


def _in_glob(pattern: str, kinds: Sequence[Kind]) -> list[SourceFile]:
    paths = sorted(Path(match) for match in glob.glob(pattern, recursive=True))  # noqa: PTH207  # a pattern may be absolute
    paths = [path for path in paths if path.is_file() and not path.name.endswith(REJECTED_ENDING)]
    if not paths:
        raise DataError(f"{pattern}: no file matches; check the pattern, and quote it against the shell")
    names = [path.name for path in paths]
    if len(set(names)) < len(names):
        root = Path(os.path.commonpath([path.parent for path in paths]))
        names = [path.relative_to(root).as_posix() for path in paths]
    return sorted(
        (_source_file(path, name, kinds) for name, path in zip(names, paths, strict=True)), key=lambda file: file.name
    )


def _kind_by_name(path: Path) -> Kind | None:
    endings = [ending.lower() for ending in path.suffixes]
    if endings and endings[-1] in _PACKED:
        endings.pop()
    return _KINDS.get(endings[-1]) if endings else None


def _is_wide(head: bytes) -> bool:
    """Whether every other byte is NUL, as in UTF-16 of plain letters without a mark of its order of bytes."""
    return len(head) == 4 and (not any(head[1::2]) or not any(head[::2])) and any(head)


def _source_file(path: Path, name: str, kinds: Sequence[Kind]) -> SourceFile:
    if not path.is_file():
        raise DataError(f"{path}: not a plain file; save the data to one first")
    with open(path, "rb") as file:
        head = file.read(4)
    if not head:
        raise DataError(f"{path}: the file is empty (0 bytes); export it again, or take it out")
    for magic, what in _FOREIGN.items():
        if head.startswith(magic):
            raise DataError(f"{path}: this is {what}")
    if _is_wide(head):
        raise DataError(f"{path}: this is {_FOREIGN[_UTF_16]}")
    is_parquet = head == _PARQUET
    kind = _kind_by_name(path) or ("parquet" if is_parquet else "csv")
    if kind == "parquet" and not is_parquet:
        raise DataError(
            f"{path}: named as Parquet, but it begins with {head!r} instead of {_PARQUET!r};"
            " name it .csv if it is text, or export it again"
        )
    if kind != "parquet" and is_parquet:
        raise DataError(f"{path}: a Parquet file by its first bytes; name it .parquet")
    if kind not in kinds:
        raise DataError(f"{path}: cannot be read here; kinds that can: {', '.join(kinds)}")
    compression: Compression = "gzip" if head.startswith(_GZIP) else "zstd" if head == _ZSTD else "none"
    if compression == "none" and path.suffix.lower() in _PACKED:
        raise DataError(f"{path}: named as packed, but it begins with {head!r}; name it without {path.suffix}")
    return SourceFile(path, name, kind, compression)
