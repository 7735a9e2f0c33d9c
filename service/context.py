"""What every view of one app shares, and what one request leaves behind for its log line.

A view asks for its visit once and hands it on: each look-up goes through Flask's stand-ins for the thread's own values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, cast

from flask import current_app, g

from service.config import ServiceConfig
from service.event_log import Events
from service.keys import Access
from service.live import Live, LiveModel
from service.metrics import Metrics
from service.problems import NO_MODEL, Problem

RETRY_SECONDS = 5
_NAME = "goeswith"


@dataclass(frozen=True)
class Service:
    """The parts of one running service."""

    config: ServiceConfig
    live: LiveModel
    metrics: Metrics
    events: Events


@dataclass
class Visit:
    """One request: who it is, what answers it, since when it runs, and what to log of it."""

    request_id: str
    service: Service
    started: float = field(default_factory=perf_counter)
    access: Access = Access.OPEN
    placement: str = ""
    notes: dict[str, Any] = field(default_factory=dict[str, Any])


def attach(extensions: dict[str, Any], service: Service) -> None:
    """Make `service` known to the views of an app."""
    extensions[_NAME] = service


def service() -> Service:
    """The parts of the app that answers."""
    return cast("Service", current_app.extensions[_NAME])


def begin(visit: Visit) -> Visit:
    """Make `visit` known to everything that answers this request."""
    g.visit = visit
    return visit


def visit() -> Visit:
    """This request."""
    return cast("Visit", g.visit)


def live_or_problem(asked: Visit) -> Live:
    """The model that serves, kept for this request; raises ``Problem`` where there is none."""
    live = asked.service.live.current
    if live is None:
        detail = "no model is loaded yet; train one, or promote one that is sound, and it is taken in by itself"
        raise Problem(NO_MODEL, detail, headers={"Retry-After": str(RETRY_SECONDS)})
    asked.notes["model_id"] = live.model_id
    return live
