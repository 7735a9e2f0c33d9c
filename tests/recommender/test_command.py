"""The command from within: what it tells, and how errors end it."""

import io
import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from tiny_shop import tiny_customers, tiny_model

from recommender import command
from recommender.command import goeswith, main
from recommender.engine import PLACEMENTS
from recommender.errors import DataError, GateError, GoeswithError, ModelError, UsageError
from recommender.store import Store

NO_DUCKDB = (
    "the Python package duckdb is not installed; pip install 'goeswith[train]' to train, 'goeswith[serve]' to serve"
)


@pytest.fixture
def two_versions(store: Store) -> Store:
    """The older one has every customer and another seed than the newer one, which serves."""
    model = tiny_model()
    newer = replace(model, manifest=replace(model.manifest, seed=1))
    store.publish(newer, tiny_customers(), promote=True, now=datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    return store


def ending(*arguments: str) -> int:
    """Exit code of the command."""
    try:
        main(list(arguments))
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def raising(error: BaseException):
    @click.command("fail")
    def fail() -> None:
        raise error

    return fail


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch):
    """A command `fail` that raises what it is given."""

    def add(error: BaseException) -> None:
        monkeypatch.setitem(goeswith.commands, "fail", raising(error))

    return add


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (GoeswithError("x"), 1, "error: x\n"),
        (UsageError("k = 0"), 2, "error: k = 0\n"),
        (DataError("é"), 3, "error: é\n"),
        (GateError("worse"), 4, "error: worse\n"),
        (ModelError("damaged"), 5, "error: damaged\n"),
        (click.UsageError("no"), 2, "Error: no\n"),
        (click.FileError("f", "gone"), 1, "Error: Could not open file 'f': gone\n"),
        (click.Abort(), 130, "stopped\n"),
        (KeyboardInterrupt(), 130, "\nstopped\n"),
        (
            ModuleNotFoundError("No module named 'duckdb'", name="duckdb"),
            2,
            f"error: {NO_DUCKDB}\n",
        ),
    ],
)
def test_errors_end_with_one_line_and_their_exit_code(failing, capsys, error: BaseException, code: int, message: str):
    failing(error)
    assert ending("fail") == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.endswith(message)
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (MemoryError(), "the memory ran out; give the process more of it (ulimit -v, its container)"),
        (RuntimeError("can't start new thread"), "the memory ran out; give the process more of it"),
        (
            ImportError("a.so: failed to map segment\nand more"),
            "a library cannot be loaded (a.so: failed to map segment)",
        ),
    ],
)
def test_a_process_that_may_hardly_take_memory(failing, capsys, error: Exception, message: str):
    failing(error)
    assert ending("fail") == 1
    said = capsys.readouterr().err
    assert said.startswith(f"error: {message}")
    assert said.count("\n") == 1


def test_any_other_failure_is_a_bug_and_shows_its_place(failing):
    failing(RuntimeError("a bug"))
    with pytest.raises(RuntimeError, match="a bug"):
        command.main(["fail"])


def test_a_system_that_refuses_is_told(failing, capfd, monkeypatch: pytest.MonkeyPatch):
    dropped: list[bool] = []
    monkeypatch.setattr(command, "_drop_output", lambda: dropped.append(True))
    failing(OSError(28, "No space left on device", "/full"))
    assert ending("fail") == 1
    assert capfd.readouterr().err == (
        "error: the system refuses: [Errno 28] No space left on device: '/full'; "
        "give it room or permission and try again\n"
    )
    assert dropped == [True]


def test_suggest_tells_a_customer_that_the_model_does_not_know(store: Store, capsys):
    known = store.load()[1].customer_ids[0]
    told = "customer not in the model: nobody\n"
    assert ending("suggest", "--store", f"{store.root}", "bread", "--customer", "nobody") == 0
    assert capsys.readouterr().out.endswith(told)
    assert ending("suggest", "--store", f"{store.root}", "bread", "--customer", "nobody", "--json") == 0
    out, err = capsys.readouterr()
    assert (err, json.loads(out)["missing_items"]) == (told, [])
    assert ending("suggest", "--store", f"{store.root}", "bread", "--customer", known) == 0
    assert "customer not" not in capsys.readouterr().out


