"""The service as it runs: a real gunicorn, asked over real sockets."""

import json
import os
import signal
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from running import eventually, running

from service.limits import MAX_BODY_BYTES
from service.worker import ANSWER_SECONDS, REQUEST_SECONDS, ProblemWorker

HEAD = b"POST /v1/suggestions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer else None


def problem_of(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"Content-Type: application/problem+json" in head, answer
    return json.loads(body)["type"].rsplit(":", 1)[1]


def test_a_cart(server):
    reply = server.ask("/v1/suggestions", {"items": ["bread"], "k": 1})
    assert reply.status == 200
    assert reply.json["suggestions"][0]["item_id"] == "butter"
    assert reply.headers["X-Request-Id"] == reply.json["request_id"]


def test_chunks_are_read(server):
    body = b'D\r\n{"items": []}\r\n0\r\n\r\n'
    assert status_of(server.raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + body)) == 200


def test_a_body_that_is_announced_is_let_come(server):
    head = HEAD + b"Content-Length: 13\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    answer = server.raw(head, 0.1, b'{"items": []}')
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")


@pytest.mark.parametrize(
    ("request_", "status", "problem"),
    [
        (HEAD + b"Content-Length: -5\r\n\r\n", 400, "bad-request"),
        (HEAD + b"Content-Length: 1e3\r\n\r\n", 400, "bad-request"),
        (HEAD + b"Content-Length: 99999999999999999999\r\n\r\n{", 413, "body-too-large"),
        (HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400, "bad-request"),
        (HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", 400, "bad-request"),
        (HEAD + b"Content-Length: 30\r\n\r\n{", 400, "bad-request"),
        (HEAD + b"Transfer-Encoding: gzip\r\n\r\n", 400, "bad-request"),
        (HEAD + b"Transfer-Encoding: nonsense\r\n\r\n", 400, "bad-request"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "bad-request"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n{}\r\n", 400, "bad-request"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}", 400, "bad-request"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n", 400, "bad-request"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nbad trailer\r\n\r\n", 400, "bad-request"),
        (HEAD + b"\r\n", 400, "malformed-json"),
        (HEAD + b"Bad\x00Header: x\r\n\r\n", 400, "bad-request"),
        (HEAD + b"X: a\x00b\r\n\r\n", 400, "bad-request"),
        (HEAD + b"Expect: nonsense\r\n\r\n", 400, "bad-request"),
        (b"GET /healthz HTTP/9.9\r\n\r\n", 400, "bad-request"),
        (b"GET  HTTP/1.1\r\n\r\n", 400, "bad-request"),
        (b"rubbish\r\n\r\n", 400, "bad-request"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "bad-request"),
        (b"GET /%zz%\xff HTTP/1.1\r\n\r\n", 400, "bad-request"),
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n", 414, "address-too-long"),
        (b"GET /healthz HTTP/1.1\r\n" + b"X: 1\r\n" * 101 + b"\r\n", 431, "headers-too-large"),
        (b"GET /healthz HTTP/1.1\r\nX: " + b"x" * 9000 + b"\r\n\r\n", 431, "headers-too-large"),
        (b"DELETE /v1/suggestions HTTP/1.1\r\nConnection: close\r\n\r\n", 405, "method-not-allowed"),
        (b"BREW /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", 405, "method-not-allowed"),
        (b"GET /../../etc/passwd HTTP/1.1\r\nConnection: close\r\n\r\n", 404, "not-found"),
    ],
)
def test_what_is_no_request_is_refused_as_a_problem(server, request_, status, problem):
    answer = server.raw(request_)
    assert (status_of(answer), problem_of(answer)) == (status, problem)


def chunked(size, last=b"0\r\n\r\n"):
    chunk = b"1000\r\n" + b" " * 4096 + b"\r\n"
    return HEAD + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + chunk * (size // 4096) + last


def test_chunks_over_the_limit(server):
    answer = server.raw(chunked(MAX_BODY_BYTES + 4096))
    assert (status_of(answer), problem_of(answer)) == (413, "body-too-large")
    last = b'D\r\n{"items": []}\r\n0\r\n\r\n'
    assert status_of(server.raw(chunked(MAX_BODY_BYTES - 4096, last))) == 200


def test_a_refused_body_does_not_become_the_next_request(server):
    inner = b"GET /v1/model HTTP/1.1\r\nHost: x\r\n\r\n"
    head = b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(inner)
    answer = server.raw(head + inner + b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.count(b"HTTP/1.1 ") == 2
    assert answer.startswith(b"HTTP/1.1 404")
    assert answer.endswith(b'{"status":"ok"}')


def rest_of(connection):
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


def connected(server, data):
    connection = socket.create_connection(("127.0.0.1", server.port), 30)
    connection.sendall(data)
    return connection


def test_slow_clients_hold_nobody_up(server):
    halves = [b"", b"GET /hea", HEAD, HEAD + b"Content-Length: 100\r\n\r\n{"]
    slow = [connected(server, half) for half in halves * 25]
    try:
        start = time.monotonic()
        assert {server.ask("/v1/suggestions", {"items": []}).status for _ in range(10)} == {200}
        assert time.monotonic() - start < 5
    finally:
        for connection in slow:
            connection.close()


def test_a_request_may_come_byte_by_byte(server):
    with connected(server, b"") as connection:
        for byte in HEAD + b'Connection: close\r\nContent-Length: 13\r\n\r\n{"items": []}':
            connection.sendall(bytes([byte]))
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")


IMPATIENT = """
import sys
import service.worker
from recommender.command import main
service.worker.REQUEST_SECONDS = 1.0
main(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def impatient(tiny_store):
    """A service that gives a request one second in place of fifteen."""
    with running("--store", str(tiny_store), "--workers", "1", command=(sys.executable, "-c", IMPATIENT)) as service:
        yield service


def test_a_request_that_never_ends_is_refused(impatient):
    begun = HEAD + b"Content-Length: 100\r\n\r\n{"
    with connected(impatient, begun) as connection, connected(impatient, b"") as silent:
        answer = rest_of(connection)
        assert (status_of(answer), problem_of(answer)) == (408, "slow-request")
        assert rest_of(silent) == b""


def test_a_body_that_was_announced_and_never_comes(impatient):
    with connected(impatient, HEAD + b"Content-Length: 100\r\nExpect: 100-continue\r\n\r\n") as connection:
        assert connection.recv(65536).startswith(b"HTTP/1.1 100")
        answer = rest_of(connection)
        assert (status_of(answer), problem_of(answer)) == (408, "slow-request")


def test_the_time_that_is_given_is_the_one_that_is_told():
    page = (Path(__file__).parents[2] / "docs" / "http.md").read_text(encoding="utf-8")
    for what, seconds in (("a request to arrive", REQUEST_SECONDS), ("an answer to be taken", ANSWER_SECONDS)):
        assert f"| time for {what} | {seconds:.0f} seconds |" in page


def test_requests_one_behind_the_other(server):
    one = HEAD + b'Content-Length: 13\r\n\r\n{"items": []}'
    answer = server.raw(one * 5 + b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200 OK") == 6


def test_metrics_add_up_over_workers(server):
    def counted():
        page = server.ask("/metrics").body.decode()
        lines = [line for line in page.splitlines() if line.startswith("goeswith_engine_seconds_count")]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    before = counted()
    for _ in range(20):
        server.ask("/v1/suggestions", {"items": ["bread"], "placement": "trending"})
    assert counted() == before + 20
    pids = {line["pid"] for line in server.lines() if line["event"] == "request"}
    assert len(pids) == 2


def test_a_killed_worker_is_replaced(server):
    eventually(lambda: len(server.worker_pids()) == 2)
    victim = server.worker_pids()[0]
    os.kill(victim, signal.SIGKILL)
    eventually(lambda: victim not in server.worker_pids() and len(server.worker_pids()) == 2)
    assert {server.ask("/v1/suggestions", {"items": ["bread"]}).status for _ in range(20)} == {200}


def test_one_log_line_an_answer(server):
    server.ask(
        "/v1/suggestions",
        {"items": ["bread", "gone-7"], "customer_id": "zoë-secret", "visitor_id": "v-secret", "k": 2},
        {"X-Request-Id": "log-me"},
    )
    eventually(lambda: any(line.get("request_id") == "log-me" for line in server.lines()))
    (line,) = [line for line in server.lines() if line.get("request_id") == "log-me"]
    assert line["event"] == "request"
    assert (line["method"], line["route"], line["status"]) == ("POST", "/v1/suggestions", 200)
    assert (line["placement"], line["cart_items"], line["missing"]) == ("cross-sell", 2, 1)
    assert line["shown"] == ["butter", "milk"]
    assert line["answer_id"] == "log-me"
    assert len(line["model_id"]) == 12
    assert line["ms"] >= line["engine_ms"] > 0
    log = server.log.read_text()
    assert "secret" not in log
    assert "gone-7" not in log


def test_nothing_was_answered_500(server):
    assert "500" not in {line.get("status") for line in server.lines()}
    assert not [line for line in server.lines() if line["level"] == "critical" or "traceback" in line]


def test_a_worker_ends_at_once_whatever_its_threads_are_at():
    """Told so while its main thread hands a request to a thread, and so holds the lock of the threads."""
    worker = ProblemWorker.__new__(ProblemWorker)
    worker.cfg = SimpleNamespace(worker_int=lambda _: None)
    worker.tpool = ThreadPoolExecutor(1)
    with worker.tpool._shutdown_lock, pytest.raises(SystemExit) as end:
        worker.handle_quit(signal.SIGQUIT, None)
    assert end.value.code == 0
    assert not worker.alive
