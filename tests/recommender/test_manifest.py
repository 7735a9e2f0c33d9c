"""The manifest: exact keys, an id that follows from the content alone, and nothing garbled let through."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_shop import tiny_manifest

from recommender.arrays import FileEntry
from recommender.errors import ModelError
from recommender.manifest import FORMAT_VERSION, Manifest, loads

KEYS = {
    "format_version",
    "model_id",
    "input",
    "window",
    "counts",
    "config",
    "seed",
    "libraries",
    "metrics",
    "notes",
    "files",
}
FILES = {"price": FileEntry("0" * 64, "<f8", (8,), 192)}


def sealed() -> Manifest:
    return replace(tiny_manifest(), notes=("no times",), metrics={"hr@10": 0.12}).sealed(FILES)


def refusal(value) -> str:
    text = value if isinstance(value, str | bytes) else json.dumps(value)
    with pytest.raises(ModelError) as refused:
        loads(text, "store/manifest.json")
    assert str(refused.value).startswith("store/manifest.json: ")
    return str(refused.value)


def test_exact_keys():
    assert set(sealed().as_json()) == KEYS
    assert sealed().as_json()["files"] == {
        "price": {"sha256": "0" * 64, "dtype": "<f8", "shape": [8], "bytes": 192},
    }


def test_no_clock_and_no_place():
    assert sealed().model_id == sealed().model_id
    assert len(sealed().model_id) == 12
    assert int(sealed().model_id, 16) >= 0


def test_written_and_read_again():
    assert loads(sealed().dumps(), "here") == sealed()
    assert loads(sealed().dumps().encode(), "here").dumps() == sealed().dumps()


def test_the_id_does_not_depend_on_the_order_of_keys():
    turned = replace(sealed(), counts=dict(reversed(sealed().counts.items())))
    assert turned.sealed(FILES).model_id == sealed().model_id
    assert turned.dumps() == sealed().dumps()


@pytest.mark.parametrize(
    "change",
    [
        {"input": {}},
        {"window": {"first": None, "last": None}},
        {"counts": {"baskets": 13}},
        {"config": {}},
        {"seed": 1},
        {"libraries": {"numpy": "2"}},
        {"metrics": {}},
        {"notes": ()},
    ],
)
def test_the_id_depends_on_everything_else(change):
    assert replace(sealed(), **change).sealed(FILES).model_id != sealed().model_id


def test_the_id_depends_on_the_files():
    other = {"price": replace(FILES["price"], sha256="1" * 64)}
    assert sealed().sealed(other).model_id != sealed().model_id


def test_what_json_changes_does_not_change_the_id():
    """Tuples become lists and numbers as keys become text, whose order is another."""
    manifest = replace(tiny_manifest(), config={"sizes": (1, 2), "by": {2: "b", 10: "j", 1: "a"}}).sealed({})
    assert loads(manifest.dumps(), "here").model_id == manifest.model_id


def test_names_of_files_that_are_no_utf8():
    manifest = replace(tiny_manifest(), input={"orders": "caf\udce9.csv"}).sealed({})
    assert loads(manifest.dumps().encode(), "here") == manifest


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
sections = st.dictionaries(st.text(max_size=5), json_values, max_size=3)


@settings(deadline=None)
@given(sections, sections, sections, sections, st.lists(st.text(max_size=9)))
def test_any_content_comes_back(given_input, config, metrics, window, notes):
    manifest = replace(
        tiny_manifest(), input=given_input, config=config, metrics=metrics, window=window, notes=tuple(notes)
    ).sealed(FILES)
    assert loads(manifest.dumps().encode(), "here") == manifest


@pytest.mark.parametrize("version", [FORMAT_VERSION + 1, 999])
def test_a_newer_format(version):
    message = refusal(sealed().as_json() | {"format_version": version})
    assert f"format version {version}, this program reads {FORMAT_VERSION}; upgrade goeswith" in message


def test_an_older_format():
    assert "format version 0, this program reads 1; train again" in refusal({"format_version": 0})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '"format_version"',
        "7",
        "{}",
        '{"format_version": "1"}',
        '{"format_version": 1.0}',
        '{"format_version": true}',
        '{"format_version": Infinity}',
        '{"format_version": NaN}',
        '{"format_version": -1}',
        '{"format_version": 1' + "0" * 5000 + "}",
        "[" * 100_000,
        '{"a":' * 100_000,
        b"\xff\xfe\x00",
        b"\x00" * 10,
    ],
)
def test_no_manifest_at_all(text):
    assert "not a manifest" in refusal(text)


@pytest.mark.parametrize("key", sorted(KEYS - {"format_version"}))
def test_a_missing_key(key):
    value = sealed().as_json()
    del value[key]
    assert key in refusal(value)


@pytest.mark.parametrize("key", ["input", "window", "counts", "config", "libraries", "metrics", "files"])
@pytest.mark.parametrize("wrong", [None, 7, "text", ["list"]])
def test_a_section_of_the_wrong_kind(key, wrong):
    assert key in refusal(sealed().as_json() | {key: wrong})


@pytest.mark.parametrize(
    "change",
    [
        {"seed": -1},
        {"seed": 1.5},
        {"seed": "0"},
        {"seed": 2**53},
        {"counts": {"baskets": -1}},
        {"counts": {"baskets": 1.0}},
        {"counts": {"baskets": True}},
        {"notes": None},
        {"files": {"price": None}},
        {"files": {"price": {}}},
        {"files": {"../../etc/passwd": FILES["price"].as_json()}},
        {"files": {"/etc/passwd": FILES["price"].as_json()}},
        {"files": {"": FILES["price"].as_json()}},
    ],
)
def test_a_garbled_value(change):
    assert "lacks or garbles" in refusal(sealed().as_json() | change)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 5},
        {"counts": {"baskets": 13}},
        {"notes": [7]},
        {"notes": "text"},
        {"model_id": "0" * 12},
        {"model_id": 12},
        {"another": "key"},
        {"files": {}},
    ],
)
def test_a_manifest_that_was_altered(change):
    assert "altered after it was written" in refusal(sealed().as_json() | change)


def test_infinity_is_no_number():
    text = sealed().dumps().replace("0.12", "Infinity")
    assert "not a manifest" in refusal(text)


def test_what_cannot_be_json_is_not_sealed():
    with pytest.raises(ValueError, match="JSON"):
        replace(tiny_manifest(), metrics={"hr": float("nan")}).sealed({})


@pytest.mark.parametrize("depth", [100, 300, 500, 900, 990, 5000])
def test_a_section_nested_to_the_edge_of_what_json_reads(depth):
    value = json.dumps(sealed().as_json() | {"config": {"a": 1}}).replace(
        '{"a": 1}', '{"a":' * depth + "1" + "}" * depth
    )
    refusal(value)
