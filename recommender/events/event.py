"""What a line of the event log holds.

Every line is an object with `type`, `at` and `received_at` (ISO 8601 in UTC), and `visitor_id`, `customer_id` or both.
`view`, `click`, `add` and `order` are told by the shop; `exposure` by the service itself: that a visitor of an
experiment was shown suggestions, or would have been.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

KINDS = ("view", "click", "add", "order")
EXPOSURE = "exposure"
MAX_EVENT_ITEMS = 1_000


@dataclass(frozen=True)
class Exposure:
    """A visitor of an experiment asked for suggestions where there were some.

    Attributes
    ----------
    at : ISO 8601 in UTC.  visitor_id, customer_id : the unit of the experiment is the visitor where both are known.
    share : of the visitors that the arm gets.  show : False where it is shown nothing.
    objective : what the arm's order serves, None for the placement's own.
    items : suggestions that were shown, or held back, best first.
    """

    at: str
    visitor_id: str | None
    customer_id: str | None
    placement: str
    request_id: str
    model_id: str
    experiment: str
    arm: str
    share: float
    show: bool
    items: tuple[str, ...]
    objective: str | None = None

    def as_json(self) -> dict[str, Any]:
        values = {name: value for name, value in asdict(self).items() if value is not None}
        items = [{"item_id": item} for item in self.items]
        return {"type": EXPOSURE, "received_at": self.at, **values, "items": items}


def utc_text(time: datetime) -> str:
    """ISO 8601 to the millisecond in UTC, as text that sorts by time; naive means UTC.

    >>> utc_text(datetime.fromisoformat("2026-11-23T12:00:00+02:00"))
    '2026-11-23T10:00:00.000Z'
    """
    aware = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return aware.isoformat(timespec="milliseconds").replace("+00:00", "Z")
