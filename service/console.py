"""The merchant's console: a page over the service's own routes, and the items that it finds by their titles."""

from __future__ import annotations

from typing import Any

from flask import Response

from recommender.compact_json import compact_json
from service.context import live_or_problem, visit
from service.routes import Routes, problem_responses, route
from service.schemas import NoQuery
from service.shop_schemas import FoundItemsDocument, SearchQuery
from service.static_files import static_file
from service.titles import TitleSearch

PAGE, STYLE, SCRIPT = "console.html", "console.css", "console.js"


def console() -> Routes:
    """The routes of the console; all that it tells needs the secret key where keys are set."""
    api = Routes("console")
    titles = TitleSearch()

    @route(
        api,
        "GET",
        "/console/",
        "The merchant's console; the page needs no key, and asks for the secret one",
        {200: {"description": "The page", "content": {"text/html": {}}}, 304: {"description": "It is still that one"}},
    )
    def console_page(query: NoQuery) -> Response:  # noqa: ARG001  # it refuses parameters
        """Nothing of the shop stands in it."""
        return static_file(PAGE).as_page()

    @route(
        api,
        "GET",
        "/console/items",
        "Items by words of their titles, or by their id",
        {200: FoundItemsDocument, **problem_responses(401, 403, 422, 503)},
        keyed=True,
    )
    def console_items(query: SearchQuery) -> Response:
        """The item of that id first, then those that can be sold, the most sold first."""
        catalog = live_or_problem(visit()).recommender.catalog
        named = [row for row in [catalog.row(query.q)] if row >= 0]
        rows = list(dict.fromkeys([*named, *titles.find(catalog, query.q, query.k)]))[: query.k]
        found: list[dict[str, Any]] = [{"item_id": item, "title": title} for item, title in map(catalog.label, rows)]
        return Response(compact_json({"items": found}), content_type="application/json")

    return api
