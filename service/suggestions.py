"""The routes that answer a cart or an item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from time import perf_counter
from typing import Any

from flask import Response

from recommender.cart import CartItem
from recommender.compact_json import compact_json
from recommender.errors import UsageError
from recommender.filters import FilterError, names_of, parse
from recommender.links import add_links
from recommender.shoppers import document_for_shoppers
from recommender.suggestion import Answer
from service.caching import cacheable
from service.context import Visit, live_or_problem, visit
from service.experiments import Part, part_of, shown_in
from service.fields import fields_problem, unknown_placement
from service.keys import Access, check_customer, check_filter, check_objective, check_trace
from service.live import Live
from service.problems import INVALID_FIELDS, Problem
from service.routes import Routes, problem_responses, route
from service.schemas import (
    AnswerDocument,
    CustomerPath,
    CustomerQuery,
    ItemPath,
    ItemQuery,
    NoQuery,
    SuggestionsRequest,
)

_REFUSALS = problem_responses(400, 401, 403, 422, 503)

api = Routes("suggestions")


@route(
    api,
    "POST",
    "/v1/suggestions",
    "What goes with a cart",
    {200: AnswerDocument, **problem_responses(400, 401, 403, 413, 415, 422, 503)},
    keyed=True,
)
def suggest(query: NoQuery, body: SuggestionsRequest) -> Response:  # noqa: ARG001  # it refuses parameters
    """A customer needs the secret key where keys are set. The answer is never cached."""
    asked = visit()
    check_customer(asked.access, body.customer_id)
    check_trace(asked.access, body.trace)
    if body.filter is not None:
        check_filter(asked.access, names_of(parse(body.filter)))
    live = _live_for(asked, body.placement, "body")
    items = [entry if isinstance(entry, str) else (entry.item_id, entry.quantity) for entry in body.items]
    check_objective(asked.access, body.objective)
    excluded = body.exclude or ()
    part = part_of(live, body.placement, body.visitor_id, body.customer_id)
    answer = _answer(
        asked,
        live,
        items,
        body.placement,
        body.k,
        excluded,
        body.customer_id,
        body.at,
        body.filter,
        body.objective or (part.arm.objective if part else None),
        body.context,
        body.trace,
        part,
    )
    for_merchant = asked.access is Access.SECRET
    ready = for_merchant and body.explain
    document = _document(live, answer, asked.request_id, for_merchant=for_merchant, ready=ready, part=part)
    if not body.explain:
        for suggestion in document["suggestions"]:
            suggestion["reason"] = {"kind": suggestion["reason"]["kind"]}
    _note(asked, answer, len(body.items), asked.request_id)
    return _uncached(document)


@route(
    api,
    "GET",
    "/v1/customers/<path:customer_id>/suggestions",
    "What a customer is likely to take, before anything is in the cart",
    {200: AnswerDocument, **_REFUSALS},
    keyed=True,
)
def suggest_for_customer(path: CustomerPath, query: CustomerQuery) -> Response:
    """For home pages and e-mails, from the shop's own server: it needs the secret key where keys are set."""
    asked = visit()
    live = _live_for(asked, query.placement, "query")
    part = part_of(live, query.placement, query.visitor_id, path.customer_id)
    objective = part.arm.objective if part else None
    answer = _answer(
        asked, live, [], query.placement, query.k, customer_id=path.customer_id, objective=objective, part=part
    )
    _note(asked, answer, 0, asked.request_id)
    return _uncached(_document(live, answer, asked.request_id, for_merchant=True, ready=True, part=part))


@route(
    api,
    "GET",
    "/v1/items/<path:item_id>/suggestions",
    "What goes with one item",
    {200: AnswerDocument, 304: {"description": "The answer is still that one"}, **_REFUSALS},
    keyed=True,
)
def suggest_for_item(path: ItemPath, query: ItemQuery) -> Response:
    """For product pages: nobody's answer in particular, so that browsers and shared caches may keep it."""
    asked = visit()
    live = _live_for(asked, query.placement, "query")

    def document(answer_id: str) -> dict[str, Any]:
        answer = _answer(asked, live, [path.item_id], query.placement, query.k)
        _note(asked, answer, 1, answer_id)
        return _document(live, answer, answer_id, for_merchant=not asked.service.config.has_keys)

    return cacheable(asked, live, (path.item_id, query.placement, str(query.k)), document)


def _uncached(document: Mapping[str, Any]) -> Response:
    response = Response(compact_json(document), content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _live_for(asked: Visit, placement: str, where: str) -> Live:
    """The model that serves, where it has such a placement; raises ``Problem`` else."""
    live = live_or_problem(asked)
    policy = live.recommender.policy
    if policy.placement(placement) is None:
        raise unknown_placement(placement, policy.placement_names(), where)
    asked.placement = placement
    if policy.policy_id:
        asked.notes["policy_id"] = policy.policy_id
    return live


def _answer(
    asked: Visit,
    live: Live,
    items: Sequence[CartItem],
    placement: str,
    k: int,
    exclude: Sequence[str] = (),
    customer_id: str | None = None,
    at: datetime | None = None,
    filter: str | None = None,  # noqa: A002  # the field of the request
    objective: str | None = None,
    context: Mapping[str, Any] | None = None,
    trace: bool = False,
    part: Part | None = None,
) -> Answer:
    started = perf_counter()
    try:
        answer = live.recommender.answer(
            items,
            placement=placement,
            customer_id=customer_id,
            k=k,
            exclude=exclude,
            at=at,
            filter=filter,
            objective=objective,
            context=context,
            trace=trace,
        )
    except FilterError as error:
        raise fields_problem([{"in": "body", "path": "filter", "detail": str(error)}], 1) from error
    except UsageError as error:
        raise Problem(INVALID_FIELDS, str(error)) from error
    seconds = perf_counter() - started
    asked.service.metrics.answer(answer, seconds)
    asked.notes["engine_ms"] = round(1000 * seconds, 3)
    return answer if part is None else shown_in(asked, live, part, answer)


def _document(
    live: Live,
    answer: Answer,
    request_id: str,
    *,
    for_merchant: bool,
    ready: bool = False,
    part: Part | None = None,
) -> dict[str, Any]:
    document: dict[str, Any] = {"model_id": live.model_id, "request_id": request_id, **answer.as_json(ready=ready)}
    if part is not None:
        document["experiment"] = part.as_json()
    if not for_merchant:
        document_for_shoppers(document)
    add_links(document["suggestions"], live.recommender.catalog)
    return document


def _note(asked: Visit, answer: Answer, cart_items: int, answer_id: str) -> None:
    asked.notes.update(
        answer_id=answer_id,
        cart_items=cart_items,
        shown=[suggestion.item_id for suggestion in answer.suggestions],
        missing=len(answer.missing_items),
        fallback=answer.fallback,
    )
