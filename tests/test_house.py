"""The house stands as CONTRIBUTING.md draws it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points, packages_distributions
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent
ROOMS = ("recommender", "training", "service")
PARTS = {"werkzeug": "flask", "pydantic-core": "pydantic"}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
PYPROJECT = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))


def python_files(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (HOUSE / room).rglob("*.py"))


def names_imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    return names


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=HOUSE, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: what is tracked cannot be told")
    return [HOUSE / name for name in listed.stdout.split("\0") if name and (HOUSE / name).exists()]


def pins(name: str) -> set[str]:
    text = (HOUSE / name).read_text(encoding="utf-8")
    return {plain(found) for found in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", text, re.MULTILINE)}


def requirements(lines: list[str]) -> set[str]:
    return {plain(found[0]) for line in lines if (found := re.match(r"[A-Za-z0-9._-]+", line))}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(
    "name",
    [
        ".ci/run",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "Makefile",
        "README.md",
        "docs/README.md",
        "docs/decisions",
        "models/README.md",
        "pyproject.toml",
        "requirements.lock",
        *ROOMS,
    ],
)
def test_every_room_and_page_is_there(name: str) -> None:
    assert (HOUSE / name).exists()


@pytest.mark.parametrize("path", python_files(*ROOMS, "tests"), ids=lambda path: str(path.relative_to(HOUSE)))
def test_a_file_holds_one_idea(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") < 400, "a file that long holds two ideas"
    assert path.stem not in FORBIDDEN_NAMES
    assert path.parent.name not in FORBIDDEN_NAMES
    assert path.stem not in ROOMS, "run by its path it would stand in the way of the room"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or node.lineno) - node.lineno < 60, f"{node.name} is too long"


@pytest.mark.parametrize("path", python_files("recommender"), ids=lambda path: path.stem)
def test_the_core_needs_numpy_and_the_standard_library_alone(path: Path) -> None:
    """And numba, which one file brings to the kernel's loops; click, for the commands."""
    allowed = {"recommender", "numpy", *sys.stdlib_module_names}
    if path.name in {"command.py", "commands.py"}:
        allowed.add("click")
    if path.parent.name == "ranker" and path.name == "compiled.py":
        allowed.add("numba")
    assert names_imported(path) <= allowed


def test_training_compiles_by_the_same_door() -> None:
    assert [path for path in python_files("training", "service") if "numba" in names_imported(path)] == []


@pytest.mark.parametrize(("room", "extra"), [("training", "train"), ("service", "serve")])
def test_an_extra_brings_all_that_its_room_imports(room: str, extra: str) -> None:
    extras = PYPROJECT["project"]["optional-dependencies"]
    brought = requirements([*PYPROJECT["project"]["dependencies"], *extras[extra]])
    imported = {name for path in python_files(room) for name in names_imported(path)}
    packages = packages_distributions()
    needed = {plain(packages[name][0]) for name in imported - set(sys.stdlib_module_names) - {"recommender", room}}
    assert {PARTS.get(name, name) for name in needed} <= brought


def test_the_import_contracts_hold() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    done = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_data_set_and_no_model_is_tracked() -> None:
    large = [path.name for path in tracked_files() if path.stat().st_size > 200_000]
    assert large == []


def test_every_benchmark_is_run_by_make_bench() -> None:
    folder = HOUSE / "tests/benchmarks"
    text = (folder / "__main__.py").read_text(encoding="utf-8")
    scripts = {path.stem for path in folder.glob("*.py") if "def main" in path.read_text(encoding="utf-8")}
    assert set(re.findall(r'Benchmark\("(\w+)"', text)) == scripts - {"__main__"}


@pytest.mark.parametrize("name", sorted(PYPROJECT["project"]["entry-points"]["goeswith.commands"]))
def test_every_command_is_registered_and_opens(name: str) -> None:
    doors = {door.name: door for door in entry_points(group="goeswith.commands")}
    assert doors[name].load().name == name


def test_every_dependency_is_pinned() -> None:
    extras = PYPROJECT["project"]["optional-dependencies"]
    wanted = requirements(
        [
            *PYPROJECT["build-system"]["requires"],
            *PYPROJECT["project"]["dependencies"],
            *(requirement for extra in extras.values() for requirement in extra),
        ]
    )
    pinned = {name for lock in sorted(HOUSE.glob("requirements*.lock")) for name in pins(lock.name)}
    assert wanted - {"goeswith"} <= pinned


def test_what_the_demo_needs_is_pinned_alike_for_developers() -> None:
    pinned = {
        name: set(re.findall(r"^(\S+==\S+)", (HOUSE / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock")
    }
    assert pinned["requirements.lock"] <= pinned["requirements-dev.lock"]


@pytest.mark.parametrize("path", sorted(HOUSE.glob("requirements*.lock")), ids=lambda path: path.name)
def test_a_lock_holds_pins_and_hashes_and_no_address(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"[a-z0-9.-]+==\S+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?", line), line
