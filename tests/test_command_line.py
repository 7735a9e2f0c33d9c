"""The core's commands as a person types them; in a process of their own where that makes a difference."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from running import eventually
from tiny_shop import tiny_customers, tiny_model
from typed import typed

from recommender.batch import CHUNK
from recommender.engine import PLACEMENTS, Recommender
from recommender.store import Store

GOESWITH = str(Path(sys.executable).with_name("goeswith"))
SHOP = Recommender(tiny_model(), tiny_customers())
COMMANDS = ("suggest", "score", "models", "check", "mine", "train", "serve", "demo")
CARTS = [
    {"cart_id": "7", "items": ["bread", {"item_id": "butter", "quantity": 2}]},
    {"cart_id": "é", "items": ["tea", "x"], "customer_id": "ann"},
    {"cart_id": "9", "items": [], "customer_id": "ann", "at": "2026-11-01T00:00:00"},
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the tiny shop."""
    root = tmp_path_factory.mktemp("shop") / "store"
    Store(root).publish(tiny_model(), tiny_customers(), promote=True, now=datetime(2026, 11, 21, 12, tzinfo=UTC))
    return root


def run(*arguments: str, text: str = "", root: Path | None = None) -> subprocess.CompletedProcess:
    """The command, with `root` as the store of its environment."""
    return typed(*arguments, text=text.encode(), **({} if root is None else {"GOESWITH_STORE": str(root)}))