def test_suggest(store: Store, capsys):
    assert ending("suggest", "--store", f"{store.root}", "bread", "butter", "x", "-k", "1") == 0
    assert capsys.readouterr().out == (
        "   item    title   price   score  chance  earns  kind        why\n"
        "1  coffee  Coffee   8.00  0.9204   23.6%   0.53  bestseller  a bestseller: in 2 of 12 baskets\n"
        "not in the model: x\n"
        "the cart did not fill every place: the rest are bestseller suggestions\n"
    )


def test_a_filter(store: Store, tmp_path: Path, capsys):
    assert ending("suggest", "--store", f"{store.root}", "bread", "--filter", "price <= 'x'") == 2
    assert "error: line 1, column 10" in capsys.readouterr().err
    assert ending("suggest", "--store", f"{store.root}", "bread", "--filter", "price < 2", "--json") == 0
    assert [found["item_id"] for found in json.loads(capsys.readouterr().out)["suggestions"]] == ["milk"]
    carts = tmp_path / "carts.jsonl"
    carts.write_text('{"items": ["bread"]}\n')
    assert ending("score", f"{carts}", "--store", f"{store.root}", "--filter", "price < 2", "-o", "-") == 0
    assert [found["item_id"] for found in json.loads(capsys.readouterr().out)["suggestions"]] == ["milk"]


def test_a_policy(store: Store, tmp_path: Path, capsys):
    policy = tmp_path / "policy.toml"
    policy.write_text("[[rules]]\naction = 'exclude'\nname = 'no milk'\nitems = ['milk', 'nosuch']\n")
    assert ending("suggest", "--store", f"{store.root}", "bread", "--policy", f"{policy}", "--json") == 0
    assert "milk" not in [found["item_id"] for found in json.loads(capsys.readouterr().out)["suggestions"]]
    carts = tmp_path / "carts.jsonl"
    carts.write_text('{"items": ["bread"]}\n')
    assert ending("score", f"{carts}", "--store", f"{store.root}", "--policy", f"{policy}", "-o", "-") == 0
    assert "milk" not in [found["item_id"] for found in json.loads(capsys.readouterr().out)["suggestions"]]
    assert ending("policy", "check", f"{policy}", "--store", f"{store.root}") == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "no milk: the catalogue has no item nosuch"
    assert told[1].endswith(": 1 rule, 0 offers, 0 placements, 1 remark")


def test_a_trace(store: Store, tmp_path: Path, capsys):
    policy = tmp_path / "policy.toml"
    policy.write_text("[[rules]]\naction = 'exclude'\nname = 'no milk'\nitems = ['milk']\n")
    assert ending("suggest", "--store", f"{store.root}", "bread", "--policy", f"{policy}", "--trace") == 0
    lines = capsys.readouterr().out.splitlines()
    assert next(line for line in lines if line.startswith("place  candidate"))
    assert "by the rule no milk" in next(line for line in lines if " milk " in line)


def test_a_policy_that_is_none(store: Store, tmp_path: Path, capsys):
    policy = tmp_path / "policy.toml"
    policy.write_text("[[rules]]\naction = 'exclude'\nfilter = 'price < '\n")
    for command_line in (["policy", "check", f"{policy}"], ["suggest", "bread", "--policy", f"{policy}"]):
        assert ending(*command_line, "--store", f"{store.root}") == 2
        assert "rules[1]: filter: line 1, column 9" in capsys.readouterr().err
    policy.write_text("")
    assert ending("policy", "check", f"{policy}", "--store", f"{tmp_path / 'none'}") == 0
    assert "was not held against a catalogue" in capsys.readouterr().err


def test_suggest_for_machines(store: Store, capsys):
    arguments = ["--store", f"{store.root}", "--placement", "add-on", "--customer", "ann", "-k", "2", "--json"]
    assert ending("suggest", *arguments, "wine", "butter") == 0
    value = json.loads(capsys.readouterr().out)
    assert [suggestion["item_id"] for suggestion in value["suggestions"]] == ["bread"]
    assert (value["placement"], value["missing_items"], value["fallback"]) == ("add-on", [], None)


def test_score(store: Store, tmp_path: Path, capsys):
    carts, answers = tmp_path / "carts.jsonl", tmp_path / "answers.jsonl"
    carts.write_text('{"items": ["bread"]}\n\n{"cart_id": "z", "items": ["x\\ud800é"]}\n')
    answers.write_text("older")
    assert ending("score", f"{carts}", "--store", f"{store.root}", "-o", f"{answers}", "-k", "1") == 0
    one, two = map(json.loads, answers.read_text(encoding="utf-8").splitlines())
    assert (one["cart_id"], two["cart_id"], two["missing_items"]) == ("1", "z", ["x\ud800é"])
    assert capsys.readouterr().err == f"2 carts answered: {answers}\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.jsonl", "carts.jsonl", "store"]


