"""Files of carts and answers, through `goeswith score`."""

from __future__ import annotations

import gzip
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tiny_shop import tiny_model

from recommender.command import main
from recommender.store import Store

CARTS = '{"items": ["bread"]}\n'


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    store = Store(tmp_path_factory.mktemp("files") / "store")
    store.publish(tiny_model(), None, promote=True, now=datetime(2026, 11, 21, tzinfo=UTC))
    return str(store.root)


@pytest.mark.parametrize("name", ["carts.jsonl", "link.jsonl", "folder/../carts.jsonl"])
def test_answers_do_not_replace_the_carts(store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str):
    carts = tmp_path / "carts.jsonl"
    carts.write_text(CARTS)
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.jsonl").symlink_to(carts)
    with pytest.raises(SystemExit) as end:
        main(["score", str(carts), "--store", store, "-o", str(tmp_path / name)])
    assert end.value.code == 2
    assert capsys.readouterr().err == (
        f"error: {tmp_path / name}: is the file of carts and would be overwritten; name another file (-o)\n"
    )
    assert carts.read_text() == CARTS


@pytest.mark.parametrize(
    ("packed", "message"),
    [
        (gzip.compress(CARTS.encode(), mtime=0), "byte 2 is 0x8b"),
        (CARTS.encode("utf-16"), "byte 1 is 0x"),
        (CARTS.replace("bread", "café").encode("latin-1"), "byte 16 is 0xe9"),
    ],
)
def test_carts_that_are_no_utf_8(store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], packed, message: str):
    carts, answers = tmp_path / "carts.jsonl", tmp_path / "answers.jsonl"
    carts.write_bytes(packed)
    with pytest.raises(SystemExit) as end:
        main(["score", str(carts), "--store", store, "-o", str(answers)])
    said = capsys.readouterr().err
    assert end.value.code == 3
    assert said.startswith(f"error: {carts}, line 1: {message}")
    assert said.endswith(", which is not UTF-8; save the file as UTF-8 text, unpacked\n")
    assert not answers.exists()


def test_fields_that_no_cart_has_are_told_and_not_silently_passed_over(
    store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    carts, answers = tmp_path / "carts.jsonl", tmp_path / "answers.jsonl"
    lines = ['{"items": [{"item_id": "bread", "quantty": 2}], "custmer_id": "ann"}'] * 99
    carts.write_text("\n".join([*lines, '{"items": ["bread"], "customer_id": "ann", "till": 7}']))

    main(["score", str(carts), "--store", store, "-o", str(answers), "--workers", "1"])

    assert capsys.readouterr().err.splitlines() == [
        f"{carts}: 99 carts have the field 'custmer_id', which is not used; did you mean customer_id?",
        f"{carts}: 99 carts have the field 'items[].quantty', which is not used; did you mean quantity?",
        f"{carts}: 1 cart has the field 'till', which is not used; there are at, cart_id, customer_id, items",
        f"100 carts answered: {answers}",
    ]
    assert len(answers.read_text().splitlines()) == 100


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_job_that_is_ended_leaves_no_half_written_file(store: str, tmp_path: Path, workers: str):
    carts, answers = tmp_path / "carts.jsonl", tmp_path / "answers.jsonl"
    carts.write_text(CARTS * 2_000_000)
    answers.write_text("yesterday's\n")
    arguments = ["score", str(carts), "--store", store, "-o", str(answers), "--workers", workers]
    with subprocess.Popen([Path(sys.executable).with_name("goeswith"), *arguments]) as job:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob(".answers*")) and job.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.2)
        job.send_signal(signal.SIGTERM)
        assert job.wait(60) == 128 + signal.SIGTERM
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.jsonl", "carts.jsonl"]
    assert answers.read_text() == "yesterday's\n"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (
            f'{{"items": [{{"item_id": "bread", "quantity": {"9" * 5_000}}}]}}',
            "not JSON (a number of more than 4,300 digits)",
        ),
        ('{"items": ' + "[" * 200_000, "not JSON (lists or objects nested too deeply)"),
        ("x" * 10_000_001, "more than 10,000,000 bytes"),
    ],
    ids=["digits", "depth", "length"],
)
def test_carts_that_cannot_be_held(store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, why: str):
    carts = tmp_path / "carts.jsonl"
    carts.write_text(f"{CARTS}{line}\n{CARTS}")
    with pytest.raises(SystemExit) as end:
        main(["score", str(carts), "--store", store, "-o", str(tmp_path / "answers.jsonl")])
    assert end.value.code == 3
    assert capsys.readouterr().err.startswith(f"error: {carts}, line 2: {why}; write one ")


def test_carts_without_an_end(store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as end:
        main(["score", "/dev/zero", "--store", store, "-o", str(tmp_path / "answers.jsonl")])
    assert end.value.code == 3
    assert capsys.readouterr().err == "error: /dev/zero, line 1: more than 10,000,000 bytes; write one cart a line\n"
