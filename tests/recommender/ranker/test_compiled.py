"""Where machine code is kept: in a folder of our own that is named after the kernel, or nowhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from recommender.ranker import compiled as module

KERNEL = Path(module.__file__).parent


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kernel of one file, in an account with nothing but a home of its own."""
    kernel = tmp_path / "kernel"
    kernel.mkdir()
    (kernel / "one.py").write_text("a = 1")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "tmp"))
    return kernel


def test_beside_the_kernel_and_named_after_it(kernel: Path) -> None:
    one = module._folder(kernel)
    assert one is not None
    assert one.parent == kernel / "__pycache__"
    assert one.stat().st_mode & 0o777 == 0o700
    assert module._folder(kernel) == one
    (kernel / "one.py").write_text("a = 2")
    assert module._folder(kernel) not in {one, None}


def test_the_three_versions_used_last_are_kept(kernel: Path) -> None:
    def version(content: str) -> Path:
        (kernel / "one.py").write_text(content)
        folder = module._folder(kernel)
        assert folder is not None
        (folder / "sub").mkdir(exist_ok=True)
        (folder / "sub" / "code.nbc").touch()
        os.utime(folder, (float(content), float(content)))
        return folder

    one, _, three = (version(content) for content in ("1", "2", "3"))
    elsewhere = one.parent / "kernel-another-place"
    elsewhere.mkdir()
    assert module._folder(kernel) == three
    (kernel / "one.py").write_text("1")
    assert module._folder(kernel) == one, "used again, it is no longer the oldest"
    four = version("4")
    assert set(one.parent.iterdir()) == {one, three, four, elsewhere}


def test_what_another_process_deletes_meanwhile_is_no_error(tmp_path: Path) -> None:
    there = [tmp_path / name for name in "abc"]
    for folder in there:
        folder.mkdir()
    module._drop_older([tmp_path / "gone", *there, tmp_path / "gone too"])
    assert sorted(tmp_path.iterdir()) == there


def test_a_read_only_installation_keeps_it_at_home(kernel: Path, tmp_path: Path) -> None:
    (kernel / "__pycache__").write_text("no folder")
    folder = module._folder(kernel)
    assert folder is not None
    assert folder.parent == tmp_path / "home" / ".cache" / "goeswith"


def test_the_cache_folder_of_the_environment(kernel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (kernel / "__pycache__").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = module._folder(kernel)
    assert folder is not None
    assert folder.parent == tmp_path / "cache" / "goeswith"


@pytest.mark.parametrize("mode", [0o777, 0o720, 0o702])
def test_a_folder_that_others_may_write_to_is_not_trusted(kernel: Path, tmp_path: Path, mode: int) -> None:
    (kernel / "__pycache__").write_text("no folder")
    (tmp_path / "home" / ".cache" / "goeswith").mkdir(parents=True)
    (tmp_path / "home" / ".cache" / "goeswith").chmod(mode)
    folder = module._folder(kernel)
    assert folder is not None
    assert folder.parent == tmp_path / "tmp" / f"goeswith-{os.getuid()}"


def test_an_account_without_a_home(kernel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    (kernel / "__pycache__").write_text("no folder")
    monkeypatch.setattr(Path, "home", nowhere)
    folder = module._folder(kernel)
    assert folder is not None
    assert folder.parent.parent == tmp_path / "tmp"


def test_where_nothing_can_be_written_it_is_kept_nowhere(kernel: Path, tmp_path: Path) -> None:
    for place in (kernel / "__pycache__", tmp_path / "home", tmp_path / "tmp"):
        place.write_text("no folder")
    assert module._folder(kernel) is None


def test_a_kernel_elsewhere_has_a_folder_of_its_own(kernel: Path) -> None:
    (kernel / "one.py").write_text(
        "from recommender.ranker.compiled import compiled\n"
        "@compiled\ndef one(x):\n    return x + 1\n"
        "assert one(1) == 2\n"
    )
    subprocess.run([sys.executable, "one.py"], check=True, cwd=kernel)
    folder = module._folder(kernel)
    assert folder is not None
    assert list(folder.rglob("*.nbi"))


def test_what_comes_from_the_disk_is_built_into_what_is_compiled_later(kernel: Path) -> None:
    (kernel / "one.py").write_text(
        "import sys\n"
        "from recommender.ranker.compiled import _LateLibrary, compiled\n"
        "@compiled\ndef one(x):\n    return x + 1\n"
        "@compiled\ndef two(x):\n    return 10 * one(x)\n"
        "def told(function, x):\n"
        "    value = function(x)\n"
        "    library = next(iter(function.overloads.values())).library\n"
        "    return value, isinstance(library, _LateLibrary) and library._unparsed is not None\n"
        "print(*[told({'one': one, 'two': two}[name], 4) for name in sys.argv[1:]])\n"
    )

    def run(*names: str) -> str:
        command = [sys.executable, "one.py", *names]
        return subprocess.run(command, check=True, cwd=kernel, capture_output=True, text=True).stdout.strip()

    assert run("one") == "(5, False)", "compiled"
    assert run("one", "two", "one") == "(5, True) (50, False) (5, False)", (
        "from the disk, and then parsed for the other"
    )
    assert run("two", "one") == "(50, True) (5, True)"
    assert run("one", "two") == "(5, True) (50, True)"


@pytest.mark.parametrize("loss", ["its folder is deleted", "its lock cannot be written"])
def test_a_process_runs_on_when_its_machine_code_cannot_be_kept(kernel: Path, loss: str) -> None:
    (kernel / "one.py").write_text(
        "import shutil, sys\n"
        "from pathlib import Path\n"
        "from recommender.ranker.compiled import _folder, compiled\n"
        "@compiled\ndef one(x):\n    return x + 1\n"
        "assert one(1) == 2\n"
        "folder = _folder(Path(__file__).parent)\n"
        "shutil.rmtree(folder)\n"
        + ("" if loss == "its folder is deleted" else "(folder / 'lock').mkdir(parents=True)\n")
        + "assert one(1.5) == 2.5\n"
        "assert not list(folder.rglob('*.nbi'))\n"
        "print('ran on')\n"
    )
    done = subprocess.run([sys.executable, "one.py"], check=True, cwd=kernel, capture_output=True, text=True)
    assert done.stdout == "ran on\n"


def test_machine_code_is_kept_by_one_process_at_a_time(tmp_path: Path) -> None:
    """numba reads, changes and writes an index; here it is a number in a file."""
    index = tmp_path / "index"
    index.write_text("0")
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from recommender.ranker.compiled import _one_at_a_time\n"
        "index = Path(sys.argv[1])\n"
        "def save(signature, code):\n"
        "    number = int(index.read_text()); time.sleep(0.002); index.write_text(str(number + 1))\n"
        "save = _one_at_a_time(save, index.with_name('lock'))\n"
        "for _ in range(50): save(None, None)\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, str(index)], cwd=KERNEL.parent.parent) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert index.read_text() == "100"


def test_a_function_runs_without_any_folder() -> None:
    code = (
        "import numpy as np\n"
        "from recommender.ranker import compiled\n"
        "compiled._known_folder = lambda home: None\n"
        "double = compiled.compiled(lambda x: x + x)\n"
        "assert double(np.float32(2)) == 4\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=KERNEL.parent.parent)
