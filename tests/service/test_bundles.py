"""The box under a product over HTTP: what is answered, cached and refused."""

import pytest

URL = "/v1/items/bread/bundle"


def test_the_box_of_bread(client):
    reply = client.get(URL)
    assert reply.status_code == 200
    assert reply.json["bundle"]["add_to_cart"] == [
        {"item_id": "bread", "quantity": 1},
        {"item_id": "butter", "quantity": 1},
    ]
    assert reply.json["bundle"]["price"] == 5.5
    assert (reply.json["item_id"], reply.json["missing_items"], reply.json["empty_because"]) == ("bread", [], None)


def test_an_empty_answer_says_why(client):
    known, unknown = client.get("/v1/items/coffee/bundle"), client.get("/v1/items/a%2Fb/bundle")
    assert (known.status_code, unknown.status_code) == (200, 200)
    assert (known.json["bundle"], known.json["missing_items"]) == (None, [])
    assert known.json["empty_because"] == "nothing was bought with this item more often than luck explains"
    assert unknown.json["missing_items"] == ["a/b"]
    assert unknown.json["empty_because"]


def test_caches_may_keep_it(client):
    first, second = client.get(URL), client.get(URL)
    tag = first.headers["ETag"]
    assert first.data == second.data
    assert tag.startswith('"')
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert client.get(URL, headers={"If-None-Match": tag}).status_code == 304
    assert client.get("/v1/items/milk/bundle").headers["ETag"] != tag
    assert client.get("/v1/items/bread/suggestions").headers["ETag"] != tag


def test_the_tag_follows_the_shelf(make_app, tmp_path):
    from service.app import parts

    catalog = tmp_path / "catalog.csv"
    catalog.write_text("item_id,stock\nbutter,7\n")
    app = make_app(catalog=catalog)
    client, live = app.test_client(), parts(app).live
    before = client.get(URL)
    assert before.json["bundle"]["available"] == 7
    catalog.write_text("item_id,stock,active\nbutter,0,0\n")
    live.refresh()
    after = client.get(URL, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.json["bundle"] is None
    assert "cannot be sold today" in after.json["empty_because"]


@pytest.mark.parametrize("query", ["k=3", "customer_id=ann", "placement=cross-sell"])
def test_it_takes_no_parameters(client, query):
    reply = client.get(f"{URL}?{query}")
    assert reply.status_code == 422
    assert reply.json["errors"][0]["in"] == "query"


def test_the_publishable_key_is_enough(make_app):
    client = make_app(publishable_key="pk-tiny", secret_key="sk-tiny").test_client()
    assert client.get(URL).status_code == 401
    assert client.get(URL, headers={"X-API-Key": "pk-tiny"}).status_code == 200


def test_expected_profit_is_for_the_merchant_alone(make_app, client):
    keyed = make_app(publishable_key="pk-tiny", secret_key="sk-tiny").test_client()

    def profits(asked, key=None, **more):
        reply = asked.post("/v1/suggestions", json={"items": ["bread"], **more}, headers={"X-API-Key": key or ""})
        return [suggestion["expected_profit"] for suggestion in reply.json["suggestions"]]

    assert profits(keyed, "sk-tiny") == profits(client)
    assert profits(client)[0] > 0
    assert set(profits(keyed, "pk-tiny")) == {None}
    item = "/v1/items/bread/suggestions?placement=cross-sell"
    shared = keyed.get(item, headers={"X-API-Key": "sk-tiny"}).json["suggestions"]
    assert {suggestion["expected_profit"] for suggestion in shared} == {None}
    refused = keyed.post(
        "/v1/suggestions", json={"items": ["bread"], "objective": "profit"}, headers={"X-API-Key": "pk-tiny"}
    )
    assert refused.status_code == 403
    wrong = client.post("/v1/suggestions", json={"items": ["bread"], "objective": "margin"})
    assert wrong.status_code == 422
    assert wrong.json["errors"][0]["path"] == "objective"
