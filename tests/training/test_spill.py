"""The folder that data spills to goes with its process, and with the next one if it was killed."""

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

from training.spill import sweep_spills


def test_a_folder_goes_when_its_process_is_gone_and_not_before(tmp_path: Path) -> None:
    dead, alive, unlocked = (tmp_path / f"goeswith-spill-{name}" for name in ("dead", "alive", "unlocked"))
    for folder in (dead, alive, unlocked):
        folder.mkdir()
        (folder / "data.tmp").write_bytes(b"x")
    (dead / "lock").touch()
    with (alive / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        sweep_spills(tmp_path)
        assert {path.name for path in tmp_path.iterdir()} == {alive.name, unlocked.name}
    sweep_spills(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {unlocked.name}


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    folder = tmp_path / "goeswith-spill-x"
    folder.mkdir()
    (folder / "lock").symlink_to(precious / "file")
    sweep_spills(tmp_path)
    assert (precious / "file").exists()
    assert folder.exists()


def _spilling(place: Path, ending: str) -> int:
    program = f"import os, signal\nfrom training.spill import spill_folder\nspill_folder()\n{ending}"
    return subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"TMPDIR": str(place)}, check=False
    ).returncode


def test_an_end_leaves_nothing_and_a_kill_what_the_next_one_deletes(tmp_path: Path) -> None:
    assert _spilling(tmp_path, "") == 0
    assert not list(tmp_path.iterdir())
    assert _spilling(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)") == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 1
    assert _spilling(tmp_path, "") == 0
    assert not list(tmp_path.iterdir())
