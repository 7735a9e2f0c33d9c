"""The routes that tell about the service itself: its model, its health, its metrics."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST

from recommender.compact_json import compact_json
from service.context import live_or_problem, visit
from service.openapi import document
from service.routes import Routes, problem_responses, route
from service.schemas import Document, NoQuery

api = Routes("service")


class CatalogDocument(Document):
    """The catalogue file that is on the shelf."""

    generation: str
    modified_at: str


class PolicyDocument(Document):
    """The policy file that serves."""

    policy_id: str
    modified_at: str
    remarks: list[str]


class ModelDocument(Document):
    """The model that serves."""

    model_id: str
    version: str
    loaded_at: str
    placements: list[str]
    catalog: CatalogDocument | None
    policy: PolicyDocument | None
    format_version: int
    input: dict[str, Any]
    window: dict[str, Any]
    counts: dict[str, int]
    config: dict[str, Any]
    seed: int
    libraries: dict[str, str]
    metrics: dict[str, Any]
    notes: list[str]


class StatusDocument(Document):
    """How the service is."""

    status: str


@route(
    api,
    "GET",
    "/v1/model",
    "The model that serves",
    {200: ModelDocument, **problem_responses(401, 403, 422, 503)},
    keyed=True,
)
def model(query: NoQuery) -> Response:  # noqa: ARG001  # it refuses parameters
    """What it was made from, how it did in the back-test, and the catalogue file on its shelf."""
    live = live_or_problem(visit())
    manifest = live.recommender.model.manifest.as_json()
    manifest.pop("files")
    catalog = live.shelf and {
        "generation": live.shelf.generation,
        "modified_at": _time(live.shelf.signature.modified_ns / 1e9),
    }
    policy = live.decided and {
        "policy_id": live.policy_id,
        "modified_at": _time(live.decided.signature.modified_ns / 1e9),
        "remarks": list(live.remarks),
    }
    facts = {
        "model_id": live.model_id,
        "version": live.version,
        "loaded_at": _time(live.loaded_at),
        "placements": list(live.recommender.policy.placement_names()),
        "catalog": catalog,
        "policy": policy,
    }
    return _json(facts | manifest)


@route(api, "GET", "/healthz", "Whether the process answers", {200: StatusDocument})
def healthz() -> Response:
    """Always 200 where there is an answer at all."""
    return _json({"status": "ok"})


@route(api, "GET", "/readyz", "Whether a model serves", {200: StatusDocument, **problem_responses(503)})
def readyz() -> Response:
    """503 until a model is loaded."""
    live_or_problem(visit())
    return _json({"status": "ready"})


@route(
    api,
    "GET",
    "/metrics",
    "For Prometheus",
    {200: {"description": "OK", "content": {"text/plain": {}}}, **problem_responses(401, 403)},
    keyed=True,
)
def metrics() -> Response:
    """All workers added up, in the text format."""
    parts = visit().service
    response = Response(parts.metrics.page(parts.live.current), content_type=CONTENT_TYPE_LATEST)
    response.headers["Cache-Control"] = "no-store"
    return response


@route(api, "GET", "/openapi/openapi.json", "This document", {200: {"description": "OK"}})
def openapi() -> Response:
    """This document."""
    parts = tuple(part for part in current_app.blueprints.values() if isinstance(part, Routes))
    return _json(document(parts))


def _json(value: Any) -> Response:
    response = Response(compact_json(value), content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
