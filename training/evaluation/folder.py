"""The report's folder: written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from recommender.errors import UsageError
from training.whole import Staging

REPORT_FILES = ("report.md", "report.json")


@contextmanager
def written_whole(folder: Path, plots: Sequence[str]) -> Iterator[Path]:
    """A new folder beside `folder` that takes its place at the end; after an error nothing is left of it.

    An older report of that name is replaced; a folder with anything else in it is left alone.

    Parameters
    ----------
    plots : names of the plots that a report may have.

    Raises
    ------
    UsageError
        Where the folder holds something else, or cannot be written.
    """
    _refuse_unless_ours(folder, {*REPORT_FILES, *plots})
    stage = Staging()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = stage.folder(folder)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written ({error.strerror}); name another folder (-o)") from error
    try:
        yield beside
        _refuse_unless_ours(folder, {*REPORT_FILES, *plots})
        stage.put()
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written ({error.strerror}); free some space, or name another") from error
    finally:
        stage.drop()


def write_reports(folder: Path, text: str, values: dict[str, Any]) -> None:
    """`report.md` and `report.json`."""
    (folder / "report.md").write_text(text, encoding="utf-8")
    content = json.dumps(values, ensure_ascii=False, allow_nan=False, indent=1, default=str)
    (folder / "report.json").write_text(content + "\n", encoding="utf-8")


def _refuse_unless_ours(folder: Path, ours: set[str]) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(f"{folder}: is a file; name a folder for the report (-o)")
    others = sorted(path.name for path in folder.iterdir() if path.name not in ours)
    if others:
        raise UsageError(f"{folder}: holds {others[0]!r}, which is no part of a report; name another folder (-o)")
