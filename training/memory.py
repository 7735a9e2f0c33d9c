"""How much memory this process may still take, and how much it took."""

from __future__ import annotations

import os
import resource
import sys
from contextlib import suppress
from pathlib import Path

_MOUNT = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")


def free_memory() -> int:
    """Bytes that are free on this machine, or to this process or its container where that is less."""
    return min(_machine(), free_addresses(), *groups_leave(_OWN, _MOUNT))


def groups_leave(own: Path, mount: Path) -> list[int]:
    """Bytes that each control group with a limit leaves, from this process's own up to the outermost.

    Pages of files that were not used of late are given back when memory is asked for: they count as free.

    Parameters
    ----------
    own : a line a hierarchy, such as ``0::/shop`` (version 2) or ``4:memory:/shop`` (version 1).
    """
    try:
        lines = [line.split(":", 2) for line in own.read_text(encoding="utf-8").splitlines()]
    except OSError:
        lines = []
    inside = {kinds: path.strip("/") for _, kinds, path in lines if kinds in {"", "memory"}}
    new, old = mount / inside.get("", ""), mount / "memory" / inside.get("memory", "")
    left = [_left(folder, "memory.current", "memory.max", "inactive_file") for folder in _up(new, mount)]
    left += [
        _left(folder, "memory.usage_in_bytes", "memory.limit_in_bytes", "total_inactive_file")
        for folder in _up(old, mount / "memory")
    ]
    return [bytes_ for bytes_ in left if bytes_ is not None]


def _up(folder: Path, mount: Path) -> list[Path]:
    return [place for place in (folder, *folder.parents) if place.is_relative_to(mount)]


def _left(folder: Path, current: str, limit: str, idle: str) -> int | None:
    taken, most = _number(folder / current), _number(folder / limit)
    return None if taken is None or most is None else max(most - taken + _idle(folder / "memory.stat", idle), 0)


def _idle(path: Path, name: str) -> int:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name} "))
    except (OSError, StopIteration, ValueError, IndexError):
        return 0


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


def free_addresses() -> int:
    """Bytes that a limit on the address space (``ulimit -v``) leaves."""
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
