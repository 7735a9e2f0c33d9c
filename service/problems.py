"""Every error that a client can see, as a problem document (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response
from werkzeug.exceptions import HTTPException

from recommender.compact_json import compact_json

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True)
class ProblemType:
    """One kind of problem; its `type` is ``urn:goeswith:problem:NAME``."""

    name: str
    status: int
    title: str

    @property
    def uri(self) -> str:
        return f"urn:goeswith:problem:{self.name}"


MALFORMED_JSON = ProblemType("malformed-json", 400, "The body is not JSON as this service reads it")
BAD_REQUEST = ProblemType("bad-request", 400, "The request cannot be read")
NO_KEY = ProblemType("no-key", 401, "A valid key is needed")
KEY_NOT_ENOUGH = ProblemType("key-not-enough", 403, "This key does not allow that")
ORIGIN_NOT_ALLOWED = ProblemType("origin-not-allowed", 403, "Pages of this origin may not ask")
NOT_FOUND = ProblemType("not-found", 404, "There is nothing here")
METHOD_NOT_ALLOWED = ProblemType("method-not-allowed", 405, "This address does not answer that method")
SLOW_REQUEST = ProblemType("slow-request", 408, "The request did not arrive in time")
BODY_TOO_LARGE = ProblemType("body-too-large", 413, "The body is too large")
ADDRESS_TOO_LONG = ProblemType("address-too-long", 414, "The address is too long")
WRONG_CONTENT_TYPE = ProblemType("wrong-content-type", 415, "The body is of a type that is not read here")
INVALID_FIELDS = ProblemType("invalid-fields", 422, "Some fields are out of their bounds")
HEADERS_TOO_LARGE = ProblemType("headers-too-large", 431, "The headers are too large")
INTERNAL_ERROR = ProblemType("internal-error", 500, "The service failed")
NO_MODEL = ProblemType("no-model", 503, "No model is loaded")
EVENTS_NOT_KEPT = ProblemType("events-not-kept", 503, "Events cannot be kept")

PROBLEM_TYPES = tuple(value for value in globals().values() if isinstance(value, ProblemType))
_BY_STATUS = {
    problem.status: problem
    for problem in PROBLEM_TYPES
    if problem not in {MALFORMED_JSON, ORIGIN_NOT_ALLOWED, EVENTS_NOT_KEPT}
}


class Problem(Exception):  # noqa: N818  # the word of RFC 9457
    """Raised wherever a request cannot be answered; becomes the answer.

    Parameters
    ----------
    kind : what sort of problem.
    detail : what is wrong with this request: the place, the value, the bound and the remedy.
    headers : further headers of the answer.
    members : further members of the document.
    """

    def __init__(
        self,
        kind: ProblemType,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = dict(members or {})

    def document(self, request_id: str) -> dict[str, Any]:
        return {
            "type": self.kind.uri,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "request_id": request_id,
            **self.members,
        }

    def response(self, request_id: str) -> Response:
        """The answer; never to be stored by a cache."""
        response = Response(compact_json(self.document(request_id)), self.kind.status, content_type=CONTENT_TYPE)
        response.headers["Cache-Control"] = "no-store"
        response.headers.update(self.headers)
        return response


def from_http_exception(error: HTTPException) -> Problem:
    """What Flask and Werkzeug raise, in this service's words."""
    kind = _BY_STATUS.get(error.code or 500, BAD_REQUEST)
    headers = {name: value for name, value in error.get_headers() if name == "Allow"}
    detail = _DETAILS.get(kind.status) or error.description or kind.title
    return Problem(kind, detail, headers=headers)


_DETAILS = {
    404: "no such address; /openapi/openapi.json lists those that there are",
    405: "see the header Allow for the methods of this address",
}
