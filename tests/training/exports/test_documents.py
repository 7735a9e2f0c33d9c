"""A folder of documents for a CDN: safe names for any id, the service's answers, taking the place of its like alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strange_shop import STRANGE_IDS, strange_catalog, strange_model

from recommender.store import Store
from service.app import create_app
from service.config import ServiceConfig
from training.exports.documents import PLACEMENTS_SHOWN, file_name

Exported = Callable[..., Path]
WITHOUT = ("model_id", "request_id")


def named(item_id: str) -> str:
    """The rule of docs/exports.md, written again: what a storefront's script computes."""
    text = "".join(
        chr(byte) if re.fullmatch(r"[A-Za-z0-9_-]", chr(byte)) else f"~{byte:02X}" for byte in item_id.encode("utf-8")
    )
    if re.fullmatch(r"CON|PRN|AUX|NUL|(COM|LPT)[1-9]", text.upper()):
        text = f"~{ord(text[0]):02X}{text[1:]}"
    return f"{text}.json"


def test_documents_are_what_the_service_answers(exported: Exported, strange: Path) -> None:
    folder = exported("static", strange, "cdn")
    client = create_app(ServiceConfig(strange, publishable_key="pk-tiny", secret_key="sk-tiny")).test_client()
    key = {"X-API-Key": "pk-tiny"}

    names = {path.name for path in (folder / "items").iterdir()}
    assert names == {named(item_id) for item_id in STRANGE_IDS}
    for item_id in STRANGE_IDS:
        document = json.loads((folder / "items" / named(item_id)).read_bytes())
        address = f"/v1/items/{quote(item_id, safe='')}"
        suggestions = document.pop("suggestions")
        reply = client.get(f"{address}/bundle", headers=key)
        box = reply.json
        if reply.status_code != 200 or box["item_id"] != item_id:
            assert item_id in {"../x", "b\nc\td"}  # an address cannot hold dots and line ends
            continue
        assert document == {name: value for name, value in box.items() if name not in WITHOUT}
        assert set(suggestions) <= set(PLACEMENTS_SHOWN)
        assert {"bought-together", "cross-sell", "add-on"} <= set(suggestions)
        for placement, found in suggestions.items():
            told = client.get(f"{address}/suggestions?placement={placement}", headers=key).json
            assert found == told["suggestions"]


def test_the_index_and_the_manifest(exported: Exported, strange: Path) -> None:
    folder = exported("static", strange, "cdn")
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    manifest = json.loads((folder.parent / "cdn.manifest.json").read_text(encoding="utf-8"))
    assert (index["goeswith"], index["documents"], manifest["rows"]) == ("static", 8, 8)
    assert index["model_id"] == manifest["model_id"]


def test_only_an_older_export_is_replaced(exported: Exported, run, strange: Path, tmp_path: Path) -> None:
    folder = exported("static", strange, "cdn")
    (folder / "items" / "old.json").write_text("{}")
    exported("static", strange, "cdn")
    assert not (folder / "items" / "old.json").exists()

    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "me.jpg").write_bytes(b"1")
    for place in (tmp_path / "photos", folder / "index.json"):
        said = run("export", "static", "--store", strange, "-o", place)
        assert said.code == 2
    assert (tmp_path / "photos" / "me.jpg").read_bytes() == b"1"
    said = run("export", "static", "--store", strange, "-o", tmp_path / "x", "--format", "csv")
    assert said.code == 2


def test_only_changed_documents_and_the_names_of_lost_ones(exported: Exported, strange: Path) -> None:
    """Bread is no longer named so: its document is lost, and all that show it change; wine shows nothing of it."""
    earlier = Store(strange).current().name
    catalog = strange_catalog()
    prices = catalog.price.copy()
    prices[0] = 99.0
    model = replace(strange_model(), catalog=replace(catalog, price=prices))
    Store(strange).publish(model, None, promote=True, now=datetime(2026, 11, 23, tzinfo=UTC))
    folder = exported("static", strange, "cdn", "--since", earlier)
    whole = exported("static", strange, "whole")
    changed = {path.name for path in (folder / "items").iterdir()}
    assert named("+1") in changed
    assert changed <= {path.name for path in (whole / "items").iterdir()}
    for name in changed:
        assert (folder / "items" / name).read_bytes() == (whole / "items" / name).read_bytes()
    assert json.loads((folder.parent / "cdn.lost.json").read_text()) == []


def test_documents_of_locked_items_stay_as_they_are(exported: Exported, strange: Path, tmp_path: Path) -> None:
    folder = exported("static", strange, "cdn")
    (folder / "items" / named("CON")).write_text('{"by": "hand"}')
    locks = tmp_path / "locks.csv"
    locks.write_text("item_id,relation\nCON,bundle\n", encoding="utf-8")
    exported("static", strange, "cdn", "--locked", locks)
    assert (folder / "items" / named("CON")).read_text() == '{"by": "hand"}'
    assert json.loads((folder.parent / "cdn.manifest.json").read_text())["rows"] == 7


@given(st.text(min_size=1, max_size=300), st.text(min_size=1, max_size=300))
def test_any_id_has_a_safe_name_of_its_own(one: str, other: str) -> None:
    name = file_name(one)
    assert re.fullmatch(r"[A-Za-z0-9_~-]+\.json", name)
    assert len(name) <= 205
    assert (file_name(other) == name) == (other == one)
    if len(name) < 180:
        assert name == named(one)


@pytest.mark.parametrize("item_id", ["con", "LPT1", "a" * 300, "é" * 100, "..", "/etc/passwd"])
def test_names_that_systems_keep_for_themselves(item_id: str) -> None:
    name = file_name(item_id).removesuffix(".json")
    assert name.upper() not in {"CON", "LPT1", ".."}
    assert not set(name) & set("/\\.")
