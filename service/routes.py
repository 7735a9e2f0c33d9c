# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# flask-openapi3's decorators and documents are half typed; every other file gets them from here.
"""Routes with their part of the OpenAPI document, typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.info import Info
from flask_openapi3.models.tag import Tag
from flask_openapi3.openapi import OpenAPI

from service.problems import CONTENT_TYPE, PROBLEM_TYPES

View = TypeVar("View", bound=Callable[..., Response])

SECURITY_SCHEMES: dict[str, Any] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
_WITH_KEY: list[dict[str, list[Any]]] = [{"bearer": []}, {"header": []}, {}]


def blueprint(name: str) -> APIBlueprint:
    """Routes that belong together."""
    return APIBlueprint(name, __name__, abp_tags=[Tag(name=name)])


def route(
    api: APIBlueprint, method: str, rule: str, summary: str, responses: dict[Any, Any], *, keyed: bool = False
) -> Callable[[View], View]:
    """Register a view for `method` and `rule`; `keyed` says that it needs a key where keys are set."""
    add = api.post if method == "POST" else api.get
    security = _WITH_KEY if keyed else None
    return cast("Callable[[View], View]", add(rule, summary=summary, responses=responses, security=security))


def problem_responses(*statuses: int) -> dict[Any, Any]:
    """The responses of these statuses, each a problem document."""
    schema = {"$ref": "#/components/schemas/ProblemDocument"}
    titles = {status: "; ".join(p.title for p in PROBLEM_TYPES if p.status == status) for status in statuses}
    return {
        status: {"description": titles[status], "content": {CONTENT_TYPE: {"schema": schema}}} for status in statuses
    }


def document(app: OpenAPI) -> dict[str, Any]:
    """The OpenAPI document of an app, without the 422 that flask-openapi3 adds to routes that have none."""
    whole = cast("dict[str, Any]", app.api_doc)
    for path in whole["paths"].values():
        for operation in path.values():
            if CONTENT_TYPE not in operation["responses"].get("422", {"content": CONTENT_TYPE})["content"]:
                del operation["responses"]["422"]
    return whole


__all__ = ["APIBlueprint", "Info", "OpenAPI", "blueprint", "document", "problem_responses", "route"]
