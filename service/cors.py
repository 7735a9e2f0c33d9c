"""Which pages may ask from a browser."""

from __future__ import annotations

from flask import Request, Response

from service.problems import ORIGIN_NOT_ALLOWED, Problem

ALLOWED_HEADERS = "Authorization, Content-Type, If-None-Match, X-API-Key, X-Request-Id"
EXPOSED_HEADERS = "ETag, Retry-After, X-Request-Id"
PREFLIGHT_SECONDS = 600


def is_preflight(request: Request) -> bool:
    """Whether a browser asks for leave to send another request."""
    headers = request.headers
    return request.method == "OPTIONS" and "Origin" in headers and "Access-Control-Request-Method" in headers


def preflight(origins: tuple[str, ...], origin: str, methods: str) -> Response:
    """Leave to ask; raises ``Problem`` for an origin that is not on the list."""
    if not _allows(origins, origin):
        detail = f"origin {origin[:200]!r} is not on the list; add it to GOESWITH_CORS_ORIGINS"
        raise Problem(ORIGIN_NOT_ALLOWED, detail)
    response = Response(status=204)
    response.headers["Access-Control-Allow-Methods"] = methods
    response.headers["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
    response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
    return response


def mark(response: Response, origins: tuple[str, ...], origin: str | None) -> None:
    """Let a page of a listed origin read the answer, and keep caches from giving it to another one's."""
    if not origins:
        return
    response.vary.add("Origin")
    if origin is not None and _allows(origins, origin):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS


def _allows(origins: tuple[str, ...], origin: str) -> bool:
    return "*" in origins or origin.lower() in {known.lower() for known in origins}
