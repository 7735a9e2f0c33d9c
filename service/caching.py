"""Answers that browsers and shared caches may keep: nobody's in particular, told apart by a strong ETag."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from typing import Any

from flask import Response, request

from recommender.compact_json import compact_json
from service.context import Visit
from service.fields import fields_problem
from service.live import Live

CACHE_SECONDS = 60


def cacheable(asked: Visit, live: Live, question: tuple[str, ...], answer: Callable[[str], dict[str, Any]]) -> Response:
    """The answer to a question with its ETag, or 304 where the asker has it.

    The tag follows from the release, the model, the shelf, the policy and the question.

    Parameters
    ----------
    answer : makes the document, given its id.

    Raises ``Problem`` (422) where a parameter of the query occurs twice.
    """
    _check_once()
    tag = _tag(live, question)
    asked.notes["answer_id"] = tag
    response = Response(status=304, content_type="application/json")
    if not request.if_none_match.contains_weak(tag):
        response = Response(compact_json(answer(tag)), content_type="application/json")
    response.headers["Cache-Control"] = f"public, max-age={CACHE_SECONDS}"
    response.set_etag(tag)
    return response


def _tag(live: Live, question: tuple[str, ...]) -> str:
    parts = (_release(), live.generation, *question)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


@cache
def _release() -> str:
    return version("goeswith")


def _check_once() -> None:
    twice = [name for name, values in request.args.lists() if len(values) > 1]
    if twice:
        errors = [{"in": "query", "path": name[:200], "detail": "occurs twice; send it once"} for name in twice[:100]]
        raise fields_problem(errors, len(twice))