def test_score_writes_whole_or_not_at_all(store: Store, tmp_path: Path, capsys):
    carts, answers = tmp_path / "carts.jsonl", tmp_path / "answers.jsonl"
    carts.write_text('{"items": ["bread"]}\n{"items": "bread"}\n')
    answers.write_text("older")
    assert ending("score", f"{carts}", "--store", f"{store.root}", "-o", f"{answers}") == 3
    assert answers.read_text() == "older"
    assert capsys.readouterr().err == (f"error: {carts}, line 2: \"items\" is 'bread'; expected a list of item ids\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.jsonl", "carts.jsonl", "store"]


def test_score_through_a_link_replaces_what_it_points_at(store: Store, tmp_path: Path):
    (tmp_path / "carts.jsonl").write_text('{"items": []}\n')
    link, target = tmp_path / "latest.jsonl", tmp_path / "answers.jsonl"
    target.touch()
    link.symlink_to(target)
    carts = f"{tmp_path / 'carts.jsonl'}"
    assert ending("score", carts, "--store", f"{store.root}", "-o", f"{link}") == 0
    assert link.is_symlink()
    assert target.read_text().startswith('{"cart_id":"1"')


@pytest.mark.parametrize(
    ("output", "reason"), [("no/such/folder/f", "No such file or directory"), (".", "Is a directory")]
)
def test_score_into_what_is_no_file(store: Store, tmp_path: Path, capsys, output: str, reason: str):
    (tmp_path / "carts.jsonl").write_text('{"items": []}\n')
    output = f"{tmp_path / output}"
    assert ending("score", f"{tmp_path / 'carts.jsonl'}", "--store", f"{store.root}", "-o", output) == 3
    assert capsys.readouterr().err == (
        f"error: {output}: cannot be written ({reason}); name a file in a folder with room\n"
    )


def test_score_from_what_is_no_file(store: Store, tmp_path: Path, capsys):
    for carts, reason in ((tmp_path / "none", "No such file or directory"), (tmp_path, "Is a directory")):
        answers = tmp_path / "answers.jsonl"
        assert ending("score", f"{carts}", "--store", f"{store.root}", "-o", f"{answers}") == 3
        assert capsys.readouterr().err == (
            f"error: {carts}: cannot be read ({reason}); name a JSON Lines file of carts\n"
        )
        assert not answers.exists()


def test_list(two_versions: Store, capsys):
    newer, older = two_versions.versions()
    assert ending("models", "list", "--store", f"{two_versions.root}") == 0
    assert capsys.readouterr().out == (
        "   model         made                  version                      problem\n"
        f"*  {newer.model_id}  2026-11-22 09:30 UTC  {newer.name}\n"
        f"   {older.model_id}  2026-11-21 12:00 UTC  {older.name}\n"
    )


def test_list_for_machines_tells_a_damaged_version(two_versions: Store, capsys):
    newer, older = two_versions.versions()
    (older.path / "price.npy").unlink()
    assert ending("models", "list", "--store", f"{two_versions.root}", "--json") == 0
    assert json.loads(capsys.readouterr().out) == [
        {
            "name": newer.name,
            "model_id": newer.model_id,
            "created_at": "2026-11-22T09:30:00+00:00",
            "current": True,
            "problem": None,
        },
        {
            "name": older.name,
            "model_id": older.model_id,
            "created_at": "2026-11-21T12:00:00+00:00",
            "current": False,
            "problem": f"{older.path / 'price.npy'}: No such file or directory",
        },
    ]


