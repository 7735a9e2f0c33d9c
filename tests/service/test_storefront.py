"""The widget and the demo storefront in a real browser: what shoppers see, and what is told of it."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from browser import CHROMIUM, opened, started
from running import eventually, running
from storefront_shop import HARM, PICTURES, publish_storefront

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no browser: {CHROMIUM} is missing")

EVENTS, ANSWERS = "*/v1/events", "*/v1/*suggestions*"
LISTEN = "window.asked = []; addEventListener('goeswith:add', event => asked.push(event.detail))"
SECRET = {"X-API-Key": "sk"}
BUNDLE = "document.querySelector('goeswith-bundle')"
BOX = "document.querySelector('goeswith-box')"
PROMPT = "document.querySelector('goeswith-add-ons')"
PIXEL = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


class ShopPages(BaseHTTPRequestHandler):
    """A shop of another origin, whose one page a test writes."""

    html = b""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.html)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def shop():
    with ThreadingHTTPServer(("127.0.0.1", 0), ShopPages) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def service(tmp_path_factory, shop):
    store = publish_storefront(tmp_path_factory.mktemp("storefront") / "store")
    keys = {"GOESWITH_PUBLISHABLE_KEY": "pk", "GOESWITH_SECRET_KEY": "sk", "GOESWITH_CORS_ORIGINS": shop}
    with running("--store", str(store), "--workers", "1", "--shop", **keys) as service:
        yield service


@pytest.fixture(scope="module")
def chromium():
    with started() as browser:
        yield browser


@pytest.fixture
def page(chromium):
    with opened(chromium) as page:
        yield page
        assert page.told == []


def shadow(element, selector):
    return f"{element}.shadowRoot.querySelector({selector!r})"


def state(element, wanted):
    return f"{element}?.dataset.state === {wanted!r}"


def taken(method, url):
    """A service that takes events, and no pictures from elsewhere."""
    if url.endswith("/v1/events"):
        return 202, {}
    return (200, PIXEL) if "shop.example" in url else None


def told_of(page, kind):
    """Events of that kind, those included that the widget sends when the page is left."""
    page.value("void dispatchEvent(new Event('pagehide'))")
    page.browser.listen(0.05)
    bodies = [body for url, body in page.sent if url.endswith("/v1/events")]
    return [event for body in bodies for event in body["events"] if event["type"] == kind]


def wait_for(page, kind):
    for _ in range(100):
        if found := told_of(page, kind):
            return found
    raise AssertionError(f"no {kind} was told: {page.sent}")


@pytest.fixture
def visit(page, service, shop):
    """Opens a page of the shop with the service's widget."""

    def visit(body, script="", answered=taken, *patterns):
        source = f'<script src="{service.url}/static/goeswith.js" defer data-key="pk" {script}></script>'
        html = f"<!doctype html><html lang=en><link rel=icon href=data:,>{source}<body>{body}</body></html>"
        ShopPages.html = html.encode()
        page.answer(answered, EVENTS, "https://shop.example/*", *patterns)
        page.open(shop)

    return visit


