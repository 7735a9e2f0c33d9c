"""Hashes that are taken ahead: the same, of the same files, and no message is lost."""

from __future__ import annotations

import errno
import os
import threading
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from tiny_shop import tiny_customers, tiny_model

from recommender import hashes
from recommender.errors import ModelError
from recommender.hashes import HashedAhead
from recommender.store import Store

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # the suite's own threads ask for nothing


@pytest.fixture
def root(tmp_path: Path) -> Path:
    store = Store(tmp_path / "store")
    store.publish(tiny_model(), tiny_customers(), promote=True, now=datetime(2026, 11, 22, tzinfo=UTC))
    return store.root


@pytest.fixture
def hashed_now(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Files that were hashed by this process, in their order."""
    files, hash_now = list[Path](), hashes.hash_now

    def listed(path: Path, file) -> str:
        files.append(path)
        return hash_now(path, file)

    monkeypatch.setattr(hashes, "hash_now", listed)
    return files


def finished(ahead: HashedAhead) -> HashedAhead:
    """With all files hashed; what was found has not been heard yet."""
    assert ahead._child is not None
    os.waitid(os.P_PID, ahead._child[0], os.WEXITED | os.WNOWAIT)
    return ahead


def asked(ahead: HashedAhead, path: Path) -> str:
    with path.open("rb") as file:
        return ahead(path, file)


def arrays_of(root: Path) -> list[Path]:
    return sorted(root.glob("versions/*/*.npy")) + sorted(root.glob("customers/*/*/*.npy"))


def test_every_array_of_the_version_that_serves_is_hashed_ahead_the_largest_first(root: Path, hashed_now: list[Path]):
    with HashedAhead(root) as ahead:
        sizes = [path.stat().st_size for path in ahead._files]
        for path in arrays_of(finished(ahead) and root):
            assert asked(ahead, path) == sha256(path.read_bytes()).hexdigest()
    assert not hashed_now
    assert sizes == sorted(sizes, reverse=True)


def test_files_that_nobody_came_to_are_hashed_when_they_are_asked_for(
    root: Path, hashed_now: list[Path], monkeypatch: pytest.MonkeyPatch
):
    """The process stops behind its second file; whoever asks neither waits for the others nor misses one."""
    wait, listed = threading.Event().wait, hashes.hash_now

    def stopping(path: Path, file) -> str:
        if os.getpid() != parent and path == ahead_files[2]:
            os.write(tells, b"!")
            wait()
        return listed(path, file)

    parent, ahead_files, (told, tells) = os.getpid(), hashes._files(root), os.pipe()
    monkeypatch.setattr(hashes, "hash_now", stopping)
    with HashedAhead(root) as ahead:
        assert os.read(told, 1) == b"!"
        for path in arrays_of(root):
            assert asked(ahead, path) == sha256(path.read_bytes()).hexdigest()
    assert sorted(hashed_now) == sorted(ahead_files[2:])
    for pipe in (told, tells):
        os.close(pipe)


def test_the_process_is_gone_at_the_end(root: Path):
    with HashedAhead(root) as ahead:
        assert ahead._child is not None
        pid, told = ahead._child
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, 0)
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(told)


def test_where_no_process_can_be_had_files_are_hashed_when_they_are_asked_for(
    root: Path, hashed_now: list[Path], monkeypatch: pytest.MonkeyPatch
):
    def refused() -> int:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refused)
    before = sorted(Path("/proc/self/fd").iterdir())
    with HashedAhead(root) as ahead:
        assert sorted(Path("/proc/self/fd").iterdir()) == before
        Store(root, hash_of=ahead).load()
    assert sorted(hashed_now) == sorted(arrays_of(root))


def test_a_store_is_read_with_them(root: Path, hashed_now: list[Path]):
    with HashedAhead(root) as ahead:
        model, customers = Store(root, hash_of=finished(ahead)).load()
    assert not hashed_now
    assert (len(model.catalog), customers is not None) == (len(tiny_model().catalog), True)


@pytest.mark.parametrize("change", ["the bytes", "another file"])
def test_a_file_that_was_changed_since_is_hashed_again(root: Path, change: str):
    path = arrays_of(root)[0]
    with HashedAhead(root) as ahead:
        finished(ahead)
        written = path if change == "the bytes" else path.with_suffix(".new")
        written.write_bytes(b"\0" * path.stat().st_size)
        written.replace(path)
        os.utime(path, ns=(1, 1))
        assert asked(ahead, path) == sha256(path.read_bytes()).hexdigest()
        with pytest.raises(ModelError, match=rf"{path.name}: found sha256 \w{{12}}…, expected"):
            Store(root, hash_of=ahead).load()


def test_the_same_is_told_of_a_damaged_file_as_without(root: Path):
    for damage in (lambda path: path.write_bytes(path.read_bytes()[:-1] + b"\7"), Path.unlink):
        damage(arrays_of(root)[3])
        told = list[str]()
        with HashedAhead(root) as ahead:
            for store in (Store(root), Store(root, hash_of=ahead)):
                with pytest.raises(ModelError) as error:
                    store.load()
                told.append(str(error.value))
        assert told[0] == told[1]


@pytest.mark.parametrize(
    "text", ["", "[]", '{"files": 1}', '{"files": {"a": {}}}', '{"files": {"../a": {"bytes": 1}}}']
)
def test_what_is_no_store_is_left_to_those_who_read_it(root: Path, text: str):
    with HashedAhead(root / "nowhere") as ahead:
        assert ahead._child is None
    next(root.glob("versions/*/manifest.json")).write_text(text)
    next(root.glob("customers/*/manifest.json")).write_text(text)
    with HashedAhead(root) as ahead:
        assert ahead._child is None


def test_after_its_end_files_are_hashed_when_they_are_asked_for(root: Path, hashed_now: list[Path]):
    ahead = finished(HashedAhead(root))
    ahead.end()
    path = arrays_of(root)[0]
    assert asked(ahead, path) == sha256(path.read_bytes()).hexdigest()
    assert hashed_now == [path]
    ahead.end()