def test_list_of_nothing(tmp_path: Path, capsys):
    assert ending("models", "list", "--store", f"{tmp_path}") == 0
    assert capsys.readouterr().out == f"{tmp_path}: no version yet\n"
    assert ending("models", "list", "--store", f"{tmp_path}", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []


def test_show(two_versions: Store, capsys):
    newer, older = two_versions.versions()
    assert ending("models", "show", "--json", "--store", f"{two_versions.root}") == 0
    assert capsys.readouterr().out == newer.manifest().dumps()
    assert ending("models", "show", older.model_id[:6], "--json", "--store", f"{two_versions.root}") == 0
    assert json.loads(capsys.readouterr().out)["model_id"] == older.model_id


def test_show_for_people(two_versions: Store, capsys):
    serving = two_versions.current()
    assert ending("models", "show", "--store", f"{two_versions.root}") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["model", serving.model_id, "serves"]
    assert lines[1].split() == ["version", serving.name]
    assert {"back-test", "settings"} <= set(lines)
    assert max(map(len, lines)) < 200
    manifest = serving.manifest()
    told = dict(line.split(maxsplit=1) for line in lines[lines.index("settings") + 1 :])
    for section, values in manifest.config.items():
        for name, value in values.items() if isinstance(values, dict) else [("", values)]:
            assert told[f"{section}.{name}".rstrip(".")] == str(value)


def test_promote_and_rollback(two_versions: Store, capsys):
    newer, older = two_versions.versions()
    assert ending("models", "promote", older.name, "--store", f"{two_versions.root}") == 0
    assert capsys.readouterr().out == f"{older.name} serves\n"
    assert two_versions.current().name == older.name
    assert ending("models", "rollback", "--store", f"{two_versions.root}") == 0
    assert capsys.readouterr().out == f"{newer.name} serves\n"
    assert two_versions.current().name == newer.name


def test_prune(two_versions: Store, capsys):
    newer, older = two_versions.versions()
    assert ending("models", "prune", "--keep", "1", "--store", f"{two_versions.root}") == 0
    assert capsys.readouterr().out == f"deleted {older.name}\n"
    assert [version.name for version in two_versions.versions()] == [newer.name]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("suggest", "bread", "-k", "0"), "Invalid value for '-k': 0 is not in the range 1<=x<=100."),
        (("suggest", "bread", "-k", "-1"), "Invalid value for '-k': -1 is not in the range 1<=x<=100."),
        (("suggest", "bread", "-k", "1000000000"), "1000000000 is not in the range 1<=x<=100."),
        (("suggest", "bread", "-k", "ten"), "Invalid value for '-k': 'ten' is not a valid integer range."),
        (
            ("suggest", "bread", "--placement", "window-shop"),
            "error: placement 'window-shop': no such placement; there are " + ", ".join(PLACEMENTS) + "\n",
        ),
        (("score", "carts.jsonl"), "Missing option '-o' / '--output'."),
        (("score", "-o", "-"), "Missing argument 'CARTS'."),
        (("nothing",), "No such command 'nothing'."),
        (("suggest", "--colour"), "No such option '--colour'."),
        (("models", "prune", "--keep", "0"), "Invalid value for '--keep': 0 is not in the range 1<=x<=1000."),
        (("models", "promote"), "Missing argument 'VERSION'."),
        (("models", "promote", "ffff"), "'ffff': no such version; there are 20261121T1200Z-"),
        (("models", "show", "ffff"), "'ffff': no such version; there are 20261121T1200Z-"),
        (("models", "rollback"), "no version served before; there are 20261121T1200Z-"),
    ],
)
def test_usage(store: Store, capsys, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str):
    monkeypatch.setenv("GOESWITH_STORE", str(store.root))
    assert ending(*arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert message in said.err


def test_score_from_standard_input_to_standard_output(store: Store, monkeypatch: pytest.MonkeyPatch, capsysbinary):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"items": ["tea", "\xc3\xa9"]}\n')))
    assert ending("score", "-", "--store", f"{store.root}", "-o", "-", "-k", "1") == 0
    said = capsysbinary.readouterr()
    assert json.loads(said.out)["missing_items"] == ["é"]
    assert said.err == b"1 cart answered: standard output\n"


def test_score_into_a_device(store: Store, tmp_path: Path):
    (tmp_path / "carts.jsonl").write_text('{"items": []}\n')
    carts = f"{tmp_path / 'carts.jsonl'}"
    assert ending("score", carts, "--store", f"{store.root}", "-o", os.devnull) == 0
    assert not Path(os.devnull).is_file()


def test_what_could_not_be_written_is_not_tried_again():
    kept = os.dup(1)
    try:
        command._drop_output()
        assert os.fstat(1).st_rdev == Path(os.devnull).stat().st_rdev
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def test_a_process_without_standard_output(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdout", None)
    assert ending("models", "list", "--store", f"{store.root}") == 0
