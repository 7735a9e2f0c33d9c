"""What caches may keep, and for how long it is right."""

import pytest
from tiny_store import publish_tiny

URL = "/v1/items/bread/suggestions?placement=cross-sell&k=3"


def test_same_question_same_bytes_same_tag(client):
    first, second = client.get(URL), client.get(URL)
    assert first.data == second.data
    assert first.headers["ETag"] == second.headers["ETag"]
    assert first.headers["ETag"].startswith('"')
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert first.json["request_id"] == first.headers["ETag"].strip('"')
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_known_tag_is_304(client, form):
    tag = client.get(URL).headers["ETag"]
    reply = client.get(URL, headers={"If-None-Match": form.format(tag)})
    assert reply.status_code == 304
    assert reply.data == b""
    assert reply.headers["ETag"] == tag
    assert reply.headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize("tag", ['"other"', "rubbish", "", '"', "\xff"])
def test_other_tag_is_200(client, tag):
    assert client.get(URL, headers={"If-None-Match": tag}).status_code == 200


def test_tag_follows_the_question(client):
    urls = (URL, URL.replace("k=3", "k=4"), URL.replace("cross-sell", "trending"), URL.replace("bread", "milk"))
    assert len({client.get(url).headers["ETag"] for url in urls}) == len(urls)
    assert (
        client.get("/v1/items/bread/suggestions?k=3&placement=cross-sell").headers["ETag"]
        == client.get(URL).headers["ETag"]
    )


def test_tag_follows_the_model_and_the_catalogue(make_app, store, tmp_path):
    from service.app import parts

    catalog = tmp_path / "catalog.csv"
    catalog.write_text("item_id,price\nbread,1\n")
    app = make_app(catalog=catalog)
    client, live = app.test_client(), parts(app).live
    tags = [client.get(URL).headers["ETag"]]
    catalog.write_text("item_id,price\nbread,2.5\n")
    live.refresh()
    tags.append(client.get(URL).headers["ETag"])
    publish_tiny(store, seed=1)
    live.refresh()
    tags.append(client.get(URL).headers["ETag"])
    assert len(set(tags)) == 3
    assert client.get(URL, headers={"If-None-Match": tags[0]}).status_code == 200


def test_head_is_get_without_a_body(client):
    head, get = client.head(URL), client.get(URL)
    assert head.data == b""
    assert head.headers["ETag"] == get.headers["ETag"]
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


def test_nothing_for_one_customer_is_cached(client):
    reply = client.get(URL + "&customer_id=ann")
    assert reply.status_code == 422
    assert reply.headers["Cache-Control"] == "no-store"
    assert (
        client.post("/v1/suggestions", json={"items": [], "customer_id": "ann"}).headers["Cache-Control"] == "no-store"
    )
