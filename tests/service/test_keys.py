"""Who may ask what, and what is refused before the service starts."""

import pytest

from recommender.errors import UsageError
from service.config import ServiceConfig, check_reach

PUBLISHABLE, SECRET = "pk-tiny", "sk-tiny"
CART = {"items": ["bread"]}
CUSTOMER = {"items": ["bread"], "customer_id": "ann"}


@pytest.fixture
def keyed(make_app):
    return make_app(publishable_key=PUBLISHABLE, secret_key=SECRET).test_client()


def headers(key, form):
    return {None: {}, "bearer": {"Authorization": f"Bearer {key}"}, "header": {"X-API-Key": key}}[form]


@pytest.mark.parametrize("form", ["bearer", "header"])
@pytest.mark.parametrize(
    ("key", "cart", "customer", "item", "model", "metrics"),
    [
        (PUBLISHABLE, 200, 403, 200, 403, 403),
        (SECRET, 200, 200, 200, 200, 200),
        ("wrong", 401, 401, 401, 401, 401),
        ("", 401, 401, 401, 401, 401),
    ],
)
def test_what_a_key_allows(keyed, form, key, cart, customer, item, model, metrics):
    sent = headers(key, form)
    assert keyed.post("/v1/suggestions", json=CART, headers=sent).status_code == cart
    assert keyed.post("/v1/suggestions", json=CUSTOMER, headers=sent).status_code == customer
    assert keyed.get("/v1/items/bread/suggestions", headers=sent).status_code == item
    assert keyed.get("/v1/customers/ann/suggestions", headers=sent).status_code == customer
    assert keyed.get("/v1/model", headers=sent).status_code == model
    assert keyed.get("/metrics", headers=sent).status_code == metrics


def test_without_a_key(keyed):
    reply = keyed.post("/v1/suggestions", data=b"rubbish")
    assert reply.status_code == 401
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")
    assert reply.json["type"] == "urn:goeswith:problem:no-key"
    for path in ("/healthz", "/readyz", "/openapi/openapi.json"):
        assert keyed.get(path).status_code == 200
    assert keyed.get("/v1/nothing").status_code == 404


@pytest.mark.parametrize(
    "sent",
    [
        {"Authorization": SECRET},
        {"Authorization": f"Basic {SECRET}"},
        {"Authorization": f"Bearer {SECRET}x"},
        {"Authorization": "Bearer"},
        {"X-API-Key": SECRET[:-1]},
        {"X-API-Key": "é" * 9},
        {"X-API-Key": "wrong", "Authorization": f"Bearer {SECRET}"},
    ],
)
def test_nearly_right_keys(keyed, sent):
    assert keyed.get("/v1/model", headers=sent).status_code == 401


def test_scheme_in_any_case(keyed):
    assert keyed.get("/v1/model", headers={"Authorization": f"bearer  {SECRET} "}).status_code == 200


def test_one_key_alone(make_app):
    secret = make_app(secret_key=SECRET).test_client()
    assert secret.post("/v1/suggestions", json=CART).status_code == 401
    assert secret.post("/v1/suggestions", json=CUSTOMER, headers=headers(SECRET, "header")).status_code == 200
    publishable = make_app(publishable_key=PUBLISHABLE).test_client()
    assert publishable.post("/v1/suggestions", json=CUSTOMER, headers=headers(PUBLISHABLE, "header")).status_code == 403


def test_without_keys_everything_is_allowed(client):
    assert client.post("/v1/suggestions", json=CUSTOMER).status_code == 200
    assert client.get("/v1/model").status_code == 200


def test_keys_that_are_the_same(tmp_path):
    with pytest.raises(UsageError, match="choose two keys"):
        ServiceConfig(tmp_path, publishable_key="k", secret_key="k")


@pytest.mark.parametrize("origin", ["shop.example", "https://shop.example/", "https://a b", "ftp://x", "null"])
def test_origins_that_cannot_be_meant(tmp_path, origin):
    with pytest.raises(UsageError, match=r"as in https://shop\.example"):
        ServiceConfig(tmp_path, cors_origins=(origin,))


def test_longest_body_of_nothing(tmp_path):
    with pytest.raises(UsageError, match="expected 1 byte or more"):
        ServiceConfig(tmp_path, max_body_bytes=0)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "::1"])
def test_loopback_needs_no_key(host):
    check_reach(host, has_keys=False, is_open=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "", "no such host", "x" * 300])
def test_other_hosts_need_one(host):
    with pytest.raises(UsageError, match=r"GOESWITH_SECRET_KEY.*--open"):
        check_reach(host, has_keys=False, is_open=False)
    check_reach(host, has_keys=True, is_open=False)
    check_reach(host, has_keys=False, is_open=True)
