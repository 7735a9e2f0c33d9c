"""One JSON object a line on standard error: never a body, a key or a customer's id."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

_LOGGER = logging.getLogger("goeswith.service")


class JsonFormatter(logging.Formatter):
    """A log record as one line of JSON; the mapping under the record's `fields` becomes further members."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "pid": record.process,
        }
        fields: dict[str, Any] = getattr(record, "fields", {})
        line.update(fields)
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True, default=str, separators=(",", ":"))


def log(level: int, event: str, *, exc_info: bool = False, **fields: Any) -> None:
    """Write one line; fields that are None are left out."""
    known = {name: value for name, value in fields.items() if value is not None}
    _LOGGER.log(level, event, exc_info=exc_info, extra={"fields": known})


def start_logging() -> None:
    """Send the service's lines to standard error; a reader that went away stops no request."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    _LOGGER.handlers[:] = [handler]
    _LOGGER.setLevel(logging.INFO)
    _LOGGER.propagate = False
    logging.raiseExceptions = False
