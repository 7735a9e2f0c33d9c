"""Whatever is sent, the answer is one of those that are documented, and never a 500."""

import json
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.engine import PLACEMENTS
from service.schemas import AnswerDocument, ProblemDocument, SuggestionsRequest

FIELDS = tuple(SuggestionsRequest.model_fields)
ITEMS = ("bread", "butter", "jam", "milk", "tea", "wine", "unknown")
quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from(["bread", "cross-sell", "2026-11-21", ""])
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(st.characters(), max_size=9), inner, max_size=5)
    ),
    max_leaves=12,
)
ids = st.sampled_from(ITEMS) | st.text(min_size=1, max_size=20)
lines = st.fixed_dictionaries({"item_id": ids}, optional={"quantity": st.floats(0, 10**6, exclude_min=True)})
nearly = st.fixed_dictionaries(
    {"items": st.lists(ids | lines | scalars, max_size=6) | anything},
    optional=dict.fromkeys(FIELDS[1:], anything) | {"item": anything},
)
sound = st.fixed_dictionaries(
    {"items": st.lists(ids | lines, max_size=12)},
    optional={
        "placement": st.sampled_from(sorted(PLACEMENTS)),
        "customer_id": st.sampled_from(["ann", "bob", "zoë", "nobody"]) | ids,
        "k": st.integers(1, 100),
        "exclude": st.lists(ids, max_size=6),
        "at": st.datetimes().map(lambda at: at.isoformat()),
        "explain": st.booleans(),
    },
)


def check(reply, statuses):
    assert reply.status_code in statuses, reply.text
    assert reply.headers["X-Request-Id"]
    if reply.status_code == 200:
        AnswerDocument.model_validate(reply.json)
    else:
        assert reply.content_type == "application/problem+json"
        problem = ProblemDocument.model_validate(reply.json)
        assert problem.status == reply.status_code


@quick
@given(body=sound)
def test_sound_requests_are_answered(client, body):
    reply = client.post("/v1/suggestions", json=body)
    check(reply, {200})
    shown = [suggestion["item_id"] for suggestion in reply.json["suggestions"]]
    cart = {item if isinstance(item, str) else item["item_id"] for item in body["items"]}
    assert len(shown) == len(set(shown)) <= body.get("k", 10)
    assert not set(shown) & (cart | set(body.get("exclude", ())))
    assert not {"jam", "tea"} & set(shown)
    assert set(reply.json["missing_items"]) == {
        item for item in cart if item not in ITEMS[:6] and item not in {"coffee", "delivery"}
    }


@quick
@given(body=nearly | anything)
def test_any_json(client, body):
    check(client.post("/v1/suggestions", data=json.dumps(body), content_type="application/json"), {200, 400, 422})


@quick
@given(body=sound.map(json.dumps).map(str.encode), data=st.data())
def test_cut_and_flipped_json(client, body, data):
    place = data.draw(st.integers(0, len(body)))
    byte = data.draw(st.binary(max_size=2))
    harmed = body[:place] + byte + body[place + data.draw(st.integers(0, 9)) :]
    check(client.post("/v1/suggestions", data=harmed, content_type="application/json"), {200, 400, 422})


@quick
@given(body=st.binary(max_size=300), kind=st.sampled_from(["application/json", "text/plain"]) | st.text(max_size=30))
def test_any_bytes(client, body, kind):
    try:
        kind.encode("latin-1")
    except UnicodeEncodeError:
        kind = "application/json"
    sent = {"Content-Type": kind.replace("\r", "").replace("\n", "")}
    check(client.post("/v1/suggestions", data=body, headers=sent), {400, 415, 422})


@quick
@given(
    item=st.text(st.characters(codec="utf-8"), max_size=300),
    query=st.text(st.characters(codec="utf-8"), max_size=40),
    tag=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30),
)
def test_any_address(client, item, query, tag):
    url = f"/v1/items/{quote(item)}/suggestions?{quote(query, safe='=&%')}"
    reply = client.get(url, headers={"If-None-Match": tag})
    if reply.status_code != 304:
        check(reply, {200, 404, 422})
