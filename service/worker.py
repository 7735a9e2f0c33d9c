"""A gunicorn worker whose refusals are problem documents, and whom a slow client cannot hold."""

from __future__ import annotations

import logging
import selectors
import socket
import struct
import sys
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any
from uuid import uuid4

from gunicorn import util
from gunicorn.glogging import Logger
from gunicorn.http import errors
from gunicorn.workers.gthread import ThreadWorker

from recommender.compact_json import compact_json
from service.gathering import Gathering, Progress
from service.limits import MAX_BODY_BYTES
from service.logs import JsonFormatter, log
from service.problems import (
    ADDRESS_TOO_LONG,
    BAD_REQUEST,
    CONTENT_TYPE,
    HEADERS_TOO_LARGE,
    INTERNAL_ERROR,
    SLOW_REQUEST,
    Problem,
    ProblemType,
)

REQUEST_SECONDS = 15.0
RECEIVE_SECONDS = 5
_MOST_BYTES = MAX_BODY_BYTES + (1 << 17)
_REFUSED = (errors.ParseException, errors.NoMoreData, errors.ChunkMissingTerminator, errors.InvalidChunkSize)


class ProblemWorker(ThreadWorker):
    """Threads that answer whole requests; what is none is refused as this service refuses."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting: dict[Any, Gathering] = {}

    def enqueue_req(self, conn: Any) -> None:
        """Gather the request first; called in the main thread alone."""
        if conn.initialized and conn.parser.unreader.buf.getvalue():
            super().enqueue_req(conn)
            return
        gathering = Gathering(_MOST_BYTES, REQUEST_SECONDS)
        progress = gathering.receive(conn.sock)
        if progress is Progress.PARTIAL:
            self._waiting[conn] = gathering
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_more, conn))
        else:
            self._end_gathering(conn, gathering, progress)

    def handle(self, conn: Any) -> Any:
        """Give the gathered bytes to the parser, then answer as gunicorn does."""
        conn.sock.setblocking(True)
        limit = struct.pack("ll", RECEIVE_SECONDS, 0)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        conn.init()
        gathered: Gathering | None = conn.__dict__.pop("gathered", None)
        if gathered is not None:
            conn.parser.unreader.unread(bytes(gathered.data))
        return super().handle(conn)

    def murder_keepalived(self, *args: Any, **kwargs: Any) -> None:
        """Also end requests that take too long to arrive."""
        super().murder_keepalived(*args, **kwargs)
        now = monotonic()
        for conn in [conn for conn, gathering in self._waiting.items() if gathering.deadline < now]:
            gathering = self._waiting.pop(conn)
            self.poller.unregister(conn.sock)
            if gathering.data:
                self._write(conn.sock, Problem(SLOW_REQUEST, f"not whole after {REQUEST_SECONDS:.0f} seconds"))
            self._drop(conn)

    def _on_more(self, conn: Any, client: socket.socket) -> None:
        gathering = self._waiting[conn]
        progress = gathering.receive(client)
        if progress is not Progress.PARTIAL:
            self.poller.unregister(client)
            del self._waiting[conn]
            self._end_gathering(conn, gathering, progress)

    def _end_gathering(self, conn: Any, gathering: Gathering, progress: Progress) -> None:
        if progress is Progress.GONE:
            self._drop(conn)
        else:
            conn.gathered = gathering
            super().enqueue_req(conn)

    def _drop(self, conn: Any) -> None:
        self.nr_conns -= 1
        conn.close()

    def handle_quit(self, sig: int, frame: Any) -> None:
        """End at once, as gunicorn's base worker does.

        `ThreadWorker` would first wait for the lock of its threads, which the main thread may hold at that very moment:
        for ever.
        """
        super(ThreadWorker, self).handle_quit(sig, frame)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:  # noqa: ARG002  # the signature is gunicorn's
        """Answer what went wrong before the app was asked."""
        problem = refusal(exc)
        if problem.kind is INTERNAL_ERROR:
            log(logging.ERROR, "request failed", exc_info=True)
        self._write(client, problem)

    def _write(self, client: socket.socket, problem: Problem) -> None:
        request_id = uuid4().hex
        log(
            logging.INFO,
            "request refused",
            request_id=request_id,
            status=problem.kind.status,
            problem=problem.kind.name,
        )
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


class GunicornLogger(Logger):
    """What gunicorn says, in the same lines."""

    def setup(self, cfg: Any) -> None:
        """Take over gunicorn's own handler."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonFormatter())

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """A client that stopped sending is no failure of the service."""
        if isinstance(sys.exc_info()[1], BlockingIOError):
            log(logging.INFO, "client stopped sending")
        else:
            super().exception(msg, *args, **kwargs)
