"""Routes: what each takes, checked before its view is asked, and what a document of the service says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast, get_type_hints

from flask import Blueprint, Response, request
from pydantic import BaseModel, ValidationError

from service.body import StrictRequest
from service.fields import invalid_fields
from service.problems import CONTENT_TYPE, PROBLEM_TYPES

View = TypeVar("View", bound=Callable[..., Response])


@dataclass(frozen=True)
class Described:
    """One route, as `service.openapi` tells of it.

    Attributes
    ----------
    responses : by status, a model of what is answered or a piece of the document.
    keyed : whether it needs a key where keys are set.
    """

    method: str
    rule: str
    summary: str
    responses: Mapping[int, Any]
    keyed: bool
    view: Callable[..., Response]


class Routes(Blueprint):
    """Routes that belong together, and what is told of them."""

    def __init__(self, name: str) -> None:
        super().__init__(name, __name__)
        self.described: list[Described] = []


def route(
    routes: Routes, method: str, rule: str, summary: str, responses: Mapping[int, Any], *, keyed: bool = False
) -> Callable[[View], View]:
    """Register a view for `method` and `rule`.

    The view's arguments are what it takes, each a pydantic model: ``path``, ``query`` and ``body``. What does not fit
    is refused before the view is asked, with every wrong field.
    """

    def register(view: View) -> View:
        routes.described.append(Described(method, rule, summary, responses, keyed, view))
        routes.add_url_rule(rule, view.__name__, _checked(view), methods=[method])
        return view

    return register


def problem_responses(*statuses: int) -> dict[int, Any]:
    """The responses of these statuses, each a problem document."""
    schema = {"$ref": "#/components/schemas/ProblemDocument"}
    titles = {status: "; ".join(p.title for p in PROBLEM_TYPES if p.status == status) for status in statuses}
    return {
        status: {"description": titles[status], "content": {CONTENT_TYPE: {"schema": schema}}} for status in statuses
    }


def _checked(view: Callable[..., Response]) -> Callable[..., Response]:
    takes: dict[str, type[BaseModel]] = {n: t for n, t in get_type_hints(view).items() if n != "return"}

    @wraps(view)
    def checked(**path: str) -> Response:
        return view(**{name: _taken(name, model, path) for name, model in takes.items()})

    return checked


def _taken(name: str, model: type[BaseModel], path: Mapping[str, str]) -> BaseModel:
    try:
        return model.model_validate(_GIVEN[name](path))
    except ValidationError as error:
        raise invalid_fields(error, name, tuple(model.model_fields)) from error


def _query(_: Mapping[str, str]) -> Mapping[str, str]:
    return request.args.to_dict() if request.query_string else {}


def _body(_: Mapping[str, str]) -> Mapping[str, Any]:
    return cast("StrictRequest", request).json_object


def _path(path: Mapping[str, str]) -> Mapping[str, str]:
    return path


_GIVEN: Mapping[str, Callable[[Mapping[str, str]], Mapping[str, Any]]] = {
    "path": _path,
    "query": _query,
    "body": _body,
}
