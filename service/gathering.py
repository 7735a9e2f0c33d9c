"""Requests gathered from their sockets before a thread is spent on them, so that slow clients hold nobody up."""

from __future__ import annotations

import re
import socket
from enum import Enum
from time import monotonic

_CHUNK = 1 << 16
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*(?=\r\n)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_EXPECT = re.compile(rb"\r\nexpect:", re.IGNORECASE)


class Progress(Enum):
    """How far a request has come."""

    PARTIAL = "partial"
    WHOLE = "whole"
    GONE = "gone"


class Gathering:
    """The bytes of one request so far.

    Parameters
    ----------
    most : bytes after which gathering ends, whatever is missing: what follows is for the app to refuse.
    seconds : how long the whole request may take.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self.data = bytearray()
        self.deadline = monotonic() + seconds
        self._most = most

    def receive(self, connection: socket.socket) -> Progress:
        """Take what has arrived, without waiting for more."""
        while True:
            try:
                received = connection.recv(_CHUNK, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return Progress.PARTIAL
            except OSError:
                return Progress.GONE
            if not received:
                return Progress.WHOLE if self.data else Progress.GONE
            self.data += received
            if len(self.data) >= self._most or is_whole(self.data):
                return Progress.WHOLE


def is_whole(data: bytes | bytearray) -> bool:
    """Whether a request can be read to its end, or need not be: its client waits for an answer to its head.

    >>> is_whole(b"GET / HTTP/1.1"), is_whole(b"GET / HTTP/1.1" + 2 * bytes([13, 10]))
    (False, True)
    """
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = bytes(data[: end + 2])
    if _EXPECT.search(head):
        return True
    if _CHUNKED.search(head):
        return data.endswith(b"0\r\n\r\n")
    found = _LENGTH.search(head)
    return found is None or len(data) - end - 4 >= int(found[1])
