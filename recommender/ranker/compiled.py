"""Compilation of loops to machine code, kept on disk where that is possible.

numba keeps machine code by the time of one source file alone: a function that calls one of another, changed file
would go on running the old one. So the folder of the machine code is named after the contents of the whole kernel.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])

_HERE = Path(__file__).parent


def compiled(function: F) -> F:
    """`function` as machine code: compiled once a machine, or once a process where no folder can be written."""
    return cast("F", cast("Any", numba.njit)(cache=_FOLDER is not None, nogil=True)(function))


def _folder() -> Path | None:
    content = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(_HERE.glob("*.py")))).hexdigest()[:12]
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    temporary = Path(tempfile.gettempdir()) / f"goeswith-{os.getuid()}"
    for place in (_HERE / "__pycache__", home / "goeswith", temporary):
        folder = place / f"kernel-{content}"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK) and folder.stat().st_uid == os.getuid():
            return folder
    return None


_FOLDER = _folder()
if _FOLDER is not None and not os.environ.get("NUMBA_CACHE_DIR"):
    cast("Any", numba).config.CACHE_DIR = str(_FOLDER)