def test_one_button_adds_the_whole_box_and_titles_are_text(page, service):
    page.answer(taken, EVENTS, "https://shop.example/*")
    page.open(f"{service.url}/shop/?item=bread")
    page.until(state(BUNDLE, "shown"))
    page.value(LISTEN)
    assert page.value(f"[...{BUNDLE}.shadowRoot.querySelectorAll('[part=title]')].map(x => x.textContent)") == [
        "Brown bread",
        HARM,
    ]
    assert page.value(f"[...{BUNDLE}.shadowRoot.querySelectorAll('img')].map(x => x.src)") == [PICTURES["bread"]]
    assert page.value(f"[...{BUNDLE}.shadowRoot.querySelectorAll('a')].map(x => x.href)") == [
        "https://shop.example/bread",
        f"{service.url}/shop/?item=butter",
    ]
    assert "5 of 6 baskets with Brown bread" in page.value(f"{BUNDLE}.shadowRoot.textContent")
    assert page.value(f"{shadow(BUNDLE, '[part=total]')}.textContent") == "$5.50"
    view = wait_for(page, "view")
    assert [line["item_id"] for line in view[0]["items"]] == ["butter"]  # bread is what the page is of
    page.value(f"{shadow(BUNDLE, '[part=foot] button')}.click()")
    asked = page.value("asked")
    lines = [{"item_id": "bread", "quantity": 1}, {"item_id": "butter", "quantity": 1}]
    assert [detail["items"] for detail in asked] == [lines]
    assert page.value("document.getElementById('pieces').textContent") == "2"
    assert HARM in page.value(f"{shadow(BUNDLE, '[role=status]')}.textContent")
    added = wait_for(page, "add")
    assert (added[0]["items"], added[0]["request_id"]) == (lines[1:], view[0]["request_id"])
    assert added[0]["visitor_id"] == view[0]["visitor_id"]
    page.open(f"{service.url}/shop/?q=onerror")
    assert page.until("document.querySelector('.grid a')?.textContent") == HARM
    page.open(f"{service.url}/shop/?cart")
    page.until(state(BOX, "shown"))
    assert page.value("document.querySelectorAll('.lines li').length") == 2
    assert page.value("window.harmed") is None
    page.value("document.body.append(Object.assign(document.createElement('script'), {textContent: 'harmed = 1'}))")
    page.browser.listen(0.1)
    assert page.value("window.harmed") is None
    assert "Content Security Policy" in page.told.pop()


def test_a_service_is_added_only_where_its_own_box_was_ticked(page, service):
    page.open(f"{service.url}/shop/?item=milk")
    page.until(state(BUNDLE, "shown"))
    page.value(LISTEN)
    assert page.value(f"{shadow(BUNDLE, 'input')}.checked") is False
    assert page.value(f"{shadow(BUNDLE, '[part=total]')}.textContent") == "$1.50"
    page.value(f"{shadow(BUNDLE, 'input')}.click()")
    button = shadow(BUNDLE, "[part=foot] button")
    assert page.value(f"{button}.textContent") == "Add all 2 to cart"
    page.value(f"{shadow(BUNDLE, 'input')}.click()")
    page.value(f"addEventListener('goeswith:add', event => event.preventDefault(), {{once: true}}); {button}.click()")
    assert page.value("asked.pop().items") == [{"item_id": "milk", "quantity": 1}]
    page.value("document.querySelector('.buy .main').focus(); document.activeElement.click()")
    page.until(shadow(PROMPT, "dialog[open]"))
    agree, button = (shadow(PROMPT, f"li:has([part=checkbox]) {part}") for part in ("input", "button"))
    assert page.value(f"[{agree}.checked, {button}.disabled]") == [False, True]
    page.value(f"{button}.click()")
    assert page.value("asked.length") == 0
    page.value(f"{agree}.click(); {button}.click()")
    assert page.value("asked.map(detail => [detail.placement, detail.items])") == [
        ["add-on", [{"item_id": "delivery", "quantity": 1}]]
    ]
    for kind in ("keyDown", "keyUp"):
        page.send("Input.dispatchKeyEvent", type=kind, key="Escape", code="Escape", windowsVirtualKeyCode=27)
    page.until(f"!{shadow(PROMPT, 'dialog')}")
    assert page.value("document.activeElement.className") == "main"
    assert told_of(page, "add") == []  # none was answered in the service's place: it took them itself
    eventually(lambda: 'goeswith_events_total{type="add"} 1.0' in service.ask("/metrics", headers=SECRET).body.decode())


