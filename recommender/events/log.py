"""The event log: appended by all workers of a service, a line whole or not at all, and one person erased from it."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from recommender.compact_json import compact_json
from recommender.disk import open_plain, replace_file

MOST_BYTES_A_DAY = 2 << 30
_NAME = re.compile(r"\d{4}-\d{2}-\d{2}\.jsonl")


class EventsFullError(OSError):
    """A day's file has reached its bound."""


class EventLog:
    """Appends events to the file of the day in `folder`, made with the first one, readable by its owner alone.

    Parameters
    ----------
    most_bytes : of one day; a stranger with the key of web pages must not be able to fill the disk.
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES_A_DAY) -> None:
        self.folder, self._most_bytes = folder, most_bytes

    def append(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Write the events, all or none of them.

        Raises ``OSError`` where the folder cannot be written, `EventsFullError` where the day's file is full.
        """
        lines = b"".join(compact_json(event) + b"\n" for event in events)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        with _held(self.folder / f"{datetime.now(UTC):%Y-%m-%d}.jsonl") as descriptor:
            size = os.fstat(descriptor).st_size
            if size + len(lines) > self._most_bytes:
                raise EventsFullError(errno.EDQUOT, f"{size:,} bytes of events today, {self._most_bytes:,} at most")
            try:
                _write_all(descriptor, lines if _ends_a_line(descriptor, size) else b"\n" + lines)
            except OSError:
                os.ftruncate(descriptor, size)
                raise


def event_files(folder: Path) -> list[Path]:
    """The files of a log, the oldest first; none where there is no such folder."""
    return sorted(path for path in folder.glob("*.jsonl") if _NAME.fullmatch(path.name))


def erase_events(folder: Path, customer_id: str) -> int:
    """Take every line of a customer, and of the visitors that were this customer, out of a log; returns how many.

    A line that is no event is kept: it names nobody that could be found. Raises ``OSError``.
    """
    files = event_files(folder)
    visitors = {
        event["visitor_id"]
        for path in files
        for _, event in _lines(path)
        if event.get("customer_id") == customer_id and isinstance(event.get("visitor_id"), str)
    }
    erased = 0
    for path in files:
        with _held(path):
            every = list(_lines(path))
            kept = [
                line
                for line, event in every
                if event.get("customer_id") != customer_id and event.get("visitor_id") not in visitors
            ]
            if len(kept) < len(every):
                replace_file(path, b"".join(kept), 0o600)
        erased += len(every) - len(kept)
    return erased


def _lines(path: Path) -> Iterator[tuple[bytes, Mapping[str, Any]]]:
    with open_plain(path) as file:
        for line in file:
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                event = None
            yield line, cast("Mapping[str, Any]", event) if isinstance(event, dict) else {}


@contextmanager
def _held(path: Path) -> Generator[int]:
    """The file that bears this name, locked: not one that was replaced while this process waited for it."""
    while True:
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(path, flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _is_still_named(descriptor, path):
                yield descriptor
                return
        finally:
            os.close(descriptor)


def _is_still_named(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _ends_a_line(descriptor: int, size: int) -> bool:
    """False behind what a writer left that died half way: the next line must not be lost with it."""
    return size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"


def _write_all(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
