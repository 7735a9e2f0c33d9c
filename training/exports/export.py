"""`goeswith export`: one target of one version, written whole with a manifest beside it."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version as release
from pathlib import Path
from typing import Any

from recommender.store import Store, Version
from training.exports.cells import FORMULA_STARTS, Column, Row
from training.exports.changes import Changes
from training.exports.checks import check_options
from training.exports.places import Place, place_of
from training.exports.remarks import Remarks
from training.exports.source import Options, Source
from training.exports.target import Target
from training.exports.targets import find_target
from training.exports.workers import Job, rows_of
from training.progress import Progress
from training.whole import Staging, refusals_told, sha256_of, staging


@dataclass(frozen=True)
class Exported:
    """What one run wrote.

    Attributes
    ----------
    path : the file or folder; its manifest stands beside it.
    rows : rows written.
    told : what was left out or decided.
    changes : against the earlier version, where one was named.  lost_path : where what is no more stands.
    """

    path: Path
    target: str
    model_id: str
    rows: int
    told: Remarks
    changes: Changes | None = None
    lost_path: Path | None = None

    def text(self) -> str:
        """One line for people."""
        found = f"{self.path}: {self.rows:,} rows of {self.target} from model {self.model_id}"
        if self.changes is None:
            return found
        lost = f"{len(self.changes.lost()):,} lost ({self.lost_path})"
        return f"{found}: {self.changes.new:,} new, {self.changes.changed:,} changed, {lost}"


@dataclass(frozen=True)
class _Run:
    """One export under way."""

    target: Target
    store: Path
    options: Options
    progress: Progress
    workers: int | None

    def job(self, version: Version, *, reviewed: bool = True) -> Job:
        return Job(self.store, version.name, self.target.name, self.options, reviewed)

    def open(self, job: Job) -> Source:
        with self.progress.stage(f"open {job.version[-12:]}"):
            return job.open()

    def rows(self, job: Job, source: Source) -> Generator[Row]:
        with self.progress.stage(f"{job.target} of {job.version[-12:]}") as step:
            yield from rows_of(job, source, step, self.workers)

    def changes_since(self, version: Version) -> Changes:
        """The version's own rows, whatever was rejected since."""
        job = self.job(version, reviewed=False)
        return Changes(self.rows(job, self.open(job)), self.target.key)


def export(
    name: str,
    store: Path,
    output: Path,
    *,
    file_format: str | None = None,
    since: str | None = None,
    options: Options | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> Exported:
    """Write one target of the version that serves, whole or not at all.

    Parameters
    ----------
    output : the file, or the folder of a target that makes one.
    file_format : one of the target's; by default what the suffix of `output` says.
    since : an earlier version, by name or model id; only what changed against it is written, and a file
        ``NAME.lost.SUFFIX`` of what is no more.
    workers : processes; by default one a core.

    Raises
    ------
    UsageError
        For an unknown target, format, version or id column, and where something of another kind stands at `output`.
    ModelError
        Where the store has no model or a damaged one.
    DataError
        Where the system refuses to write, or locked relations cannot be read.
    """
    target, options = find_target(name), options or Options()
    check_options(target, options, since=since)
    place = place_of(target, output.resolve(), file_format, whole=since is None)
    with refusals_told(output):
        place.refuse_clash()
    run = _Run(target, store, options, progress or Progress(quiet=True), workers)
    shelf = Store(store)
    version = shelf.current()
    earlier = None if since is None else shelf.find(since)
    changes = None if earlier is None else run.changes_since(earlier)
    job = run.job(version)
    source = run.open(job)
    if target.file_name not in place.path.name.lower():
        source.told.add(f"the system knows the file by {target.file_name!r} in its name", place.path.name)
    if place.is_csv:
        _tell_formulas(source)
    columns = tuple(target.columns(source))
    with staging(output, private=target.of_customers) as stage, closing(run.rows(job, source)) as rows:
        index = {"model_id": source.model_id, "version": version.name}
        number = place.write(stage, columns, rows if changes is None else changes.of(rows), index)
        about = _about(target, version, source, columns, number)
        if changes is not None and earlier is not None:
            place.write_lost(stage, columns, changes.lost())
            about |= {"since": _against(earlier, changes, place)}
        _write_manifest(stage, place.path, about)
    lost = None if changes is None else place.lost_path
    return Exported(output, name, source.model_id, number, source.told, changes, lost)


def _tell_formulas(source: Source) -> None:
    for text in source.ids.texts:
        if text.startswith(FORMULA_STARTS):
            source.told.add("ids that a spreadsheet takes for a formula: import their columns as text", text)


def _against(earlier: Version, changes: Changes, place: Place) -> dict[str, Any]:
    return {
        "model_id": earlier.model_id,
        "version": earlier.name,
        "new": changes.new,
        "changed": changes.changed,
        "lost": len(changes.lost()),
        "lost_file": place.lost_path.name,
    }


def _about(target: Target, version: Version, source: Source, columns: tuple[Column, ...], rows: int) -> dict[str, Any]:
    manifest, options = source.model.manifest, source.options
    asked = {
        "placement": options.placement,
        "k": options.k,
        "id_column": options.id_column,
        "currency": options.currency,
        "locked": None if options.locked is None else options.locked.name,
        "policy_id": None if options.policy is None else source.recommender.policy.policy_id,
    }
    return {
        "target": target.name,
        "model_id": source.model_id,
        "version": version.name,
        "created_from": {"input": dict(manifest.input), "window": dict(manifest.window)},
        "asked": asked,
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
