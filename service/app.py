"""The app factory."""

from __future__ import annotations

import logging
import re
from functools import cache
from time import perf_counter
from uuid import uuid4

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from recommender.hashes import HashOf
from service import about, bundles, console, events, shop, suggestions
from service.body import StrictRequest
from service.config import ServiceConfig
from service.context import Service, Visit, attach, begin, service, visit
from service.cors import is_preflight, mark, preflight
from service.event_log import Events
from service.keys import check_access, granted, needed
from service.live import LiveModel
from service.logs import log, request_log
from service.metrics import Metrics
from service.problems import INTERNAL_ERROR, Problem, from_http_exception
from service.routes import Routes
from service.static_files import WIDGET, static_files

_UNLOGGED = frozenset({"/healthz", "/readyz", "/metrics"})  # asked by machines every few seconds, and counted
_REQUEST_ID = re.compile(r"[A-Za-z0-9._~:-]{1,128}")


class GoeswithApp(Flask):
    """Flask with strict JSON; `extensions["goeswith"]` holds the parts of the service."""

    request_class = StrictRequest


def create_app(config: ServiceConfig, hash_of: HashOf | None = None) -> GoeswithApp:
    """The service as a WSGI app, with the model that serves taken in if there is one.

    It looks for new ones only when told: `parts(app).live.watch()` starts that, in the process that answers. `hash_of`
    has hashes of the store's files that were taken ahead.

    Raises ``DataError`` where the catalogue file cannot be used.
    """
    app = GoeswithApp("service", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = config.max_body_bytes + 1
    app.url_map.merge_slashes = False
    metrics = Metrics()
    live = LiveModel(config, metrics, hash_of)
    attach(app.extensions, Service(config, live, metrics, Events(config.events_folder, metrics)))
    app.before_request(_begin)
    app.after_request(_end)
    app.register_error_handler(Problem, _on_problem)
    app.register_error_handler(HTTPException, _on_http_exception)
    app.register_error_handler(Exception, _on_failure)
    for routes in (suggestions.api, bundles.api, events.api, about.api, *_for_browsers(config)):
        app.register_blueprint(routes)
    live.open()
    return app


def parts(app: Flask) -> Service:
    """The parts of an app, outside a request."""
    with app.app_context():
        return service()


def _for_browsers(config: ServiceConfig) -> list[Routes]:
    files = (WIDGET, console.STYLE, console.SCRIPT)
    if not config.has_shop:
        return [static_files(*files), console.console()]
    shown = static_files(*files, shop.STYLE, shop.SCRIPT)
    return [shown, console.console(), shop.shop(config.publishable_key)]


def _begin() -> Response | None:
    headers, rule, parts_ = request.headers, request.url_rule, service()
    config = parts_.config
    given = headers.get("X-Request-Id", "")
    now = begin(Visit(given if _REQUEST_ID.fullmatch(given) else uuid4().hex, parts_))
    if is_preflight(request):
        methods = ", ".join(sorted(rule.methods or ())) if rule is not None else ""
        return preflight(config.cors_origins, headers["Origin"], methods)
    now.access = granted(config, headers)
    if rule is not None:
        check_access(now.access, needed(rule.rule))
    return None


def _end(response: Response) -> Response:
    now = visit()
    parts_ = now.service
    method, rule, status = request.method, request.url_rule, response.status_code
    response.headers["X-Request-Id"] = now.request_id
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "no-store")
    mark(response, parts_.config.cors_origins, request.headers.get("Origin"))
    route = _route(rule.rule) if rule is not None else "none"
    seconds = perf_counter() - now.started
    parts_.metrics.request(method, route, now.placement, status, seconds)
    if route not in _UNLOGGED:
        line = {
            "request_id": now.request_id,
            "method": method[:20],
            "route": route,
            "status": status,
            "ms": round(1000 * seconds, 3),
            "placement": now.placement or None,
        }
        request_log.write(line | now.notes)
    return response


@cache
def _route(rule: str) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)


def _on_problem(problem: Problem) -> Response:
    now = visit()
    now.notes["problem"] = problem.kind.name
    return problem.response(now.request_id)


def _on_http_exception(error: HTTPException) -> Response:
    return _on_problem(from_http_exception(error))


def _on_failure(error: Exception) -> Response:  # noqa: ARG001  # Flask hands it over; the log reads it from the stack
    log(logging.ERROR, "request failed", exc_info=True, request_id=visit().request_id)
    return _on_problem(Problem(INTERNAL_ERROR, "the failure is in the service's log under this request_id"))
