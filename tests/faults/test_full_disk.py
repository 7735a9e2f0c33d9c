"""A disk that fills up while a version is published: what served goes on serving, and the message says why."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
ON_A_SMALL_DISK = 'mount -t tmpfs -o size=512k tmpfs "$1" && exec "$2" -c "$3" "$1" "$4"'
FILL_AND_PUBLISH = """
import sys
from pathlib import Path
disk = Path(sys.argv[1])
sys.path.insert(0, sys.argv[2])
from recommender.errors import StoreError
from recommender.store import Store
from tiny_store import publish_tiny

first = publish_tiny(disk / "store", 1)
with (disk / "filler").open("wb", buffering=0) as filler:
    try:
        while True:
            filler.write(bytes(4096))
    except OSError:
        pass
try:
    publish_tiny(disk / "store", 2)
except StoreError as error:
    print(error)
else:
    sys.exit("published on a full disk")
store = Store(disk / "store")
assert store.current().name == first
assert store.load()[0].manifest.seed == 1
(disk / "filler").unlink()
assert publish_tiny(disk / "store", 2) == store.current().name != first
"""


def test_the_old_version_serves_on_and_the_next_one_arrives_when_there_is_room(tmp_path: Path) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("no `unshare` here: a small disk cannot be had without harm to others")
    inside = ["unshare", "--mount", "--map-root-user", "sh", "-c"]
    if subprocess.run([*inside, f"mount -t tmpfs tmpfs {tmp_path}"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a small disk of their own")
    done = subprocess.run(
        [*inside, ON_A_SMALL_DISK, "sh", tmp_path, sys.executable, FILL_AND_PUBLISH, TESTS],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "disk" in done.stdout
    assert "room" in done.stdout or "space" in done.stdout or "full" in done.stdout
