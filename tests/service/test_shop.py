"""The storefront's routes: files for browsers, the demo's page, and the catalogue that it shows."""

import pytest
from hatchling.builders.wheel import WheelBuilder
from storefront_shop import HARM, PAGES, PICTURES, publish_storefront

from recommender.errors import UsageError
from service.app import create_app
from service.config import ServiceConfig
from service.static_files import CONTENT_SECURITY_POLICY, FOLDER

FILES = {"goeswith.js": "text/javascript", "shop.js": "text/javascript", "shop.css": "text/css"}
KEYS = {"publishable_key": 'pk-"tiny"', "secret_key": "sk-tiny"}


@pytest.fixture(scope="module")
def storefront(tmp_path_factory):
    return create_app(ServiceConfig(publish_storefront(tmp_path_factory.mktemp("storefront") / "store"))).test_client()


@pytest.mark.parametrize("name", FILES)
def test_a_file_with_its_headers(client, name):
    reply = client.get(f"/static/{name}")
    assert reply.status_code == 200
    assert reply.data == (FOLDER / name).read_bytes()
    assert reply.headers["Content-Type"] == f"{FILES[name]}; charset=utf-8"
    assert reply.headers["Cache-Control"] == "public, max-age=3600"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    known = client.get(f"/static/{name}", headers={"If-None-Match": reply.headers["ETag"]})
    assert (known.status_code, known.data, known.headers["ETag"]) == (304, b"", reply.headers["ETag"])
    head = client.head(f"/static/{name}")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == str(len(reply.data))


@pytest.mark.parametrize("name", ["shop.html", "nothing.js", "..%2Fapp.py", "../app.py", ".", "a" * 64])
def test_no_other_file(client, name):
    reply = client.get(f"/static/{name}")
    assert reply.status_code == 404
    assert reply.json["type"] == "urn:goeswith:problem:not-found"


def test_the_page_with_its_headers(client):
    reply = client.get("/shop/?item=bread&q=%3Cscript%3E")
    assert reply.status_code == 200
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert reply.headers["Cache-Control"] == "no-cache"
    assert reply.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert b"q=" not in reply.data
    assert client.get("/shop/", headers={"If-None-Match": reply.headers["ETag"]}).status_code == 304
    assert client.head("/shop/").headers["Content-Length"] == str(len(reply.data))
    assert client.get("/shop").headers["Location"].endswith("/shop/")


def test_the_page_asks_with_the_publishable_key(make_app):
    client = make_app(shop=True, **KEYS).test_client()
    page = client.get("/shop/").text
    assert 'data-key="pk-&quot;tiny&quot;"' in page
    assert "sk-tiny" not in page
    assert client.get("/shop/items").status_code == 401
    assert client.get("/shop/items/bread").status_code == 401
    key = {"X-API-Key": KEYS["publishable_key"]}
    assert client.get("/shop/items", headers=key).status_code == 200
    assert client.get("/shop/items/bread", headers=key).status_code == 200


@pytest.mark.parametrize(
    ("settings", "there"),
    [({}, True), ({"shop": False}, False), (KEYS, False), ({"secret_key": "sk"}, False), (KEYS | {"shop": True}, True)],
)
def test_where_the_storefront_is(make_app, settings, there):
    client = make_app(**settings).test_client()
    for path in ("/shop/", "/static/shop.js", "/static/shop.css"):
        assert client.get(path).status_code == (200 if there else 404)
    assert client.get("/static/goeswith.js").status_code == 200


def test_a_storefront_without_a_key_for_its_page_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"GOESWITH_PUBLISHABLE_KEY.*--no-shop"):
        ServiceConfig(tmp_path, secret_key="sk", shop=True)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("BREAD", ["bread"]),
        ("whole milk", ["milk"]),
        ("milk WHOLE", ["milk"]),
        ("ee", ["coffee"]),
        ("o", ["bread", "coffee", "delivery", "milk"]),
        ("wine", ["wine"]),
        ("beer", []),
        ("jam", []),
        ("", ["bread", "butter", "coffee", "delivery", "milk", "wine"]),
    ],
)
def test_items_by_words_of_their_titles(client, words, found):
    """Jam is out of stock and tea is not for sale; wine has no title and goes by its id."""
    reply = client.get("/shop/items", query_string={"q": words})
    assert [item["item_id"] for item in reply.json["items"]] == found


def test_items_are_those_of_the_model_that_serves(make_app, store):
    from service.app import parts

    app = make_app()
    client = app.test_client()
    assert client.get("/shop/items?q=butter").json["items"][0]["title"] == "Salted butter"
    assert client.get("/shop/items?k=2").json["items"][0] == {
        "item_id": "bread",
        "title": "Brown bread",
        "price": 2.5,
        "category": ["Food", "Bakery"],
        "available": True,
    }
    publish_storefront(store)
    parts(app).live.refresh()
    assert client.get("/shop/items?q=butter").json["items"] == []
    assert client.get("/shop/items?q=ONERROR").json["items"][0]["title"] == HARM


@pytest.mark.parametrize(
    ("query", "path"), [("k=0", "k"), ("k=101", "k"), (f"q={'a' * 201}", "q"), ("words=a", "words")]
)
def test_wrong_questions(client, query, path):
    reply = client.get(f"/shop/items?{query}")
    assert reply.status_code == 422
    assert [error["path"] for error in reply.json["errors"]] == [path]


def test_one_item(storefront, client):
    assert client.get("/shop/items/jam").json["available"] is False
    assert client.get("/shop/items/wine").json["price"] is None
    missing = client.get("/shop/items/a%2Fb")
    assert (missing.status_code, missing.json["type"]) == (404, "urn:goeswith:problem:not-found")
    bread = storefront.get("/shop/items/bread").json
    assert (bread["url"], bread["image_url"]) == (PAGES["bread"], PICTURES["bread"])
    assert storefront.get("/shop/items/butter").json["title"] == HARM


def test_metrics_name_the_routes_and_no_file_or_item(client):
    for path in ("/shop/", "/static/goeswith.js", "/static/nothing.js", "/shop/items?q=a", "/shop/items/bread"):
        client.get(path)
    page = client.get("/metrics").text
    for route in ("/shop/", "/static/{name}", "/shop/items", "/shop/items/{item_id}"):
        assert f'route="{route}"' in page
    assert "nothing.js" not in page


def test_the_wheel_holds_the_files():
    root = str(FOLDER.parent.parent)
    held = {file.distribution_path for file in WheelBuilder(root).recurse_included_files()}
    assert {f"service/static/{path.name}" for path in FOLDER.iterdir()} <= held


def test_the_widget_stays_small():
    assert (FOLDER / "goeswith.js").stat().st_size < 20_000
