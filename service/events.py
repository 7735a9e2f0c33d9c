"""The route that takes events: what visitors saw, clicked, put into the cart and ordered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response

from recommender.compact_json import compact_json
from service.context import RETRY_SECONDS, visit
from service.event_schemas import AcceptedDocument, EventDocument, EventsRequest
from service.fields import fields_problem
from service.keys import check_customer, check_orders
from service.problems import EVENTS_NOT_KEPT, Problem
from service.routes import Routes, problem_responses, route
from service.schemas import NoQuery

_AHEAD = timedelta(days=1)
_FIRST = datetime(1970, 1, 2, tzinfo=UTC)

api = Routes("events")


@route(
    api,
    "POST",
    "/v1/events",
    "What visitors did with suggestions",
    {202: AcceptedDocument, **problem_responses(400, 401, 403, 413, 415, 422, 503)},
    keyed=True,
)
def take_events(query: NoQuery, body: EventsRequest) -> Response:  # noqa: ARG001  # it refuses parameters
    """All of them are kept, or none. Orders and customers need the secret key where keys are set."""
    asked, now = visit(), datetime.now(UTC)
    for event in body.events:
        check_customer(asked.access, event.customer_id)
    check_orders(asked.access, any(event.type == "order" for event in body.events))
    wrong = [problem for place, event in enumerate(body.events) for problem in _lacks(place, event, now)]
    if wrong:
        raise fields_problem(wrong[:100], len(wrong))
    try:
        asked.service.events.append([event.as_json(now) for event in body.events])
    except OSError as error:
        detail = f"the event log cannot be written ({error.strerror or error}); nothing of this was kept: send it again"
        raise Problem(EVENTS_NOT_KEPT, detail, headers={"Retry-After": str(RETRY_SECONDS)}) from error
    asked.notes["events"] = len(body.events)
    answer = {"accepted": len(body.events), "request_id": asked.request_id}
    return Response(compact_json(answer), 202, content_type="application/json")


def _lacks(place: int, event: EventDocument, now: datetime) -> Iterator[dict[str, Any]]:
    def problem(field: str, detail: str) -> dict[str, Any]:
        return {"in": "body", "path": f"events[{place}].{field}", "detail": detail, "bound": {"required": True}}

    if event.visitor_id is None and event.customer_id is None:
        yield problem("visitor_id", "is required where there is no customer_id: an event is somebody's")
    if event.type != "view" and not event.items:
        yield problem("items", f"is required with type {event.type}: the items that it was about")
    if event.type == "order" and event.order_id is None:
        yield problem("order_id", "is required with type order, so that one that is told twice counts once")
    if event.at is None:
        return
    at, last = event.at if event.at.tzinfo else event.at.replace(tzinfo=UTC), now + _AHEAD
    if at > last:
        late = problem("at", "is more than a day ahead of this service's clock; send the time in UTC or leave it out")
        yield late | {"bound": {"maximum": f"{last:%Y-%m-%dT%H:%M:%SZ}"}, "value": event.at.isoformat()}
    elif at < _FIRST:
        early = problem("at", "is before 1970; send the time in UTC or leave it out")
        yield early | {"bound": {"minimum": "1970-01-02T00:00:00Z"}, "value": event.at.isoformat()}
