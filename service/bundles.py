"""The route that gives the bought-together box of an item."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from flask import Response

from recommender.links import add_links
from recommender.shoppers import box_for_shoppers
from service.caching import cacheable
from service.context import live_or_problem, visit
from service.routes import Routes, problem_responses, route
from service.schemas import BundleAnswerDocument, ItemPath, NoQuery

_PLACEMENT = "bundle"

api = Routes("bundles")


@route(
    api,
    "GET",
    "/v1/items/<path:item_id>/bundle",
    "The box under a product: what is bought together with it, one price and one button",
    {
        200: BundleAnswerDocument,
        304: {"description": "The answer is still that one"},
        **problem_responses(400, 401, 403, 422, 503),
    },
    keyed=True,
)
def bundle_of_item(path: ItemPath, query: NoQuery) -> Response:  # noqa: ARG001  # it refuses parameters
    """For product pages: browsers and shared caches may keep it. An item without a box is answered with the reason."""
    asked = visit()
    asked.placement = _PLACEMENT
    live = live_or_problem(asked)
    if live.policy_id:
        asked.notes["policy_id"] = live.policy_id

    def document(answer_id: str) -> dict[str, Any]:
        started = perf_counter()
        answer = live.recommender.bundle_answer(path.item_id)
        items = () if answer.box is None else answer.box.items
        asked.notes.update(
            engine_ms=round(1000 * (perf_counter() - started), 3),
            shown=[item.item_id for item in items],
            missing=len(answer.missing_items),
        )
        told: dict[str, Any] = {"model_id": live.model_id, "request_id": answer_id, **answer.as_json()}
        if asked.service.config.has_keys:
            box_for_shoppers(told["bundle"])
        if answer.box is not None:
            add_links(told["bundle"]["items"], live.recommender.catalog)
        return told

    return cacheable(asked, live, (_PLACEMENT, path.item_id), document)
