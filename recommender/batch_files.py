"""Where the carts of a batch come from and where its answers go: files, devices, and the standard streams as `-`."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from recommender.batch import MOST_LINE_BYTES
from recommender.errors import DataError, UsageError

_STREAM = Path("-")


def place_of(path: Path, stream: str) -> str:
    """What messages call it.

    >>> place_of(Path("-"), "input"), place_of(Path("carts.jsonl"), "input")
    ('standard input', 'carts.jsonl')
    """
    return f"standard {stream}" if path == _STREAM else str(path)


def refuse_to_overwrite(carts: Path, output: Path) -> None:
    """Raises ``UsageError`` where the answers would take the place of the file of carts."""
    if output != _STREAM and carts.is_file() and output.exists() and output.samefile(carts):
        raise UsageError(f"{output}: is the file of carts and would be overwritten; name another file (-o)")


def lines_of(carts: Path) -> Iterator[bytes]:
    """Lines with their ends, up to one that is too long; raises ``DataError`` where the file cannot be read."""
    try:
        if carts == _STREAM:
            yield from _bounded(sys.stdin.buffer)
            return
        with carts.open("rb") as file:
            yield from _bounded(file)
    except OSError as error:
        place = place_of(carts, "input")
        raise DataError(f"{place}: cannot be read ({error.strerror}); name a JSON Lines file of carts") from error


def _bounded(file: IO[bytes]) -> Iterator[bytes]:
    while line := file.readline(MOST_LINE_BYTES + 1):
        yield line
        if len(line) > MOST_LINE_BYTES:
            return


@contextmanager
def written_whole(path: Path) -> Generator[IO[bytes]]:
    """A file to write to that takes its name only when it is whole; a device or standard output is written as it goes.

    Raises ``DataError`` where it cannot be written.
    """
    if path == _STREAM:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        target = path.resolve()
        if target.exists() and not target.is_file():
            with target.open("wb") as device:
                yield device
            return
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            with beside.open("wb") as file:
                yield file
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror}); name a file in a folder with room") from error
