"""Where the rows of a target go: a file of one format, or a folder of documents; and beside it what is no more."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from training.exports.cells import Column, Row
from training.exports.checks import writer_of
from training.exports.folders import refuse_unless_ours, write_documents, write_index
from training.exports.target import Target
from training.exports.writers import Writer, write_csv
from training.whole import Staging, refuse_clash


class Place(Protocol):
    """Where an export stands when it is done; everything is staged until then."""

    path: Path
    lost_path: Path

    @property
    def is_csv(self) -> bool:
        """True for what people open in a spreadsheet."""
        ...

    def refuse_clash(self) -> None:
        """Raise ``UsageError`` where something else stands there."""
        ...

    def write(self, stage: Staging, columns: Sequence[Column], rows: Iterable[Row], index: dict[str, Any]) -> int:
        """Stage all rows and return their number; raises ``OSError``."""
        ...

    def write_lost(self, stage: Staging, columns: Sequence[Column], keys: Sequence[Row]) -> None:
        """Stage what is no more; raises ``OSError``."""
        ...


@dataclass(frozen=True)
class FilePlace:
    """A file."""

    target: Target
    path: Path
    writer: Writer

    @property
    def lost_path(self) -> Path:
        """``NAME.lost.SUFFIX``."""
        return self.path.with_name(f"{self.path.stem}.lost{self.path.suffix}")

    @property
    def is_csv(self) -> bool:
        return self.writer is write_csv

    def refuse_clash(self) -> None:
        refuse_clash(self.path, folder=False)

    def write(self, stage: Staging, columns: Sequence[Column], rows: Iterable[Row], index: dict[str, Any]) -> int:
        del index
        counted = _Counted(rows)
        with stage.file(self.path) as file:
            self.writer(file, columns, counted)
        return counted.number

    def write_lost(self, stage: Staging, columns: Sequence[Column], keys: Sequence[Row]) -> None:
        """Rows that clear what the system has, or the keys alone."""
        clear = self.target.lost
        rows = keys if clear is None else [clear(key) for key in keys]
        with stage.file(self.lost_path) as file:
            self.writer(file, columns if clear else columns[: self.target.key], rows)


@dataclass(frozen=True)
class FolderPlace:
    """A folder of documents."""

    path: Path
    whole: bool
    is_csv = False

    @property
    def lost_path(self) -> Path:
        """``FOLDER.lost.json``: the names of files that are no more."""
        return self.path.with_name(f"{self.path.name}.lost.json")

    def refuse_clash(self) -> None:
        refuse_clash(self.path, folder=True)
        refuse_unless_ours(self.path)

    def write(self, stage: Staging, columns: Sequence[Column], rows: Iterable[Row], index: dict[str, Any]) -> int:
        del columns
        folder = stage.folder(self.path)
        number = write_documents(folder, rows, self.path if self.whole else None)
        write_index(folder, index | {"documents": number})
        return number

    def write_lost(self, stage: Staging, columns: Sequence[Column], keys: Sequence[Row]) -> None:
        del columns
        with stage.file(self.lost_path) as file:
            file.write(json.dumps([key[0] for key in keys], ensure_ascii=False, indent=0).encode() + b"\n")


def place_of(target: Target, path: Path, file_format: str | None, *, whole: bool) -> Place:
    """Where a target goes; raises ``UsageError`` for a format that it cannot have."""
    if target.folder and file_format is None:
        return FolderPlace(path, whole)
    return FilePlace(target, path, writer_of(target, path, file_format))


class _Counted:
    """Rows that are counted while they pass."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows, self.number = rows, 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self.number += 1
            yield row
