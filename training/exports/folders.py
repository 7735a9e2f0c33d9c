"""A folder of documents: it takes the place of an older one, and of nothing else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from recommender.errors import UsageError
from training.exports.cells import Row

INDEX = "index.json"
_MARK = "goeswith"


def refuse_unless_ours(path: Path) -> None:
    """Raise ``UsageError`` for a folder that holds anything but an older export."""
    if not path.is_dir() or not any(path.iterdir()):
        return
    try:
        index = json.loads((path / INDEX).read_bytes())
        ours = isinstance(index, dict) and index.get(_MARK) == "static"
    except (OSError, ValueError):
        ours = False
    if not ours:
        raise UsageError(f"{path}: holds something that is no older export of this target; name another folder (-o)")


def write_documents(folder: Path, rows: Iterable[Row], older: Path | None) -> int:
    """Files of a new folder: each row is a name below it, and its text; returns their number.

    A row without a text is to be left untouched: its file is taken over from `older`, where there is one.
    Raises ``OSError``.
    """
    number = 0
    for name, text in rows:
        place = folder / str(name)
        place.parent.mkdir(exist_ok=True)
        if text is not None:
            place.write_text(str(text), encoding="utf-8")
            number += 1
        elif older is not None and (older / str(name)).is_file():
            shutil.copyfile(older / str(name), place)
    return number


def write_index(folder: Path, about: dict[str, Any]) -> None:
    """What the folder is: the mark by which a later export knows it; raises ``OSError``."""
    text = json.dumps({_MARK: "static", **about}, ensure_ascii=False, allow_nan=False, indent=1)
    (folder / INDEX).write_text(text + "\n", encoding="utf-8")
