"""Compilation of loops to machine code, kept on disk where that is possible.

numba keeps machine code by the time of one source file alone: a function that calls one of another, changed file
would go on running the old one. So the folder of the machine code is named after the contents of the whole kernel: of
all files beside the function's own, and of this one.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """`function` as machine code: compiled once a machine, or once a process where no folder can be written."""
    folder = _known_folder(Path(function.__code__.co_filename).parent)
    if folder is not None and not os.environ.get("NUMBA_CACHE_DIR"):
        cast("Any", numba).config.CACHE_DIR = str(folder)
    return cast("F", cast("Any", numba.njit)(cache=folder is not None, nogil=True)(function))


def _folder(home: Path) -> Path | None:
    files = sorted({Path(__file__), *home.glob("*.py")})
    content = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
    for place in _places(home):
        folder = place / f"kernel-{content}"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if os.access(folder, os.W_OK) and _is_ours(folder) and _is_ours(place):
                return folder
        except OSError:
            continue
    return None


_known_folder = cache(_folder)


def _places(home: Path) -> Iterator[Path]:
    yield home / "__pycache__"
    if os.environ.get("XDG_CACHE_HOME"):
        yield Path(os.environ["XDG_CACHE_HOME"]) / "goeswith"
    with suppress(RuntimeError):  # an account without a home
        yield Path.home() / ".cache" / "goeswith"
    yield Path(tempfile.gettempdir()) / f"goeswith-{os.getuid()}"


def _is_ours(folder: Path) -> bool:
    """Whether nobody else may put machine code there, which would run as us."""
    found = folder.stat()
    return found.st_uid in {os.getuid(), 0} and not found.st_mode & 0o022
