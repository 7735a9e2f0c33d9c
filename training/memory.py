"""How much memory this process may still take, and how much it took."""

from __future__ import annotations

import os
import resource
import sys
from contextlib import suppress
from pathlib import Path

_GROUP = Path("/sys/fs/cgroup")


def free_memory() -> int:
    """Bytes that are free on this machine, or to this process or its container where that is less."""
    left = [_machine(), _process()]
    for used, limit in (
        (_GROUP / "memory.current", _GROUP / "memory.max"),
        (_GROUP / "memory" / "memory.usage_in_bytes", _GROUP / "memory" / "memory.limit_in_bytes"),
    ):
        taken, most = _number(used), _number(limit)
        if taken is not None and most is not None:
            left.append(max(most - taken, 0))
    return min(left)


def peak_memory() -> int:
    """Bytes that this process held at most, since `forget_peak` where the system can forget."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
    except (OSError, StopIteration, ValueError, IndexError):
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def forget_peak() -> None:
    """Begin `peak_memory` anew from what is held now, where the system can."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _machine() -> int:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError, IndexError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _process() -> int:
    """What a limit on the address space (``ulimit -v``) leaves."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return sys.maxsize
    try:
        taken = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return limit
    return max(limit - taken * os.sysconf("SC_PAGE_SIZE"), 0)


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
