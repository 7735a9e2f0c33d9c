"""JSON by orjson and by the standard library: both write what is read again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.compact_json import compact_json, plain, ready

STRANGE = ["\ud800", "\u2028", "\n", "\x00", "é", "🛒"]

numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(1 << 80), 1 << 80)
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(st.characters()) | st.sampled_from(STRANGE),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)
documents = st.dictionaries(st.text(), values, max_size=5)


@given(documents)
def test_what_is_written_is_what_is_read(document):
    for written in (compact_json(document), plain(document)):
        assert json.loads(written) == document
        assert b"\n" not in written


@given(documents, values)
def test_a_part_that_is_ready_is_written_as_it_is(document, part):
    written = compact_json({"part": ready(part), "rest": document, "again": [ready(part)]})
    assert json.loads(written) == {"part": part, "rest": document, "again": [part]}


def test_a_ready_part_beside_half_a_surrogate_pair_is_written_in_ascii():
    part = {"title": "Käse", "score": 1e-05}
    document = {"part": part, "missing_items": ["\ud800"]}
    assert compact_json(document | {"part": ready(part)}) == plain(document)


def test_a_number_that_is_none_is_null():
    assert compact_json({"price": float("nan"), "most": float("inf")}) == b'{"price":null,"most":null}'


def test_the_standard_library_refuses_what_is_no_number():
    with pytest.raises(ValueError, match="not JSON compliant"):
        plain(float("nan"))
