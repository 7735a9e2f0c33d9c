"""Pages, pictures and consent: what answers tell of an item so that a page can show it."""

import pytest
from storefront_shop import PAGES, PICTURES, publish_storefront

from service.app import create_app
from service.config import ServiceConfig


@pytest.fixture(scope="module")
def storefront(tmp_path_factory):
    return create_app(ServiceConfig(publish_storefront(tmp_path_factory.mktemp("storefront") / "store"))).test_client()


def test_answers_tell_pages_and_pictures_where_the_catalogue_has_them(storefront, client):
    answer = storefront.post("/v1/suggestions", json={"items": ["butter"]}).json
    links = {item["item_id"]: (item.get("url"), item.get("image_url")) for item in answer["suggestions"]}
    assert links["bread"] == (PAGES["bread"], PICTURES["bread"])
    assert links["coffee"] == (PAGES["coffee"], None)
    assert links["milk"] == (None, None)
    box = storefront.get("/v1/items/butter/bundle").json["bundle"]["items"]
    assert [item.get("url") for item in box] == [PAGES["butter"], PAGES["bread"]]
    assert "url" not in client.post("/v1/suggestions", json={"items": ["butter"]}).json["suggestions"][0]


def test_a_service_in_a_box_needs_consent_unless_it_is_the_product_itself(client):
    of_milk = client.get("/v1/items/milk/bundle").json["bundle"]["items"]
    assert [(item["item_id"], item["requires_consent"]) for item in of_milk] == [("milk", False), ("delivery", True)]
    of_delivery = client.get("/v1/items/delivery/bundle").json["bundle"]["items"]
    assert [item["requires_consent"] for item in of_delivery] == [False, False]