def test_a_visitor_is_known_again_only_with_consent(page, visit, shop):
    stored = "localStorage.getItem('goeswith.visitor_id')"
    body = '<goeswith-box cart="bread" k="2"></goeswith-box>'
    visit(body)
    page.until(state(BOX, "shown"))
    first = page.value("goeswith.visitorId")
    assert page.value(stored) is None
    page.open(shop)
    page.until(state(BOX, "shown"))
    second = page.value("goeswith.visitorId")
    assert second != first
    page.value("goeswith.consent(true)")
    assert page.value(stored) == second
    visit(body, 'data-consent="granted"')
    assert page.until("goeswith.visitorId") == second
    page.value("goeswith.consent(false)")
    assert page.value(stored) is None
    assert page.value("goeswith.visitorId") != second
    page.value("localStorage.setItem('goeswith.visitor_id', 'v-of-old')")
    gpc = "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})"
    page.send("Page.addScriptToEvaluateOnNewDocument", source=gpc)
    visit(body, 'data-consent="granted"')
    assert page.until("goeswith.visitorId") != "v-of-old"
    assert page.value(stored) is None


def test_a_held_out_visitor_sees_nothing_and_is_counted_in_the_same_place(page, visit):
    empty = {"model_id": "m", "request_id": "r-1", "placement": "cross-sell", "suggestions": [], "missing_items": []}

    def held_out(method, url):
        return (200, empty | {"empty_because": "held out"}) if "suggestions" in url else taken(method, url)

    spacer = "<div style='height: 3000px'></div>"
    body = f"{spacer}<goeswith-box placement=cross-sell item=bread></goeswith-box><p id=next>next</p>{spacer}"
    visit(body, "data-experiment", held_out, ANSWERS)
    page.until(state(BOX, "empty"))
    asked = [sent for url, sent in page.sent if "suggestions" in url]
    assert [(sent["items"], sent["visitor_id"]) for sent in asked] == [(["bread"], page.value("goeswith.visitorId"))]
    assert page.value(f"{BOX}.shadowRoot.childNodes.length") == 0
    gap = f"document.getElementById('next').offsetTop - {BOX}.previousElementSibling.offsetHeight"
    assert page.value(gap) < 50
    page.browser.listen(1.1)
    assert told_of(page, "view") == []
    page.value("document.getElementById('next').scrollIntoView({block: 'center'})")
    view = wait_for(page, "view")
    assert [(event["items"], event["request_id"]) for event in view] == [([], "r-1")]
    assert page.value(f"{BOX}.hidden") is True


def test_a_service_that_is_down_or_slow_leaves_the_page_as_it_is(page, visit):
    def down(method, url):
        return (-1 if "bundle" in url else 0, None) if "/v1/" in url else None

    body = '<goeswith-bundle item="bread"></goeswith-bundle><goeswith-box cart="bread"></goeswith-box>'
    visit(body, "", down, "*/v1/*")
    for element in (BUNDLE, BOX):
        page.until(state(element, "failed"))
        assert page.value(f"{element}.offsetHeight") == 0
    visit(body, "", lambda method, url: None)
    page.until(state(BOX, "shown"))


def test_the_shop_may_refuse_to_add_and_a_service_without_events_is_not_asked_again(page, visit):
    body = '<goeswith-box cart="bread" k="1" currency="EUR"></goeswith-box>'
    visit(body, "", lambda method, url: (404, {}) if url.endswith("events") else taken(method, url))
    page.until(state(BOX, "shown"))
    button = shadow(BOX, "button")
    assert page.value(f"{shadow(BOX, '[part=price]')}.textContent") == "€3.00"
    page.value(f"{LISTEN}; addEventListener('goeswith:add', event => event.preventDefault(), {{once: true}})")
    page.value(f"{button}.click()")
    assert page.value(f"[asked.length, {button}.textContent]") == [1, "Add to cart"]
    page.value(f"{button}.click()")
    assert page.value(f"[asked.length, {button}.textContent]") == [2, "Added"]
    add = wait_for(page, "add")
    assert len(add) == 1
    posts = len(page.sent)
    page.value(f"{button}.click()")
    assert told_of(page, "add") == add
    assert len(page.sent) == posts
