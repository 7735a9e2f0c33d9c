"""`goeswith export`: one target of one version, written whole with a manifest beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version as release
from pathlib import Path
from typing import Any

from recommender.engine import PLACEMENTS
from recommender.errors import UsageError
from recommender.store import Store, Version
from training.exports.cells import Column, Row
from training.exports.remarks import Remarks
from training.exports.source import Options, Source, open_source
from training.exports.target import Target
from training.exports.targets import find_target
from training.exports.whole import Staging, refusals_told, refuse_clash, sha256_of, staging
from training.exports.workers import Job, rows_of
from training.exports.writers import Writer
from training.progress import Progress


@dataclass(frozen=True)
class Exported:
    """What one run wrote.

    Attributes
    ----------
    path : the file or folder; its manifest stands beside it.
    rows : rows written.
    told : what was left out or decided.
    """

    path: Path
    target: str
    model_id: str
    rows: int
    told: Remarks

    def text(self) -> str:
        """One line for people."""
        return f"{self.path}: {self.rows:,} rows of {self.target} from model {self.model_id}"


def export(
    name: str,
    store: Path,
    output: Path,
    *,
    file_format: str | None = None,
    options: Options | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> Exported:
    """Write one target of the version that serves, whole or not at all.

    Parameters
    ----------
    output : the file, or the folder of a target that makes one.
    file_format : ``csv``, ``jsonl`` or ``parquet``; by default what the suffix of `output` says.
    workers : processes; by default one a core.

    Raises
    ------
    UsageError
        For an unknown target or format, and where something of another kind stands at `output`.
    ModelError
        Where the store has no model or a damaged one.
    DataError
        Where the system refuses to write.
    """
    target, options, progress = find_target(name), options or Options(), progress or Progress(quiet=True)
    _check_placement(target, options)
    path = output.resolve()
    writer = _writer(target, path, file_format)
    with refusals_told(output):
        refuse_clash(path, folder=False)
    version = Store(store).current()
    with progress.stage("open the model"):
        source = open_source(store, version.name, options)
    columns = target.columns(options)
    with staging(output) as stage:
        with progress.stage(f"write {name}") as step, stage.file(path) as file:
            counted = _Counted(rows_of(Job(store, version.name, name, options), source, step, workers))
            writer(file, columns, counted)
        _write_manifest(stage, path, _about(target, version, source, columns, counted.number))
    return Exported(output, name, source.model_id, counted.number, source.told)


class _Counted:
    """Rows that are counted while they pass."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows, self.number = rows, 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self.number += 1
            yield row


def _writer(target: Target, path: Path, file_format: str | None) -> Writer:
    by_suffix = path.suffix.lower().removeprefix(".")
    asked = file_format or (by_suffix if by_suffix in target.formats else next(iter(target.formats)))
    if asked not in target.formats:
        can = ", ".join(target.formats)
        raise UsageError(f"format {asked!r}: {target.name} can be written as {can}; give one of them (--format)")
    if file_format is None and len(target.formats) > 1 and by_suffix not in target.formats:
        can = ", ".join(f".{name}" for name in target.formats)
        raise UsageError(f"{path}: suffix {path.suffix!r} names no format; give {can} (-o), or --format")
    return target.formats[asked]


def _check_placement(target: Target, options: Options) -> None:
    if options.placement is None:
        return
    if target.placement is None:
        raise UsageError(f"placement {options.placement!r}: {target.name} holds no suggestions; leave --placement away")
    if options.placement not in PLACEMENTS:
        raise UsageError(f"placement {options.placement!r}: no such placement; there are {', '.join(PLACEMENTS)}")


def _about(target: Target, version: Version, source: Source, columns: Sequence[Column], rows: int) -> dict[str, Any]:
    manifest = source.recommender.model.manifest
    return {
        "target": target.name,
        "model_id": source.model_id,
        "version": version.name,
        "created_from": {"input": dict(manifest.input), "window": dict(manifest.window)},
        "goeswith": release("goeswith"),
        "rows": rows,
        "columns": [column.name for column in columns],
        "remarks": source.told.as_json(),
    }


def _write_manifest(stage: Staging, path: Path, about: dict[str, Any]) -> None:
    digest, size = sha256_of(stage.staged(path))
    content = about | {"file": path.name, "bytes": size, "sha256": digest}
    with stage.file(path.with_name(f"{path.name}.manifest.json")) as file:
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)
        file.write(text.encode(errors="backslashreplace") + b"\n")
