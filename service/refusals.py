"""What is answered to bytes that are no request, without asking the app."""

from __future__ import annotations

from gunicorn.http import errors

from recommender.compact_json import compact_json
from service.problems import (
    ADDRESS_TOO_LONG,
    BAD_REQUEST,
    CONTENT_TYPE,
    HEADERS_TOO_LARGE,
    INTERNAL_ERROR,
    Problem,
    ProblemType,
)

_REFUSED = (errors.ParseException, errors.NoMoreData, errors.ChunkMissingTerminator, errors.InvalidChunkSize)


def refusal(error: BaseException) -> Problem:
    """What is wrong with bytes that gunicorn could not read as a request."""
    kind, detail = BAD_REQUEST, "not an HTTP request as RFC 9112 says"
    if isinstance(error, errors.LimitRequestLine):
        kind, detail = ADDRESS_TOO_LONG, "the request line is longer than 8,190 bytes"
    elif isinstance(error, errors.LimitRequestHeaders):
        kind, detail = HEADERS_TOO_LARGE, "more than 100 headers, or one longer than 8,190 bytes"
    elif not isinstance(error, _REFUSED):
        kind, detail = INTERNAL_ERROR, "the failure is in the service's log under this request_id"
    return Problem(kind, detail)


def raw_response(problem: Problem, request_id: str) -> bytes:
    """The bytes of an answer after which the connection closes."""
    kind: ProblemType = problem.kind
    body = compact_json(problem.document(request_id))
    head = (
        f"HTTP/1.1 {kind.status} {_PHRASES.get(kind.status, 'Bad Request')}\r\n"
        f"Connection: close\r\nContent-Type: {CONTENT_TYPE}\r\nContent-Length: {len(body)}\r\n"
        f"Cache-Control: no-store\r\nX-Request-Id: {request_id}\r\n\r\n"
    )
    return head.encode("ascii") + body


_PHRASES = {
    408: "Request Timeout",
    414: "URI Too Long",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
}