def process(*arguments: str, text: str = "", root: Path | None = None, **env: str) -> subprocess.CompletedProcess:
    """The same in a process of its own."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("GOESWITH")}
    mine |= {} if root is None else {"GOESWITH_STORE": str(root)}
    return subprocess.run(
        [GOESWITH, *arguments], input=text.encode(), capture_output=True, check=False, timeout=60, env=mine | env
    )


def lines(*carts: object) -> str:
    return "".join(json.dumps(cart) + "\n" for cart in carts)


def refused(done: subprocess.CompletedProcess, code: int) -> str:
    """The message of a command that ended with `code` and wrote nothing else."""
    assert (done.returncode, done.stdout) == (code, b"")
    message = done.stderr.decode()
    assert "Traceback" not in message
    return message


def test_suggest(root: Path):
    done = process("suggest", "bread", "-k", "2", root=root)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == (
        "   item    title          price   score  chance  earns  kind             why\n"
        "1  butter  Salted butter   3.00  0.9487   23.2%   0.23  bought-together  5 of 6 baskets with Brown bread"
        " had it too\n"
        "2  milk    Whole milk      1.50  0.8009   20.0%   0.10  bestseller       a bestseller: in 6 of 12 baskets\n"
    )


def test_suggest_for_machines(root: Path):
    done = run("suggest", "--json", "--placement", "bought-together", "milk", root=root)
    assert json.loads(done.stdout) == SHOP.answer(["milk"], placement="bought-together").as_json()


def test_suggest_for_a_customer_and_an_item_that_looks_like_an_option(root: Path):
    done = run("suggest", "--customer", "ann", "--json", "--", "--json", root=root)
    assert json.loads(done.stdout) == SHOP.answer(["--json"], customer_id="ann").as_json()


def test_ids_that_are_no_text(root: Path):
    """An argument may hold any bytes; they are told as unknown."""
    done = subprocess.run(
        [GOESWITH.encode(), b"suggest", b"--json", b"bread", b"\xff\xfe"],
        capture_output=True,
        check=False,
        env=os.environ | {"GOESWITH_STORE": str(root)},
    )
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["missing_items"]) == 1


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_terminal_can_show_an_answer(root: Path, encoding: str):
    done = process("suggest", "bread", "牛乳", root=root, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert b"Salted butter" in done.stdout


def test_usage(root: Path):
    """A setting that the command line checks, and one that the engine does."""
    message = refused(run("suggest", "bread", "-k", "0", root=root), 2)
    assert message.endswith("Error: Invalid value for '-k': 0 is not in the range 1<=x<=100.\n")
    message = refused(run("suggest", "bread", "--placement", "window-shop", root=root), 2)
    assert message == f"error: placement 'window-shop': no such placement; there are {', '.join(PLACEMENTS)}\n"


def test_a_store_without_a_model(tmp_path: Path):
    none = str(tmp_path / "none")
    for arguments in (("suggest", "bread"), ("score", "-", "-o", "-"), ("models", "show")):
        message = refused(run(*arguments, "--store", none), 5)
        assert message == f"error: {none}: no version serves; `goeswith train ORDERS --store {none}` makes one\n"


def test_a_damaged_model(tmp_path: Path):
    version = Store(tmp_path).publish(tiny_model(), None, promote=True, now=datetime(2026, 11, 21, tzinfo=UTC))
    with (version.path / "pair_counts.npy").open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\x7f")
    message = refused(run("suggest", "bread", root=tmp_path), 5)
    assert message.startswith(f"error: {version.path / 'pair_counts.npy'}: found sha256")
    assert "models rollback" in message


def test_life_of_a_model(tmp_path: Path):
    store, model = Store(tmp_path), tiny_model()
    newer = replace(model, manifest=replace(model.manifest, seed=1))
    first = store.publish(model, None, promote=True, now=datetime(2026, 11, 20, tzinfo=UTC)).name
    second = store.publish(newer, None, promote=False, now=datetime(2026, 11, 21, tzinfo=UTC)).name
    said = [
        run("models", *arguments.split(), root=tmp_path).stdout.decode()
        for arguments in (f"promote {second}", "rollback", "prune --keep 1", "list --json")
    ]
    assert said[:3] == [f"{second} serves\n", f"{first} serves\n", ""]
    assert [(version["name"], version["current"]) for version in json.loads(said[3])] == [
        (second, False),
        (first, True),
    ]


def test_score_from_file_to_file(root: Path, tmp_path: Path):
    carts, answers = tmp_path / "carts.jsonl", tmp_path / "answers.jsonl"
    carts.write_text(lines(*CARTS))
    done = run("score", str(carts), "-o", str(answers), "-k", "3", root=root)
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.decode() == f"3 carts answered: {answers}\n"
    found = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
    assert found == [
        {"cart_id": "7"} | SHOP.answer(["bread", "butter"], k=3).as_json(),
        {"cart_id": "é"} | SHOP.answer(["tea", "x"], customer_id="ann", k=3).as_json(),
        {"cart_id": "9"} | SHOP.answer([], customer_id="ann", at=datetime(2026, 11, 1), k=3).as_json(),  # noqa: DTZ001 - as in the file
    ]


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_score_through_a_pipe_speaks_utf_8_whatever_the_terminal_does(root: Path, encoding: str):
    done = process("score", "-", "-o", "-", text=lines(*CARTS), root=root, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [answer["cart_id"] for answer in found] == ["7", "é", "9"]
    assert done.stderr.decode() == "3 carts answered: standard output\n"


def test_score_of_nothing(root: Path):
    done = run("score", "-", "-o", "-", root=root)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"0 carts answered: standard output\n")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"items": ["A"', "not JSON (Expecting ',' delimiter at character 15); write one object a line"),
        ('{"items": ' + "[" * 100_000, "not JSON (lists or objects nested too deeply); write"),
        ("{}", '"items" is None; expected a list of item ids'),
        ('{"items": [7]}', 'item 7; expected an id or {"item_id": text, "quantity": above 0}'),
        ('{"items": [{"item_id": "A", "quantity": NaN}]}', "item {'item_id': 'A', 'quantity': nan}; expected an id"),
    ],
)
def test_a_bad_line(root: Path, tmp_path: Path, line: str, message: str):
    carts, answers = tmp_path / "carts.jsonl", tmp_path / "answers.jsonl"
    carts.write_bytes(b'{"items": ["bread"]}\n' + line.encode() + b"\n")
    done = run("score", str(carts), "-o", str(answers), root=root)
    assert refused(done, 3).startswith(f"error: {carts}, line 2: {message}")
    assert not answers.exists()
    assert list(tmp_path.iterdir()) == [carts]


def test_a_bad_line_of_a_pipe(root: Path):
    done = run("score", "-", "-o", "/dev/null", text="[]", root=root)
    assert refused(done, 3).startswith("error: standard input, line 1: [] is no object")


def test_a_device_is_written_to_and_stays_a_device(root: Path):
    before = Path("/dev/null").stat()
    assert run("score", "-", "-o", "/dev/null", text=lines(*CARTS), root=root).returncode == 0
    after = Path("/dev/null").stat()
    assert stat.S_ISCHR(after.st_mode)
    assert after.st_ino == before.st_ino


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk(root: Path):
    message = refused(run("score", "-", "-o", "/dev/full", text=lines(*CARTS), root=root), 3)
    assert message == (
        "error: /dev/full: cannot be written (No space left on device); name a file in a folder with room\n"
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [("suggest", "bread"), ("score", "-", "-o", "-"), ("models", "show")])
def test_full_standard_output(root: Path, arguments: tuple[str, ...]):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [GOESWITH, *arguments],
            input=lines(*CARTS).encode(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            env=os.environ | {"GOESWITH_STORE": str(root)},
        )
    assert done.returncode == 1
    assert done.stderr.decode() == (
        "error: the system refuses: [Errno 28] No space left on device; give it room or permission and try again\n"
    )


@pytest.mark.parametrize("command", ["suggest", "score"])
def test_a_reader_that_leaves_is_no_error_to_tell(root: Path, tmp_path: Path, command: str):
    carts = tmp_path / "carts.jsonl"
    carts.write_text(lines(*CARTS) * 1000)
    reader, writer = os.pipe()
    os.close(reader)
    arguments = ["suggest", "bread"] if command == "suggest" else ["score", str(carts), "-o", "-"]
    done = subprocess.run(
        [GOESWITH, *arguments],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        env=os.environ | {"GOESWITH_STORE": str(root)},
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Processes hear SIGINT, whoever started the tests: a shell lets its jobs in the background ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_score_that_is_stopped_leaves_no_process_and_no_file(root: Path, tmp_path: Path):
    """As Ctrl-C does, the signal goes to all of its processes."""
    process = subprocess.Popen(
        [GOESWITH, "score", "-", "-o", str(tmp_path / "answers.jsonl"), "--store", str(root), "--workers", "2"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdin is not None
    process.stdin.write(lines(*CARTS).encode() * CHUNK)
    process.stdin.flush()
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    eventually(lambda: len(children.read_text().split()) == 2)
    workers = children.read_text().split()
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=20)
    assert (process.returncode, told.strip()) == (130, b"stopped")
    assert not any(Path("/proc", pid).exists() for pid in workers)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_help(command: str):
    done = run(command, "--help")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().startswith(f"Usage: goeswith {command} [OPTIONS]")


def test_the_groups_help_names_every_command():
    done = process("-h")
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode()
    assert text.startswith("Usage: goeswith [OPTIONS] COMMAND [ARGS]...")
    named = [line.split()[0] for line in text.partition("Commands:")[2].splitlines() if line[2:3].strip()]
    assert set(COMMANDS) <= set(named)
    assert "not installed" not in text


def test_no_command_at_all():
    done = run()
    assert done.returncode == 2
    assert done.stderr.decode().startswith("Usage: goeswith")


def test_version():
    done = process("--version")
    assert done.returncode == 0
    assert done.stdout.decode().startswith("goeswith, version ")


HEAVY = {"duckdb", "flask", "flask_openapi3", "gunicorn", "pandas", "pyarrow", "implicit", "mlxtend", "scipy.sparse"}


@pytest.mark.parametrize("arguments", [("--help",), ("suggest", "bread"), ("models", "list")])
def test_light_commands_import_nothing_heavy(root: Path, arguments: tuple[str, ...]):
    done = subprocess.run(
        [sys.executable, "-X", "importtime", GOESWITH, *arguments],
        capture_output=True,
        check=False,
        env=os.environ | {"GOESWITH_STORE": str(root)},
    )
    assert done.returncode == 0
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.decode().splitlines()}
    assert "numpy" in imported
    assert not imported & HEAVY, "numba asks scipy for its version where it is installed, and for nothing else"


LEARNING = {"implicit", "numba", "pandas", "scipy.optimize", "scipy.stats", "recommender.engine"}


def test_the_doctor_waits_for_nothing_that_learns(tmp_path: Path):
    orders = tmp_path / "orders.csv"
    orders.write_text("order_id,item_id\n1,bread\n1,butter\n")
    done = subprocess.run(
        [sys.executable, "-X", "importtime", GOESWITH, "check", str(orders)], capture_output=True, check=False
    )
    assert done.returncode == 0
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.decode().splitlines()}
    assert "duckdb" in imported
    assert not imported & LEARNING


def without(*packages: str, arguments: tuple[str, ...], root: Path) -> subprocess.CompletedProcess:
    """The command on a machine that lacks `packages`."""
    missing = "; ".join(f"sys.modules[{name!r}] = None" for name in packages)
    code = f"import sys; {missing}; from recommender.command import main; main(sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        check=False,
        env=os.environ | {"GOESWITH_STORE": str(root)},
    )


@pytest.mark.parametrize(
    ("package", "arguments"),
    [("tqdm", ("train", "orders.csv")), ("duckdb", ("check", "orders.csv")), ("flask", ("serve", "--port", "1"))],
)
def test_a_missing_extra_is_named_with_the_line_that_installs_it(root: Path, package: str, arguments: tuple[str, ...]):
    message = refused(without(package, arguments=arguments, root=root), 2)
    assert message == (
        f"error: the Python package {package} is not installed; pip install 'goeswith[train]' to train,"
        " 'goeswith[serve]' to serve\n"
    )


def test_the_core_works_without_any_extra(root: Path):
    extras = (*HEAVY, "scipy", "pydantic", "tqdm", "prometheus_client", "threadpoolctl")
    assert without(*extras, arguments=("suggest", "bread"), root=root).returncode == 0
    done = without(*extras, arguments=("--help",), root=root)
    assert done.returncode == 0
    assert "not installed" in done.stdout.decode()
