"""The merchant's console: its routes, and the page in a real browser."""

import pytest
from browser import CHROMIUM, opened, started
from running import running
from storefront_shop import HARM, publish_storefront

from recommender import load


@pytest.fixture
def keyed(make_app):
    return make_app(publishable_key="pk", secret_key="sk").test_client()


def test_the_page_is_for_everybody_and_what_it_tells_for_the_merchant(keyed):
    page = keyed.get("/console/")
    assert (page.status_code, page.content_type) == (200, "text/html; charset=utf-8")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert keyed.get("/console/", headers={"If-None-Match": page.headers["ETag"]}).status_code == 304
    for name in ("console.js", "console.css"):
        assert keyed.get(f"/static/{name}").status_code == 200
    for key, status in ((None, 401), ("pk", 403), ("sk", 200)):
        assert keyed.get("/console/items?q=bread", headers={"X-API-Key": key} if key else {}).status_code == status


def test_items_are_found_by_id_first_then_by_words(client, tiny_store):
    catalog = load(tiny_store).catalog
    titles = dict(zip(catalog.item_ids, catalog.titles, strict=True))
    found = client.get("/console/items?q=tea").json["items"]
    assert found[0] == {"item_id": "tea", "title": titles["tea"]}, "not for sale, and found by its id"
    assert client.get("/console/items?q=BUTTER").json["items"] == [{"item_id": "butter", "title": titles["butter"]}]
    assert client.get("/console/items?q=nothing+of+the+kind").json["items"] == []
    assert len(client.get("/console/items?k=2").json["items"]) == 2
    assert client.get("/console/items?words=bread").status_code == 422


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    store = publish_storefront(tmp_path_factory.mktemp("console") / "store")
    keys = {"GOESWITH_PUBLISHABLE_KEY": "pk", "GOESWITH_SECRET_KEY": "sk"}
    with running("--store", str(store), "--workers", "1", **keys) as service:
        yield service


@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no browser: {CHROMIUM} is missing")
def test_the_page(service):
    """Key, cart, box, model and traffic, one after the other, as a merchant goes through them."""
    with started() as browser, opened(browser) as page:
        page.open(f"{service.url}/console/")
        page.until("!document.getElementById('key').hidden")
        enter_key(page, "pk")
        page.until("document.querySelector('[role=alert]')?.textContent.includes('not the secret key')")
        enter_key(page, "sk")
        page.until("document.getElementById('cart-item')")
        choose(page, "cart-item", "bread")
        page.value("document.querySelector('form.ask button').click()")
        page.until("document.querySelectorAll('main table').length")
        told = page.value("document.querySelector('main').textContent")
        assert "baskets with" in told
        assert "Not shown, and why" in told
        assert "in the cart" in told
        assert "adds to the score" in told
        page.value("location.hash = 'box'")
        page.until("document.getElementById('box-item')")
        choose(page, "box-item", "bread")
        page.until("document.querySelector('main').textContent.includes('held all of it')")
        page.value("location.hash = 'model'")
        page.until("document.querySelector('main').textContent.includes('claimed pairs')")
        page.value("location.hash = 'traffic'")
        page.until("document.querySelector('main').textContent.includes('cross-sell')")
        assert page.value("document.querySelectorAll('main img').length") == 0, HARM
        assert page.told == []


def enter_key(page, key):
    page.value(f"document.getElementById('secret').value = '{key}'; document.querySelector('#key button').click()")


def choose(page, field, item):
    event = "new Event('change')"
    page.value(f"(i => {{ i.value = '{item}'; i.dispatchEvent({event}) }})(document.getElementById('{field}'))")
