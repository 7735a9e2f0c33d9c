"""Files of carts and answers, through `goeswith score`."""

from __future__ import annotations

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
