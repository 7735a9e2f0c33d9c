"""Writing that survives a crash, one writer at a time."""

import errno
import os
import subprocess
import sys

import pytest

from recommender.disk import (
    locked,
    open_plain,
    refusals_explained,
    refuse_unless_room,
    replace_file,
    rounded,
    write_file,
)
from recommender.errors import StoreError


def test_a_new_file_never_replaces_one(tmp_path):
    write_file(tmp_path / "a", [b"one ", memoryview(b"two")], 0o600)
    assert (tmp_path / "a").read_bytes() == b"one two"
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        write_file(tmp_path / "a", [b"three"])


def test_a_file_is_replaced_in_one_step(tmp_path):
    (tmp_path / f".a-{os.getpid()}").write_text("left by a crash")
    before = tmp_path / "before"
    replace_file(tmp_path / "a", b"one")
    os.link(tmp_path / "a", before)
    replace_file(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"two"
    assert before.read_bytes() == b"one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "before"]


def test_a_replacement_that_fails_leaves_the_old_file(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError, match="directory"):
        replace_file(tmp_path / "a", b"two")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_opening_follows_no_link_and_opens_no_folder(tmp_path):
    (tmp_path / "a").write_bytes(b"one")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    with open_plain(tmp_path / "a") as file:
        assert file.read() == b"one"
    with pytest.raises(OSError, match="symbolic link"):
        open_plain(tmp_path / "link")
    with pytest.raises(OSError, match="not a regular file"):
        open_plain(tmp_path)


def test_sizes_in_blocks():
    assert rounded([]) == 0
    assert rounded([0, 1, 4096, 4097]) == 4096 + 4096 + 8192


def test_room(tmp_path):
    refuse_unless_room(tmp_path, 1)
    with pytest.raises(StoreError, match=r"bytes free, 1,152,921,504,606,846,976 are needed; nothing was changed"):
        refuse_unless_room(tmp_path, 1 << 60)


def test_a_refusal_names_place_need_and_remedy(tmp_path):
    with pytest.raises(StoreError) as refused, refusals_explained(tmp_path, 5000):
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "a.npy"))
    assert str(refused.value).startswith(
        f"{tmp_path}/a.npy: cannot be written (No space left on device); 5,000 bytes are needed; the version that"
    )
    assert refused.value.exit_code == 1


def test_a_refusal_without_a_file_names_the_store(tmp_path):
    message = f"{tmp_path}: cannot be written \\(short write\\); the version"
    with pytest.raises(StoreError, match=message), refusals_explained(tmp_path):
        raise OSError("short write")


def test_other_errors_pass(tmp_path):
    with pytest.raises(KeyError), refusals_explained(tmp_path):
        raise KeyError


def test_the_second_writer_waits_and_then_says_for_whom(tmp_path):
    message = f"process {os.getpid()} is writing .* after 0.1 s"
    with locked(tmp_path / "lock", 1), pytest.raises(StoreError, match=message), locked(tmp_path / "lock", 0.1):
        raise AssertionError
    with locked(tmp_path / "lock", 0):
        pass


def test_a_lock_ends_with_its_holder(tmp_path):
    hold = (
        "import sys, pathlib, recommender.disk as disk\n"
        "with disk.locked(pathlib.Path(sys.argv[1]), 0): print(1, flush=True); input()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", hold, str(tmp_path / "lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout.readline() == b"1\n"
        with pytest.raises(StoreError, match=f"process {holder.pid} is writing"), locked(tmp_path / "lock", 0):
            raise AssertionError
        holder.kill()
        holder.wait()
    with locked(tmp_path / "lock", 0):
        pass
