"""Compilation of the kernel's loops, kept on disk where that is possible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """`function` as machine code; compiled once a machine, or once a process where no folder can be written.

    Read-only installations give numba no place for its cache, and it raises while decorating.
    """
    njit = cast("Any", numba.njit)
    try:
        return cast("F", njit(cache=True, nogil=True)(function))
    except RuntimeError:
        return cast("F", njit(nogil=True)(function))
