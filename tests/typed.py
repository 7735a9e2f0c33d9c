"""The command as a person types it, through its front door, in this process: a start of its own takes a second.

What only a process of its own has (a terminal's encoding, file descriptors, signals, fresh imports) is asked of one.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import CompletedProcess
from unittest.mock import patch

from recommender.command import main


def typed(*arguments: object, text: bytes = b"", **env: str) -> CompletedProcess[bytes]:
    """How the command ended, and what it said; `text` is its standard input."""
    said, told = _stream(), _stream()
    code = 0
    with _environment(env), patch.multiple(sys, stdin=_stream(text), stdout=said, stderr=told):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
    return CompletedProcess(arguments, code, _bytes_of(said), _bytes_of(told))


def _stream(content: bytes = b"") -> io.TextIOWrapper[io.BytesIO]:
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8")


def _bytes_of(stream: io.TextIOWrapper[io.BytesIO]) -> bytes:
    stream.flush()
    return stream.buffer.getvalue()


@contextmanager
def _environment(more: dict[str, str]) -> Iterator[None]:
    mine = {name: value for name, value in os.environ.items() if not name.startswith("GOESWITH")}
    with patch.dict(os.environ, mine | more, clear=True):
        yield
