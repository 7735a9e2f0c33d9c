"""Too few bytes, inodes, rights or bytes a file while publishing: a clear refusal, and the old model serves on."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from tiny_shop import tiny_customers, tiny_manifest, tiny_model

from recommender.errors import StoreError
from recommender.store import Store

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MEGABYTES = 3


def published(store: Store, seed: int, *, factors: int = 2) -> None:
    model = replace(tiny_model(), manifest=replace(tiny_manifest(), seed=seed))
    wide = replace(model.factors, cart=np.ones((8, factors), np.float32))
    store.publish(replace(model, factors=wide), tiny_customers(), promote=True, now=NOON)


def whole(store: Store, seed: int) -> None:
    """The model of this seed serves with its customers, every version loads, and nothing half written is left."""
    model, customers = store.load()
    assert (model.manifest.seed, len(customers or ())) == (seed, 3)
    assert all(store.load(version) for version in store.versions())
    assert not [path for path in store.root.rglob("*") if path.name.startswith((".incoming", ".removed", ".current"))]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of three megabytes of its own, mounted where the machine allows it."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(place)]
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_too_little_room_is_seen_before_anything_is_written(small_disk):
    store = Store(small_disk / "store")
    published(store, 0)
    with pytest.raises(StoreError) as refused:
        published(store, 1, factors=200_000)
    assert "bytes free" in str(refused.value)
    assert "are needed; nothing was changed: free some space" in str(refused.value)
    assert refused.value.exit_code == 1
    whole(store, 0)


def test_a_disk_that_fills_up_while_writing(small_disk):
    """Room enough when it was looked for, but inodes or blocks run out: publish until the disk refuses."""
    store = Store(small_disk / "store")
    published(store, 0)
    ballast = small_disk / "ballast"
    refusals, seed = [], 0
    for left in range(600, 0, -40):
        ballast.unlink(missing_ok=True)
        free = os.statvfs(small_disk).f_bavail * 4096
        ballast.write_bytes(bytes(max(free - left * 1024, 0)))
        try:
            published(store, seed + 1)
        except StoreError as error:
            refusals.append(str(error))
        else:
            seed += 1
        whole(store, seed)
    assert refusals
    assert seed
    assert all(str(small_disk) in message and "needed" in message for message in refusals)


def test_a_disk_without_inodes(small_disk):
    """The count of free bytes says nothing of inodes; the refusal comes from the writing itself."""
    store = Store(small_disk / "store")
    published(store, 0)
    one = len(list(small_disk.rglob("*")))
    published(store, 1)
    two = len(list(small_disk.rglob("*")))
    room_for_half_of_a_third = two + (two - one) // 2
    subprocess.run(["mount", "-o", f"remount,nr_inodes={room_for_half_of_a_third}", str(small_disk)], check=True)
    with pytest.raises(StoreError, match=r"cannot be written \(No space left on device\); [\d,]+ bytes are needed"):
        published(store, 2)
    whole(store, 1)


@pytest.mark.parametrize("limit", [100, 1000, 100_000])
def test_a_limit_on_the_size_of_files_works_like_a_full_disk(tmp_path, limit):
    store = Store(tmp_path / "store")
    published(store, 0)
    program = (
        f"import sys; sys.path[:0] = [{str(Path(__file__).parent)!r}, {str(Path(__file__).parents[1])!r}]\n"
        "from pathlib import Path\n"
        "from test_no_room import Store, StoreError, published\n"
        "try:\n"
        "    published(Store(Path(sys.argv[1])), 1, factors=5000)\n"
        "except StoreError as error:\n"
        "    print(error)\n"
        "    raise SystemExit(error.exit_code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", program, store.root],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: _limit(limit),
    )
    assert done.returncode == 1, done.stderr
    assert "cannot be written (File too large)" in done.stdout
    assert "bytes are needed; the version that served before serves on" in done.stdout
    whole(store, 0)


def _limit(size: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_store_that_may_not_be_written(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    store = Store(tmp_path / "store")
    published(store, 0)
    (store.root / "versions").chmod(0o500)
    with pytest.raises(StoreError, match=r"cannot be written \(Permission denied\)"):
        published(store, 1)
    (store.root / "versions").chmod(0o700)
    whole(store, 0)
