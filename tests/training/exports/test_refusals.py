"""What cannot be exported: a clear message, the right exit code, and no file, not even a part of one."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from running import GOESWITH

from recommender.errors import DataError
from recommender.store import Store
from training import whole
from training.whole import refuse_clash, staging

Run = Callable[..., Any]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def everything_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_unknown_target(run: Run, store: Path, out: Path) -> None:
    said = run("export", "shopware", "--store", store, "-o", out / "x.csv")
    assert said.code == 2
    assert "target 'shopware': no such target; there are bundles, bought-together, add-ons, rules" in said.err
    assert everything_in(out) == {}


def test_an_unknown_placement_and_one_where_none_can_be(run: Run, store: Path, out: Path) -> None:
    said = run("export", "add-ons", "--store", store, "-o", out / "x.csv", "--placement", "checkout")
    assert said.code == 2
    assert "placement 'checkout': no such placement; there are bought-together" in said.err
    said = run("export", "rules", "--store", store, "-o", out / "x.csv", "--placement", "add-on")
    assert said.code == 2
    assert "rules has no placement to choose" in said.err
    assert everything_in(out) == {}


def test_an_unknown_suffix_or_format(run: Run, store: Path, out: Path) -> None:
    said = run("export", "rules", "--store", store, "-o", out / "rules.xls")
    assert said.code == 2
    assert "suffix '.xls' names no format of rules; there are csv, jsonl, parquet" in said.err
    said = run("export", "rules", "--store", store, "-o", out / "rules.csv", "--format", "xml")
    assert said.code == 2
    assert "format 'xml': rules can be written as csv, jsonl, parquet" in said.err
    assert everything_in(out) == {}


@pytest.mark.parametrize("k", [0, -1, 10**9])
def test_a_list_of_an_impossible_length(run: Run, store: Path, out: Path, k: int) -> None:
    assert run("export", "add-ons", "--store", store, "-o", out / "x.csv", "-k", k).code == 2
    assert everything_in(out) == {}


def test_a_folder_where_a_file_should_be(run: Run, store: Path, out: Path) -> None:
    (out / "rules.csv").mkdir()
    said = run("export", "rules", "--store", store, "-o", out / "rules.csv")
    assert said.code == 2
    assert "is a folder; name a file (-o)" in said.err
    assert everything_in(out) == {}


def test_a_folder_that_is_not_there(run: Run, store: Path, out: Path) -> None:
    said = run("export", "rules", "--store", store, "-o", out / "no" / "rules.csv")
    assert said.code == 2
    assert "no such folder; make it, or name another place (-o)" in said.err


def test_a_device_is_no_file(run: Run, store: Path) -> None:
    said = run("export", "rules", "--store", store, "-o", "/dev/null", "--format", "csv")
    assert said.code == 2
    assert "/dev/null: is no regular file" in said.err


def test_a_folder_without_rights(run: Run, store: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid():
        out.chmod(0o500)
    else:  # nothing is forbidden to root: the system's answer is made
        _refusing(monkeypatch, errno.EACCES)
    said = run("export", "rules", "--store", store, "-o", out / "rules.csv")
    out.chmod(0o700)
    assert said.code == 3
    assert f"{out}/rules.csv: cannot be written (Permission denied); nothing was changed" in said.err
    assert everything_in(out) == {}


def test_a_disk_without_room_leaves_the_old_file(run: Run, store: Path, out: Path, monkeypatch) -> None:
    assert run("export", "rules", "--store", store, "-o", out / "rules.csv").code == 0
    before = everything_in(out)
    _refusing(monkeypatch, errno.ENOSPC)
    said = run("export", "rules", "--store", store, "-o", out / "rules.csv")
    assert said.code == 3
    assert "cannot be written (No space left on device)" in said.err
    assert everything_in(out) == before


def _refusing(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(whole.os, "fsync", refuse)


def test_a_file_larger_than_the_system_allows(store: Path, out: Path) -> None:
    """Through the real command, in a process that may write 600 bytes a file."""

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))

    command = [GOESWITH, "export", "rules", "--store", str(store), "-o", str(out / "rules.csv")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=limited)
    assert done.returncode == 3, done.stderr
    assert "cannot be written (File too large); nothing was changed" in done.stderr
    assert everything_in(out) == {}


def test_a_file_beside_which_nothing_may_stand_is_not_left_behind(out: Path) -> None:
    def two_files() -> None:
        with staging(out / "a") as stage:
            with stage.file(out / "a") as file:
                file.write(b"1")
            with stage.file(out / "b") as file:
                raise OSError(errno.EFBIG, "File too large")

    with pytest.raises(DataError, match="File too large"):
        two_files()
    assert everything_in(out) == {}


def test_a_place_that_cannot_be_looked_at(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Exception, match="no such folder"):
        refuse_clash(tmp_path / "file" / "x.csv", folder=False)


def test_a_store_without_a_model(run: Run, tmp_path: Path, out: Path) -> None:
    said = run("export", "rules", "--store", tmp_path / "none", "-o", out / "rules.csv")
    assert said.code == 5
    assert "no version serves" in said.err
    assert everything_in(out) == {}


def test_a_damaged_model(run: Run, store: Path, out: Path) -> None:
    version = Store(store).current()
    (version.path / "price.npy").write_bytes(b"")
    said = run("export", "rules", "--store", store, "-o", out / "rules.csv")
    assert said.code == 5
    assert "price.npy" in said.err
    assert everything_in(out) == {}


def test_missing_arguments(run: Run, store: Path) -> None:
    assert run("export", "rules", "--store", store).code == 2
    assert run("export").code == 2
