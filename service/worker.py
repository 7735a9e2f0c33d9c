"""A gunicorn worker whose refusals are problem documents, and whom a slow client cannot hold."""

from __future__ import annotations

import errno
import logging
import selectors
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

from gunicorn import util
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from service.gathering import Gathering, PatientSocket, Progress
from service.limits import MAX_HEAD_BYTES
from service.logs import JsonFormatter, log
from service.problems import ADDRESS_TOO_LONG, HEADERS_TOO_LARGE, INTERNAL_ERROR, SLOW_REQUEST, Problem
from service.refusals import raw_response, refusal

REQUEST_SECONDS = 15.0
ANSWER_SECONDS = 15.0
LINGER_SECONDS = 2.0
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_LONGEST_LINE = 8190
_DRAINED = 1 << 16
_ROOM_SHARE = 10
_NO_ROOM_SECONDS = 0.05


class ProblemWorker(ThreadWorker):
    """Threads that answer whole requests; what is none is refused as this service refuses.

    A thread never waits for a client. The event loop gathers requests, sends what clients were slow to take of their
    answers, and sees connections to their end; each of these has its time.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting: dict[Any, Gathering] = {}
        self._sending: dict[Any, tuple[Any, float]] = {}
        self._lingering: dict[Any, float] = {}

    def accept(self, listener: socket.socket) -> None:
        """Take a connection; where the system opens no more files, others make room for it."""
        try:
            super().accept(listener)
        except OSError as error:
            if error.errno not in {errno.EMFILE, errno.ENFILE}:
                raise
            if not self._make_room():
                sleep(_NO_ROOM_SECONDS)

    def enqueue_req(self, conn: Any) -> None:
        """Gather the request first; called in the main thread alone."""
        if not isinstance(conn.sock, PatientSocket):
            conn.sock = PatientSocket.of(conn.sock)
        if conn.initialized and conn.parser.unreader.buf.getvalue():
            gathering = Gathering(REQUEST_SECONDS, conn.parser.unreader.take_buffered())
            progress = gathering.progress()
        else:
            gathering, progress = Gathering(REQUEST_SECONDS), Progress.PARTIAL
        if progress is Progress.PARTIAL:
            progress = gathering.receive(conn.sock)
        if progress is Progress.PARTIAL:
            self._let_come(conn, gathering)
            self._waiting[conn] = gathering
            self._await(conn, selectors.EVENT_READ, self._on_more)
        else:
            self._end_gathering(conn, gathering, progress)

    def handle(self, conn: Any) -> Any:
        """Give the gathered bytes to the parser, then answer as gunicorn does."""
        conn.init()
        conn.parser.unreader.unread(bytes(conn.__dict__.pop("gathered").data))
        conn.kept = super().handle(conn)
        return conn.kept

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Go on with a connection once its client has taken the answer."""
        if conn.sock.unsent:
            self._sending[conn] = (fs, monotonic() + ANSWER_SECONDS)
            self._await(conn, selectors.EVENT_WRITE, self._on_room)
        elif conn.kept:
            super().finish_request(conn, fs)
        else:
            self._linger(conn)

    def murder_keepalived(self, *args: Any, **kwargs: Any) -> None:
        """Also end what takes too long: requests to arrive, answers to be taken, clients to hang up."""
        super().murder_keepalived(*args, **kwargs)
        now = monotonic()
        for conn in _overdue(self._waiting, now, lambda gathering: gathering.deadline):
            gathering = self._gathered(conn)
            if gathering.data:
                self._refuse(conn, Problem(SLOW_REQUEST, f"not whole after {REQUEST_SECONDS:.0f} seconds"))
            else:
                self._drop(conn)
        for conn in _overdue(self._sending, now, lambda sending: sending[1]):
            self._end(conn, self._sending)
        for conn in _overdue(self._lingering, now, lambda deadline: deadline):
            self._end(conn, self._lingering)
        if not self.alive:
            for conn in [conn for conn, gathering in self._waiting.items() if not gathering.data]:
                self._end(conn, self._waiting)
        elif self.nr_conns >= self.worker_connections:
            self._make_room()

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

    def _await(self, conn: Any, event: int, then: Callable[[Any], None]) -> None:
        self.poller.register(conn.sock, event, partial(_ready, then, conn))

    def _on_more(self, conn: Any) -> None:
        progress = self._waiting[conn].receive(conn.sock)
        if progress is Progress.PARTIAL:
            self._let_come(conn, self._waiting[conn])
        else:
            self._end_gathering(conn, self._gathered(conn), progress)

    def _let_come(self, conn: Any, gathering: Gathering) -> None:
        if gathering.expects:
            gathering.expects = False
            with suppress(OSError):  # the client may be gone: the next look tells
                conn.sock.sendall(_CONTINUE)

    def _gathered(self, conn: Any) -> Gathering:
        self.poller.unregister(conn.sock)
        return self._waiting.pop(conn)

    def _end_gathering(self, conn: Any, gathering: Gathering, progress: Progress) -> None:
        if progress is Progress.GONE:
            self._drop(conn)
        elif progress is Progress.HEAD_TOO_LONG:
            self._refuse(conn, _too_long(gathering.data))
        else:
            conn.gathered, conn.kept = gathering, True
            super().enqueue_req(conn)

    def _on_room(self, conn: Any) -> None:
        try:
            conn.sock.send_kept()
        except OSError:
            self._end(conn, self._sending)
            return
        if not conn.sock.unsent:
            self.poller.unregister(conn.sock)
            self.finish_request(conn, self._sending.pop(conn)[0])

    def _refuse(self, conn: Any, problem: Problem) -> None:
        self._write(conn.sock, problem)
        self._linger(conn)

    def _linger(self, conn: Any) -> None:
        """Let the client hang up first: what it still sends would make the kernel throw the answer away."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(conn)
            return
        conn.drained = 0
        self._lingering[conn] = monotonic() + LINGER_SECONDS
        self._await(conn, selectors.EVENT_READ, self._on_rest)

    def _on_rest(self, conn: Any) -> None:
        try:
            received = len(conn.sock.recv(_DRAINED))
        except BlockingIOError:
            return
        except OSError:
            received = 0
        conn.drained += received
        if received == 0 or conn.drained > _DRAINED:
            self._end(conn, self._lingering)

    def _make_room(self) -> int:
        """Close the connections that have waited longest for their clients: silent ones, kept ones, slow ones."""
        most = max(1, self.worker_connections // _ROOM_SHARE)
        silent = [conn for conn, gathering in self._waiting.items() if not gathering.data]
        slow = [conn for conn, gathering in self._waiting.items() if gathering.data]
        for conn in silent[:most]:
            self._end(conn, self._waiting)
        closed = min(len(silent), most)
        while closed < most and self.keepalived_conns:
            conn = self.keepalived_conns.popleft()
            self.poller.unregister(conn.sock)
            self._drop(conn)
            closed += 1
        for conn in slow[: most - closed]:
            self._end(conn, self._waiting)
            closed += 1
        if closed:
            log(logging.WARNING, "connections closed to make room", closed=closed, bound=self.worker_connections)
        return closed

    def _end(self, conn: Any, among: dict[Any, Any]) -> None:
        del among[conn]
        self.poller.unregister(conn.sock)
        self._drop(conn)

    def _drop(self, conn: Any) -> None:
        self.nr_conns -= 1
        conn.close()

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
            util.write(client, raw_response(problem, request_id))


def _ready(then: Callable[[Any], None], conn: Any, client: socket.socket) -> None:  # noqa: ARG001  # the poller hands it over
    then(conn)


def _overdue(among: dict[Any, Any], now: float, deadline_of: Callable[[Any], float]) -> list[Any]:
    """Connections whose time is over; they stand in the order of their deadlines."""
    found: list[Any] = []
    for conn, value in among.items():
        if deadline_of(value) >= now:
            break
        found.append(conn)
    return found


def _too_long(head: bytearray) -> Problem:
    if head.find(b"\r\n", 0, _LONGEST_LINE + 2) < 0:
        return Problem(ADDRESS_TOO_LONG, f"the request line is longer than {_LONGEST_LINE:,} bytes")
    return Problem(HEADERS_TOO_LARGE, f"the headers are longer than {MAX_HEAD_BYTES:,} bytes in all")


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
