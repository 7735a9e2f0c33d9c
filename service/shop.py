"""The demo storefront of the model that serves: its page, and the catalogue that the page shows."""

from __future__ import annotations

from html import escape
from typing import Any

from flask import Response

from recommender.catalog import LEVEL_SEPARATOR, Catalog
from recommender.compact_json import compact_json
from recommender.links import add_links
from service.context import live_or_problem, visit
from service.problems import NOT_FOUND, Problem
from service.routes import Routes, problem_responses, route
from service.schemas import ItemPath, NoQuery
from service.shop_schemas import SearchQuery, ShopItemDocument, ShopItemsDocument
from service.static_files import StaticFile, static_file
from service.titles import TitleSearch

PAGE, STYLE, SCRIPT = "shop.html", "shop.css", "shop.js"
_REFUSALS = problem_responses(401, 403, 422, 503)


def shop(publishable_key: str | None) -> Routes:
    """The routes of the demo storefront, whose page asks with this key."""
    api = Routes("shop")
    page = _page(publishable_key or "")
    titles = TitleSearch()

    @route(
        api,
        "GET",
        "/shop/",
        "The demo storefront; needs no key",
        {200: {"description": "The page", "content": {"text/html": {}}}, 304: {"description": "It is still that one"}},
    )
    def shop_page() -> Response:
        """What stands in the address after the path is for the page's own script."""
        return page.as_page()

    @route(
        api,
        "GET",
        "/shop/items",
        "Items of the demo storefront by words of their titles",
        {200: ShopItemsDocument, **_REFUSALS},
        keyed=True,
    )
    def shop_items(query: SearchQuery) -> Response:
        """Those that can be sold today, the most sold first."""
        catalog = _catalog()
        rows = titles.find(catalog, query.q, query.k)
        return _json({"items": [_item(catalog, row) for row in rows]})

    @route(
        api,
        "GET",
        "/shop/items/<path:item_id>",
        "One item of the demo storefront",
        {200: ShopItemDocument, **problem_responses(401, 403, 404, 422, 503)},
        keyed=True,
    )
    def shop_item(path: ItemPath, query: NoQuery) -> Response:  # noqa: ARG001  # it refuses parameters
        """What its product page says."""
        catalog = _catalog()
        row = catalog.row(path.item_id)
        if row < 0:
            raise Problem(NOT_FOUND, "no such item; /shop/items?q=WORDS finds those that there are")
        return _json(_item(catalog, row))

    return api


def _page(publishable_key: str) -> StaticFile:
    text = static_file(PAGE).data.decode()
    return StaticFile.of(text.replace("{{publishable key}}", escape(publishable_key)).encode(), ".html")


def _catalog() -> Catalog:
    return live_or_problem(visit()).recommender.catalog


def _item(catalog: Catalog, row: int) -> dict[str, Any]:
    item_id, title = catalog.label(row)
    price, category = catalog.price.item(row), int(catalog.item_category[row])
    told: dict[str, Any] = {
        "item_id": item_id,
        "title": title,
        "price": price if price == price else None,  # noqa: PLR0124  # NaN is unlike itself
        "category": catalog.categories[category].split(LEVEL_SEPARATOR) if category >= 0 else [],
        "available": bool(catalog.active[row]) and not catalog.stock[row] <= 0,
    }
    add_links([told], catalog)
    return told


def _json(value: Any) -> Response:
    return Response(compact_json(value), content_type="application/json")
