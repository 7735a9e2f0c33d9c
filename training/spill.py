"""Where data that outgrows the memory is spilled to: a folder a process, gone with it, however it ended."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from functools import cache, partial
from pathlib import Path

from recommender.stopping import at_end

_PREFIX, _LOCK = "goeswith-spill-", "lock"


@cache
def spill_folder() -> Path:
    """An empty folder of this process's own, deleted when it ends.

    What processes left that were killed is deleted here: each holds a lock on its folder as long as it lives.
    """
    sweep_spills(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    _hold(folder / _LOCK)
    at_end(partial(shutil.rmtree, folder, ignore_errors=True))
    return folder


def sweep_spills(place: Path) -> None:
    """Delete the spill folders in `place` whose processes have ended; others' folders and links are left alone."""
    for folder in place.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)


def _hold(path: Path) -> None:
    """Lock a new file; the descriptor stays open, and the kernel closes it when the process ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
