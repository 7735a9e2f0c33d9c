"""Clients that are slow to send, to take, or to hang up, and a service that answers the others meanwhile."""

import json
import socket
import time

import pytest

HEAD = b"POST /v1/suggestions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
DESCRIBED = b"GET /openapi/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
CLIENTS = 12


def connected(server, data, window=None):
    connection = socket.socket()
    if window:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    connection.settimeout(30)
    connection.connect(("127.0.0.1", server.port))
    connection.sendall(data)
    return connection


def rest_of(connection):
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b"Content-Length: 100\r\nExpect: 100-continue\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + HEAD,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n1000\r\n0\r\n\r\n",
        DESCRIBED * 100,
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"rubbish\r\n\r\n",
    ],
    ids=["leave asked for", "half of a second request", "half of a chunk", "nothing taken", "no end", "no end at all"],
)
def test_nobody_else_waits(server, data):
    slow = [connected(server, data, 4096) for _ in range(CLIENTS)]
    try:
        time.sleep(0.2)
        start = time.monotonic()
        assert {server.ask("/healthz").status for _ in range(10)} == {200}
        assert time.monotonic() - start < 8  # to wait for each of them in turn took twelve seconds and more
    finally:
        for connection in slow:
            connection.close()


def test_an_answer_that_is_taken_slowly_is_whole(server):
    answers = 40
    end = b"GET /openapi/openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with connected(server, DESCRIBED * (answers - 1) + end, 4096) as connection:
        time.sleep(0.5)
        received = rest_of(connection)
    bodies = [answer.split(b"\r\n\r\n", 1)[1] for answer in received.split(b"HTTP/1.1 200 OK")[1:]]
    assert len(bodies) == answers
    assert set(bodies) == {server.ask("/openapi/openapi.json").body}


def test_a_chunk_may_hold_what_looks_like_the_last_one(server):
    body = b"{}"
    first = HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % (len(body) + 7) + b"  0\r\n\r\n"
    with connected(server, first) as connection:
        time.sleep(0.1)
        connection.sendall(body + b"\r\n0\r\n\r\n")
        answer = rest_of(connection)
    assert answer.startswith(b"HTTP/1.1 400")
    assert json.loads(answer.split(b"\r\n\r\n")[1])["type"] == "urn:goeswith:problem:malformed-json"


@pytest.mark.parametrize(
    ("data", "status", "problem"),
    [
        (b"GET /" + b"x" * 140_000, 414, "address-too-long"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 140_000, 431, "headers-too-large"),
        (b"GET / HTTP/1.1\r\n" + b"X: " + b"x" * 8000 + b"\r\n", None, None),
    ],
)
def test_a_head_without_end_is_refused(server, data, status, problem):
    with connected(server, data) as connection:
        if status is None:
            connection.sendall(b"Connection: close\r\n\r\n")
            assert connection.recv(65536).startswith(b"HTTP/1.1 404")
            return
        answer = rest_of(connection)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert json.loads(answer.split(b"\r\n\r\n")[1])["type"] == f"urn:goeswith:problem:{problem}"


def test_a_body_in_very_small_chunks_is_too_large(server):
    body = HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 70_000
    with connected(server, body) as connection:
        answer = rest_of(connection)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert "larger chunks" in json.loads(answer.split(b"\r\n\r\n")[1])["detail"]
