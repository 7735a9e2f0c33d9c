"""What the service writes down: the events that it is told, and the visitors of an experiment that it answered."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from recommender.events import EventLog, Exposure
from recommender.events.event import EXPOSURE
from service.logs import log
from service.metrics import Metrics

_REMEMBERED = 200_000


class Events:
    """The event log of one worker, and whom it has written down already."""

    def __init__(self, folder: Path, metrics: Metrics) -> None:
        self._log, self._metrics = EventLog(folder), metrics
        self._exposed: set[tuple[str, str, str]] = set()
        self._lock = Lock()

    def append(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Write events that were told; raises ``OSError``."""
        kinds = [str(event["type"]) for event in events]
        try:
            self._log.append(events)
        except OSError:
            self._metrics.events(kinds, kept=False)
            raise
        self._metrics.events(kinds, kept=True)

    def expose(self, unit: str, exposure: Exposure) -> None:
        """Write down that a visitor was answered, the first time at a placement of an experiment.

        A log that cannot be written is told by metrics and the service's log; the visitor's answer does not wait.
        """
        told = (exposure.experiment, exposure.placement, unit)
        with self._lock:
            if told in self._exposed:
                return
            if len(self._exposed) >= _REMEMBERED:
                self._exposed.clear()
            self._exposed.add(told)
        try:
            self.append([exposure.as_json()])
        except OSError as error:
            with self._lock:
                self._exposed.discard(told)
            log(logging.ERROR, "exposure not kept", reason=str(error), type=EXPOSURE)
