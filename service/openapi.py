# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# flask-openapi3's decorators and documents are half typed.
"""The OpenAPI document, made when somebody asks for it: the library that makes it takes a while to load."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from typing import Any, cast

from service.problems import CONTENT_TYPE
from service.routes import Described, Routes
from service.schemas import ProblemDocument

_SECURITY_SCHEMES: dict[str, Any] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
_WITH_KEY: list[dict[str, list[Any]]] = [{"bearer": []}, {"header": []}, {}]


@cache
def document(parts: tuple[Routes, ...]) -> dict[str, Any]:
    """The OpenAPI document of these routes, without the 422 that flask-openapi3 adds to those that have none."""
    from flask_openapi3.blueprint import APIBlueprint  # noqa: PLC0415  # a service that starts does not wait for it
    from flask_openapi3.models.info import Info  # noqa: PLC0415  # as above
    from flask_openapi3.models.tag import Tag  # noqa: PLC0415  # as above
    from flask_openapi3.openapi import OpenAPI  # noqa: PLC0415  # as above

    app = OpenAPI(
        "service",
        info=Info(title="goeswith", version=version("goeswith")),
        security_schemes=_SECURITY_SCHEMES,
        validation_error_model=ProblemDocument,
        doc_ui=False,
        static_folder=None,
    )
    for part in parts:
        api = APIBlueprint(part.name, "service", abp_tags=[Tag(name=part.name)])
        for described in part.described:
            _describe(api.post if described.method == "POST" else api.get, described)
        app.register_api(api)
    whole = cast("dict[str, Any]", app.api_doc)
    for path in whole["paths"].values():
        for operation in path.values():
            if CONTENT_TYPE not in operation["responses"].get("422", {"content": CONTENT_TYPE})["content"]:
                del operation["responses"]["422"]
    return whole


def _describe(add: Callable[..., Callable[..., Any]], told: Described) -> None:
    security = _WITH_KEY if told.keyed else None
    add(told.rule, summary=told.summary, responses=dict(told.responses), security=security)(told.view)
