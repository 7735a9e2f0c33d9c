"""When a request is whole: the same for every way in which its bytes may come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.gathering import MOST_BYTES, Gathering, Progress
from service.limits import MAX_BODY_BYTES, MAX_HEAD_BYTES

LINE = b"POST /v1/suggestions HTTP/1.1\r\n"
bodies = st.binary(max_size=40) | st.just(b"0\r\n\r\n") | st.just(b"\r\n\r\n")


def counted(body):
    return LINE + b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunked(pieces, trailers=b""):
    chunks = b"".join(b"%x;a=b\r\n%s\r\n" % (len(piece), piece) for piece in pieces if piece)
    return LINE + b"transfer-encoding: Chunked\r\n\r\n" + chunks + b"0\r\n" + trailers + b"\r\n"


requests = (
    bodies.map(counted)
    | st.lists(bodies, max_size=4).map(chunked)
    | st.lists(bodies, max_size=2).map(lambda pieces: chunked(pieces, b"X: 0\r\n"))
)


@given(requests, st.integers(1, 9))
def test_a_request_is_whole_with_its_last_byte(request_, step):
    gathering = Gathering(15)
    for end in range(0, len(request_) - 1, step):
        gathering.data[:] = request_[:end]
        assert gathering.progress() is Progress.PARTIAL
    gathering.data[:] = request_
    assert gathering.progress() is Progress.WHOLE
    assert Gathering(15, request_ + b"GET /").progress() is Progress.WHOLE


@pytest.mark.parametrize("chunks", [b"zz\r\n", b"-5\r\n{}\r\n", b"2\r\n{}0\r\n\r\n", b";" * 5000])
def test_what_is_no_chunk_is_not_waited_for(chunks):
    head = LINE + b"Transfer-Encoding: chunked\r\n\r\n"
    assert Gathering(15, head + chunks).progress() is Progress.WHOLE


def test_leave_to_send_a_body_is_asked_for_once():
    head = LINE + b"Expect: 100-Continue\r\nContent-Length: 2\r\n\r\n"
    gathering = Gathering(15, head)
    assert gathering.progress() is Progress.PARTIAL
    assert gathering.expects
    gathering.expects = False
    gathering.data += b"{}"
    assert gathering.progress() is Progress.WHOLE
    assert bytes(gathering.data) == LINE + b"Content-Length: 2\r\n\r\n{}"
    whole = Gathering(15, head + b"{}")
    assert (whole.progress(), whole.expects) == (Progress.WHOLE, False)


def test_leave_is_not_given_to_bodies_that_are_refused_nor_by_http_1_0():
    large = Gathering(15, LINE + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1))
    assert (large.progress(), large.expects) == (Progress.WHOLE, False)
    old = Gathering(15, LINE.replace(b"1.1", b"1.0") + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert (old.progress(), old.expects) == (Progress.PARTIAL, False)


def test_neither_a_head_nor_a_body_is_gathered_without_end():
    longest = LINE + b"X: " + b"x" * (MAX_HEAD_BYTES - len(LINE) - 3)
    assert Gathering(15, longest).progress() is Progress.PARTIAL
    assert Gathering(15, longest + b"\r\n\r\n").progress() is Progress.WHOLE
    assert Gathering(15, longest + b"x").progress() is Progress.HEAD_TOO_LONG
    assert Gathering(15, longest + b"x\r\n\r\n").progress() is Progress.HEAD_TOO_LONG
    endless = chunked([b" "])[: -len(b"0\r\n\r\n")] + b"1\r\n \r\n" * (MOST_BYTES // 6)
    assert Gathering(15, endless[:-100]).progress() is Progress.PARTIAL
    assert Gathering(15, endless).progress() is Progress.WHOLE
