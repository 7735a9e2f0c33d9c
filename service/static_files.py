"""Files for browsers: the widget, and what the demo storefront is made of; read once, when the service starts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Response, request

from service.problems import NOT_FOUND, Problem
from service.routes import Routes, problem_responses, route
from service.schemas import NoQuery
from service.shop_schemas import FileName

FOLDER = Path(__file__).with_name("static")
WIDGET = "goeswith.js"
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
_CACHE_SECONDS = 3600
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' https: data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)


@dataclass(frozen=True)
class StaticFile:
    """One file: its bytes, their kind, and the tag that follows from them."""

    data: bytes
    content_type: str
    tag: str

    @classmethod
    def of(cls, data: bytes, kind: str) -> StaticFile:
        """`kind` is the ending of its name."""
        return cls(data, _KINDS[kind], hashlib.sha256(data).hexdigest()[:32])

    def response(self, cache_control: str) -> Response:
        """The file, or 304 where the asker has it."""
        known = request.if_none_match.contains_weak(self.tag)
        response = Response(status=304) if known else Response(self.data)
        response.headers["Content-Type"] = self.content_type
        response.headers["Cache-Control"] = cache_control
        response.set_etag(self.tag)
        return response

    def as_page(self) -> Response:
        """A page of the service's own: asked for anew each time, and it runs no script but those from here."""
        response = self.response("no-cache")
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        response.headers["Referrer-Policy"] = "same-origin"
        return response


@cache
def static_file(name: str) -> StaticFile:
    """The file of that name in `service/static`."""
    path = FOLDER / name
    return StaticFile.of(path.read_bytes(), path.suffix)


def static_files(*names: str) -> Routes:
    """The route that gives these files and no others, however their names are written."""
    files = {name: static_file(name) for name in names}
    api = Routes("static_files")

    @route(
        api,
        "GET",
        "/static/<name>",
        "The widget for a shop's pages, goeswith.js; needs no key",
        {
            200: {"description": "The file", "content": {"text/javascript": {}, "text/css": {}}},
            304: {"description": "It is still that one"},
            **problem_responses(404, 422),
        },
    )
    def static(path: FileName, query: NoQuery) -> Response:  # noqa: ARG001  # it refuses parameters
        """Browsers and shared caches keep it for an hour."""
        found = files.get(path.name)
        if found is None:
            raise Problem(NOT_FOUND, f"no such file; there are {', '.join(files)}")
        return found.response(f"public, max-age={_CACHE_SECONDS}")

    return api
