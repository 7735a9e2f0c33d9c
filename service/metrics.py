"""What Prometheus can ask: counters and times of all workers, and the facts of the model that serves."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from functools import cache
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from recommender.suggestion import Answer

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REQUEST_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_ENGINE_BUCKETS = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5)


class ModelFacts(Protocol):
    """What is told of the model that serves."""

    @property
    def model_id(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def loaded_at(self) -> float: ...
    @property
    def catalog_modified_at(self) -> float | None: ...
    @property
    def policy_id(self) -> str: ...
    @property
    def remarks(self) -> tuple[str, ...]: ...


class Metrics:
    """The metrics of one process; under several workers they meet in the folder of `PROMETHEUS_MULTIPROC_DIR`."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "goeswith_requests",
            "Requests answered.",
            ("method", "route", "placement", "status"),
            registry=self._registry,
        )
        self._request_seconds = Histogram(
            "goeswith_request_seconds",
            "Time from the parsed head of a request to its answer.",
            ("route",),
            buckets=_REQUEST_BUCKETS,
            registry=self._registry,
        )
        self._engine_seconds = Histogram(
            "goeswith_engine_seconds",
            "Time that the engine took for a cart.",
            ("placement",),
            buckets=_ENGINE_BUCKETS,
            registry=self._registry,
        )
        self._fallbacks = Counter(
            "goeswith_fallback_answers",
            "Answers whose places the cart could not fill.",
            ("placement", "fallback"),
            registry=self._registry,
        )
        self._empty = Counter(
            "goeswith_empty_answers", "Answers without a suggestion.", ("placement",), registry=self._registry
        )
        self._missing = Counter(
            "goeswith_missing_items", "Items of carts that the model does not know.", registry=self._registry
        )
        self._reloads = Counter(
            "goeswith_reloads",
            "Models, catalogues and policies taken in, by worker.",
            ("kind",),
            registry=self._registry,
        )
        self._reload_failures = Counter(
            "goeswith_reload_failures",
            "Models, catalogues and policies refused, by worker; the last good one keeps serving.",
            ("kind",),
            registry=self._registry,
        )
        self._events = Counter("goeswith_events", "Events written.", ("type",), registry=self._registry)
        self._events_refused = Counter(
            "goeswith_events_not_kept", "Events that could not be written.", ("type",), registry=self._registry
        )
        for kind in ("model", "catalog", "policy"):
            self._reloads.labels(kind)
            self._reload_failures.labels(kind)
        self._requests_of = cache(self._requests.labels)
        self._request_seconds_of = cache(self._request_seconds.labels)
        self._engine_seconds_of = cache(self._engine_seconds.labels)

    def request(self, method: str, route: str, placement: str, status: int, seconds: float) -> None:
        known = method if method in _METHODS else "other"
        self._requests_of(known, route, placement, str(status)).inc()
        self._request_seconds_of(route).observe(seconds)

    def answer(self, answer: Answer, seconds: float) -> None:
        self._engine_seconds_of(answer.placement).observe(seconds)
        if answer.fallback is not None:
            self._fallbacks.labels(answer.placement, answer.fallback).inc()
        if not answer.suggestions:
            self._empty.labels(answer.placement).inc()
        if answer.missing_items:
            self._missing.inc(len(answer.missing_items))

    def reloaded(self, kind: str) -> None:
        self._reloads.labels(kind).inc()

    def reload_failed(self, kind: str) -> None:
        self._reload_failures.labels(kind).inc()

    def events(self, kinds: Iterable[str], *, kept: bool) -> None:
        counter = self._events if kept else self._events_refused
        for kind in kinds:
            counter.labels(kind).inc()

    def page(self, live: ModelFacts | None) -> bytes:
        """The page that Prometheus reads, all workers added up; the model's facts are this worker's."""
        facts = CollectorRegistry()
        facts.register(_LiveCollector(live))
        counted = self._registry
        if SHARED_FOLDER in os.environ:
            counted = CollectorRegistry()
            MultiProcessCollector(counted)
        return generate_latest(counted) + generate_latest(facts)


class _LiveCollector(Collector):
    def __init__(self, live: ModelFacts | None) -> None:
        self._live = live

    def collect(self) -> Iterable[Metric]:
        live = self._live
        yield GaugeMetricFamily("goeswith_ready", "1 where a model serves.", value=float(live is not None))
        if live is None:
            return
        info = GaugeMetricFamily("goeswith_model_info", "The model that serves.", labels=("model_id", "version"))
        info.add_metric((live.model_id, live.version), 1)
        yield info
        yield GaugeMetricFamily(
            "goeswith_model_loaded_timestamp_seconds", "When the model was taken in.", value=live.loaded_at
        )
        if live.policy_id:
            policy = GaugeMetricFamily("goeswith_policy_info", "The policy that serves.", labels=("policy_id",))
            policy.add_metric((live.policy_id,), 1)
            yield policy
            remarks = "What the policy names in vain or contradicts, beside the catalogue that serves."
            yield GaugeMetricFamily("goeswith_policy_remarks", remarks, value=len(live.remarks))
        if live.catalog_modified_at is not None:
            yield GaugeMetricFamily(
                "goeswith_catalog_age_seconds",
                "Age of the catalogue file that serves.",
                value=max(0.0, time.time() - live.catalog_modified_at),
            )
