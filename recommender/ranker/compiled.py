"""Compilation of loops to machine code, kept on disk where that is possible.

numba keeps machine code by the time of one source file alone: a function that calls one of another, changed file
would go on running the old one. So the folder of the machine code is named after the contents of the whole kernel: of
all files here, which other kernels call, and of those beside the function's own.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, cast

_NOT_NEEDED = ("coverage", "scipy")


def _imported_alone() -> Any:
    """numba, without what it would import only to ask for a version, to tell of itself, or for BLAS, which no loop
    here calls."""
    absent = [name for name in _NOT_NEEDED if name not in sys.modules]
    sys.modules.update(cast("dict[str, ModuleType]", dict.fromkeys(absent)))
    try:
        importlib.import_module("numba.np.arraymath")
        return importlib.import_module("numba")
    finally:
        for name in absent:
            del sys.modules[name]


numba = _imported_alone()

_HERE = Path(__file__).parent

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """`function` as machine code: compiled once a machine, or once a process where no folder can be written."""
    folder = _known_folder(Path(function.__code__.co_filename).parent)
    if folder is not None and not os.environ.get("NUMBA_CACHE_DIR"):
        numba.config.CACHE_DIR = str(folder)
    return cast("F", numba.njit(cache=folder is not None, nogil=True)(function))


def _folder(home: Path) -> Path | None:
    files = sorted({*_HERE.glob("*.py"), *home.glob("*.py")})
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
