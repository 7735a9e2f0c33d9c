"""A gunicorn worker whose refusals are problem documents, and whom a slow client cannot hold."""

from __future__ import annotations

import logging
import socket
import struct
from contextlib import suppress
from typing import Any
from uuid import uuid4

from gunicorn import util
from gunicorn.glogging import Logger
from gunicorn.http import errors
from gunicorn.workers.gthread import ThreadWorker

from service.logs import JsonFormatter, log
from service.problems import (
    ADDRESS_TOO_LONG,
    BAD_REQUEST,
    CONTENT_TYPE,
    HEADERS_TOO_LARGE,
    INTERNAL_ERROR,
    Problem,
    ProblemType,
    dump_json,
)

RECEIVE_SECONDS = 10
_REFUSED = (errors.ParseException, errors.NoMoreData, errors.ChunkMissingTerminator, errors.InvalidChunkSize)


class ProblemWorker(ThreadWorker):
    """Threads that answer; what cannot be parsed as HTTP is refused as this service refuses."""

    def enqueue_req(self, conn: Any) -> None:
        """Let a silent client wait for at most `RECEIVE_SECONDS` in a thread."""
        limit = struct.pack("ll", RECEIVE_SECONDS, 0)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        super().enqueue_req(conn)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:  # noqa: ARG002  # the signature is gunicorn's
        """Answer what went wrong before the app was asked."""
        request_id = uuid4().hex
        problem = refusal(exc)
        level = logging.INFO if problem.kind is not INTERNAL_ERROR else logging.ERROR
        log(level, "request refused", request_id=request_id, status=problem.kind.status, problem=problem.kind.name)
        if problem.kind is INTERNAL_ERROR:
            log(logging.ERROR, "request failed", exc_info=True, request_id=request_id)
        with suppress(OSError):  # the client may be gone
            util.write_nonblock(client, raw_response(problem, request_id))


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
    body = dump_json(problem.document(request_id))
    head = (
        f"HTTP/1.1 {kind.status} {_PHRASES.get(kind.status, 'Bad Request')}\r\n"
        f"Connection: close\r\nContent-Type: {CONTENT_TYPE}\r\nContent-Length: {len(body)}\r\n"
        f"Cache-Control: no-store\r\nX-Request-Id: {request_id}\r\n\r\n"
    )
    return head.encode("ascii") + body


_PHRASES = {
    414: "URI Too Long",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
}


class GunicornLogger(Logger):
    """What gunicorn says, in the same lines."""

    def setup(self, cfg: Any) -> None:
        """Take over gunicorn's own handler."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonFormatter())
