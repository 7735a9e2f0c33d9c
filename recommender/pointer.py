"""Which version serves, and which served before: two small text files in the store.

`current` is one line, the version that serves. `history` has a line for each promotion, the newest last. The history is
read up to the version that serves, so that a crash between the two writes does no harm.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from recommender.disk import open_plain, replace_file
from recommender.errors import ModelError

_VERSION_NAME = re.compile(r"(\d{8}T\d{4}Z)-([0-9a-f]{12})")
_TIME = "%Y%m%dT%H%MZ"
_KEPT = 100


def version_name(now: datetime, model_id: str) -> str:
    """The folder of a version; a time without a zone means UTC.

    >>> version_name(datetime(2026, 11, 21, 20, 10, tzinfo=UTC), "9f3ac1d2b7e0")
    '20261121T2010Z-9f3ac1d2b7e0'
    """
    at = now.replace(tzinfo=UTC) if now.tzinfo is None else now.astimezone(UTC)
    return f"{at:{_TIME}}-{model_id}"


def name_parts(name: str) -> tuple[datetime, str] | None:
    """Time and model id of a version's name, or None for what is no such name.

    >>> name_parts("20261121T2010Z-9f3ac1d2b7e0")
    (datetime.datetime(2026, 11, 21, 20, 10, tzinfo=datetime.timezone.utc), '9f3ac1d2b7e0')
    >>> name_parts("20261321T2010Z-9f3ac1d2b7e0") is None
    True
    """
    match = _VERSION_NAME.fullmatch(name)
    if match is None:
        return None
    try:
        return datetime.strptime(match[1], _TIME).replace(tzinfo=UTC), match[2]
    except ValueError:
        return None


def serving(store: Path) -> str | None:
    """Name of the version that serves, or None where none was promoted; raises ``ModelError`` for what is no name."""
    path = store / "current"
    try:
        text = _text(path).strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ModelError(
            f"{path}: cannot be read ({error.strerror}); expected one line with the name of a version"
        ) from error
    if name_parts(text) is None:
        raise ModelError(
            f"{path}: found {text[:60]!r}, expected one line with the name of a version; "
            "`goeswith models list` shows them, `goeswith models promote VERSION` writes it"
        )
    return text


def point_to(store: Path, name: str) -> None:
    """Let a version serve, and remember the one that served before; raises ``OSError``."""
    if _serving_or_none(store) != name:
        _write(store / "history", [*_past(store), name])
        _write(store / "current", [name])


def point_back(store: Path, name: str) -> None:
    """Let an earlier version of the history serve again, and forget what came after it; raises ``OSError``."""
    past = _past(store)
    _write(store / "current", [name])
    _write(store / "history", past[: len(past) - past[::-1].index(name)])


def earlier(store: Path) -> list[str]:
    """Versions that served before the one that serves, the latest first; raises ``ModelError``."""
    now = serving(store)
    return [name for name in dict.fromkeys(reversed(_past(store))) if name != now]


def _past(store: Path) -> list[str]:
    """The history up to the version that serves, which is the last of it."""
    name = _serving_or_none(store)
    lines = _lines(store / "history")
    if name is None:
        return lines
    if name not in lines:
        return [*lines, name]
    return lines[: len(lines) - lines[::-1].index(name)]


def _serving_or_none(store: Path) -> str | None:
    try:
        return serving(store)
    except ModelError:
        return None


def _lines(path: Path) -> list[str]:
    try:
        text = _text(path)
    except FileNotFoundError:
        return []
    return [line for line in text.split("\n") if name_parts(line)]


def _text(path: Path) -> str:
    with open_plain(path) as file:
        return file.read(_KEPT * 100).decode(errors="replace")


def _write(path: Path, names: list[str]) -> None:
    replace_file(path, "".join(f"{name}\n" for name in names[-_KEPT:]).encode())
