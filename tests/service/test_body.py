"""Bodies that are no JSON as this service reads it."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.body import is_deeper, parse_json
from service.limits import MAX_BODY_BYTES, MAX_JSON_DEPTH
from service.problems import Problem

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def post(client, data, content_type="application/json", **headers):
    return client.post("/v1/suggestions", data=data, content_type=content_type, headers=headers)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"{",
        b'{"items": ["a"',
        b'{"items": ["a"]} x',
        b"{'items': []}",
        b'{"items": [],}',
        b'{"items": [NaN]}',
        b'{"items": [Infinity]}',
        b'{"items": [], "k": -Infinity}',
        b'{"items": [], "items": ["a"]}',
        b'{"items": [{"item_id": "a", "item_id": "b"}]}',
        b'{"items": ["\\ud800"]}',
        b'{"items": [], "context": {"\\udfff": 1}}',
        b'{"\\ud800": 1}',
        b'{"items": ["\xff"]}',
        '{"items": []}'.encode("utf-16"),
        b'\xef\xbb\xbf{"items": []}',
        b'{"items": ["a\x00"]}',
        b'{"items": [01]}',
        b'{"items": ' + b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 40_000 + b"1" + b"}" * 40_000,
        b'{"items": ["' + b'\\"' * 100_000,
    ],
)
def test_malformed(client, data):
    reply = post(client, data)
    assert reply.status_code == 400
    assert reply.content_type == "application/problem+json"
    assert reply.json["type"] == "urn:goeswith:problem:malformed-json"
    assert len(reply.json["detail"]) < 200


def test_the_place_of_the_mistake_is_told(client):
    assert post(client, b'{"items": [],\n "k" 3}').json["detail"].startswith("line 2, column 6: ")
    assert post(client, b'{"k": 1, "k": 2}').json["detail"] == "the name 'k' occurs twice in one object; send it once"
    assert post(client, b'{"items": ["\xff"]}').json["detail"] == "byte 12 is not UTF-8; send the body in UTF-8"


@pytest.mark.parametrize("data", [b"[]", b"null", b'"{}"', b"3", b"true", b'"' + b"x" * 100 + b'"'])
def test_json_that_is_no_object(client, data):
    reply = post(client, data)
    assert reply.status_code == 422
    assert reply.json["errors"][0]["path"] == ""


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/json; charset=latin-1",
        "application/json; charset=utf-16",
        ";;;",
    ],
)
def test_wrong_type(client, content_type):
    reply = post(client, b'{"items": []}', content_type)
    assert reply.status_code == 415
    assert reply.headers["Accept"] == "application/json"


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; Charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_right_type(client, content_type):
    assert post(client, b'{"items": []}', content_type).status_code == 200


def test_compressed_bodies_are_refused(client):
    reply = post(client, b"\x1f\x8b", **{"Content-Encoding": "gzip"})
    assert reply.status_code == 415
    assert reply.headers["Accept-Encoding"] == "identity"


def test_the_limit_of_bytes_is_exact(client, make_app):
    padded = b'{"items": []' + b" " * (MAX_BODY_BYTES - 13) + b"}"
    assert len(padded) == MAX_BODY_BYTES
    assert post(client, padded).status_code == 200
    reply = post(client, padded + b" ")
    assert reply.status_code == 413
    assert reply.json["detail"] == "the body is longer than 262,144 bytes, the bound of this service"
    small = make_app(max_body_bytes=13).test_client()
    assert post(small, b'{"items": []}').status_code == 200
    assert post(small, b'{"items": [] }').status_code == 413


def test_the_limit_of_depth_is_exact():
    deepest = b"[" * MAX_JSON_DEPTH + b"]" * MAX_JSON_DEPTH
    assert parse_json(deepest)
    with pytest.raises(Problem, match="nested deeper than 20 levels"):
        parse_json(b"[" + deepest + b"]")


@given(values.filter(lambda value: depth(value) <= MAX_JSON_DEPTH))
def test_json_comes_through(value):
    assert parse_json(json.dumps(value).encode()) == value


def depth(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


@given(values, st.integers(0, 6))
def test_depth_is_counted_outside_strings(value, levels):
    assert is_deeper(json.dumps(value).encode(), levels) == (depth(value) > levels)


@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:\\u0d8eE-+.1nulltruefas \n', max_size=60).map(str.encode))
def test_rubbish_is_a_problem_or_a_value(data):
    with suppress(Problem):
        parse_json(data)
