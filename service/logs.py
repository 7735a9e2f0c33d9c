"""One JSON object a line on standard error: never a body, a key or a customer's id."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import orjson

_LOGGER = logging.getLogger("goeswith.service")


class JsonFormatter(logging.Formatter):
    """A log record as one line of JSON; the mapping under the record's `fields` becomes further members."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = getattr(record, "fields", {})
        if record.exc_info:
            fields = fields | {"traceback": self.formatException(record.exc_info)}
        level = record.levelname.lower()
        return _line(record.created, level, record.getMessage(), record.process, fields).decode("ascii")


def log(level: int, event: str, *, exc_info: bool = False, **fields: Any) -> None:
    """Write one line; fields that are None are left out."""
    _LOGGER.log(level, event, exc_info=exc_info, extra={"fields": _known(fields)})


class RequestLog:
    """Lines of answers, each written at once: to make a record for `logging` would cost more than all the rest.

    Parameters
    ----------
    descriptor : where they go; None writes nothing.
    """

    def __init__(self, descriptor: int | None = None) -> None:
        self.descriptor = descriptor

    def write(self, fields: dict[str, Any]) -> None:
        """Write one line; fields that are None are left out, and a reader that went away stops no request."""
        if self.descriptor is None:
            return
        line = _line(time.time(), "info", "request", os.getpid(), _known(fields)) + b"\n"
        with suppress(OSError):
            while line:
                line = line[os.write(self.descriptor, line) :]


request_log = RequestLog()


def start_logging() -> None:
    """Send the service's lines to standard error; a reader that went away stops no request."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    _LOGGER.handlers[:] = [handler]
    _LOGGER.setLevel(logging.INFO)
    _LOGGER.propagate = False
    logging.raiseExceptions = False
    request_log.descriptor = sys.stderr.fileno()


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _line(seconds: float, level: str, event: str, process: int | None, fields: dict[str, Any]) -> bytes:
    """In ASCII, so that no reader takes a character for the end of a line."""
    moment = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    line = {"time": moment, "level": level, "event": event, "pid": process, **fields}
    try:
        text = orjson.dumps(line, default=str)
        if text.isascii():
            return text
    except TypeError:  # half a surrogate pair, or a number beyond 64 bits
        pass
    return json.dumps(line, ensure_ascii=True, default=str, separators=(",", ":")).encode("ascii")
