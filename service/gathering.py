"""Requests gathered from their sockets before a thread is spent on them, so that slow clients hold nobody up."""

from __future__ import annotations

import re
import socket
from enum import Enum
from time import monotonic

from service.limits import MAX_BODY_BYTES, MAX_HEAD_BYTES

MOST_BYTES = MAX_BODY_BYTES + MAX_HEAD_BYTES
_CHUNK = 1 << 16
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*(?=\r\n)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked", re.IGNORECASE)
_EXPECT = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*(?=\r\n)", re.IGNORECASE)
_CHUNK_HEAD = re.compile(rb"([0-9a-fA-F]{1,16})[ \t]*(?:;[^\r\n]*)?\r\n")
_LONGEST_CHUNK_HEAD = 1 << 12


class Progress(Enum):
    """How far a request has come."""

    PARTIAL = "partial"
    WHOLE = "whole"
    HEAD_TOO_LONG = "head too long"
    GONE = "gone"


class Gathering:
    """The bytes of one request so far, and perhaps of those behind it.

    Parameters
    ----------
    seconds : how long the whole request may take.
    data : what has arrived of it already.

    Attributes
    ----------
    expects : whether the client waits for leave to send its body; whoever gives it sets this to False.
    """

    def __init__(self, seconds: float, data: bytes = b"") -> None:
        self.data = bytearray(data)
        self.deadline = monotonic() + seconds
        self.expects = False
        self._searched = 0
        self._needed: int | None = None
        self._at_chunk: int | None = None

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
            progress = self.progress()
            if progress is not Progress.PARTIAL:
                return progress

    def progress(self) -> Progress:
        """Whether a request can be read to its end from what is here, or has enough in it to be refused.

        >>> Gathering(15, b"GET / HTTP/1.1" + 2 * bytes([13, 10])).progress()
        <Progress.WHOLE: 'whole'>
        """
        if self._needed is None:
            end = self.data.find(b"\r\n\r\n", max(0, self._searched - 3))
            self._searched = len(self.data)
            if end > MAX_HEAD_BYTES or (end < 0 and self._searched > MAX_HEAD_BYTES):
                return Progress.HEAD_TOO_LONG
            if end < 0:
                return Progress.PARTIAL
            self._read_head(end)
        if len(self.data) >= MOST_BYTES:
            return Progress.WHOLE
        arrived = len(self.data) >= (self._needed or 0) if self._at_chunk is None else self._is_at_last_chunk()
        self.expects = self.expects and not arrived
        return Progress.WHOLE if arrived else Progress.PARTIAL

    def _read_head(self, end: int) -> None:
        head = bytes(self.data[: end + 2])
        expect = _EXPECT.search(head)
        if expect is not None and head.split(b"\r\n", 1)[0].endswith(b" HTTP/1.1"):
            del self.data[expect.start() : expect.end()]  # leave is given here
            end -= expect.end() - expect.start()
            self.expects = True
        self._needed = end + 4
        if _CHUNKED.search(head):
            self._at_chunk = self._needed
            return
        found = _LENGTH.search(head)
        length = 0 if found is None else int(found[1])
        if not (self.expects and length > MAX_BODY_BYTES):  # else it is refused before it is sent
            self._needed += length

    def _is_at_last_chunk(self) -> bool:
        """Whether all chunks are here, or one that is none."""
        at, data = self._at_chunk or 0, self.data
        while True:
            self._at_chunk = at
            head = _CHUNK_HEAD.match(data, at)
            if head is None:
                return b"\r\n" in data[at : at + _LONGEST_CHUNK_HEAD] or len(data) - at > _LONGEST_CHUNK_HEAD
            size = int(head[1], 16)
            if size == 0:
                return data.find(b"\r\n\r\n", head.end() - 2) >= 0
            at = head.end() + size + 2
            if len(data) < at:
                return False
            if not data.startswith(b"\r\n", at - 2):
                return True


class PatientSocket(socket.socket):
    """A client's socket that never makes a thread wait.

    What has not arrived is not waited for; what the client does not take yet is kept, to be sent when there is room.

    Attributes
    ----------
    unsent : what is kept.
    """

    unsent: bytearray

    @classmethod
    def of(cls, plain: socket.socket) -> PatientSocket:
        """The same connection; `plain` is spent."""
        patient = cls(plain.family, plain.type, plain.proto, plain.detach())
        patient.unsent = bytearray()
        socket.socket.setblocking(patient, False)
        return patient

    def setblocking(self, flag: bool, /) -> None:
        """It stays as it is."""

    def settimeout(self, value: float | None, /) -> None:
        """It stays as it is."""

    def sendall(self, data: bytes, flags: int = 0, /) -> None:  # noqa: ARG002  # pyright: ignore[reportIncompatibleMethodOverride]  # gunicorn sends bytes, and no flags
        """Send what there is room for now, and keep the rest; raises ``OSError`` where the client is gone."""
        self.unsent += data
        self.send_kept()

    def send_kept(self) -> None:
        """Send what there is room for of what is kept; raises ``OSError`` where the client is gone."""
        while self.unsent:
            try:
                sent = self.send(self.unsent)
            except BlockingIOError:
                return
            del self.unsent[:sent]
