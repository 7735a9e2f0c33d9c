"""The fields of events and their bounds."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, cast

from pydantic import AfterValidator, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from recommender.events import KINDS, MAX_EVENT_ITEMS, utc_text
from service.limits import MAX_EVENTS, MAX_ID_LENGTH, MAX_PRICE, MAX_QUANTITY
from service.schemas import Answered, Fields, ItemId, Time, shape_of_entry


def _is_kind(kind: str) -> str:
    if kind not in KINDS:
        raise PydanticCustomError("event_type", "no such event; there are {names}", {"names": ", ".join(KINDS)})
    return kind


Kind = Annotated[str, AfterValidator(_is_kind), Field(json_schema_extra={"enum": cast("Any", list(KINDS))})]
Id = Annotated[str, Field(min_length=1, max_length=MAX_ID_LENGTH)]


class EventLine(Fields):
    """An item of an event; of an order with what was paid for a piece."""

    item_id: ItemId
    quantity: Annotated[float, Field(gt=0, le=MAX_QUANTITY, allow_inf_nan=False)] = 1
    unit_price: Annotated[float, Field(ge=0, le=MAX_PRICE, allow_inf_nan=False)] | None = None


EventEntry = Annotated[
    Annotated[ItemId, Tag("<id>")] | Annotated[EventLine, Tag("<line>")],
    Discriminator(
        shape_of_entry,
        custom_error_type="cart_entry",
        custom_error_message="expected an item id in quotes or an object with item_id, quantity and unit_price",
    ),
]


class EventDocument(Fields):
    """One thing that a visitor did."""

    type: Kind
    visitor_id: Id | None = Field(None, description="The visitor, as in the request for suggestions.")
    customer_id: Id | None = Field(None, description="The customer; needs the secret key where keys are set.")
    at: Time | None = Field(None, description="When it happened, naive means UTC; by default when it arrives.")
    items: Annotated[list[EventEntry], Field(max_length=MAX_EVENT_ITEMS)] = Field([])
    placement: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    request_id: Annotated[str, Field(min_length=1, max_length=128)] | None = Field(
        None, description="Of the answer that showed the items."
    )
    order_id: Id | None = Field(None, description="Of an order; one that is told twice counts once.")
    event_id: Id | None = Field(None, description="The sender's own; one that is told twice counts once.")

    def as_json(self, received_at: datetime) -> dict[str, Any]:
        """The line of the log."""
        at = self.at or received_at
        told = self.model_dump(exclude_none=True, exclude={"at", "items"})
        entries = [EventLine(item_id=entry) if isinstance(entry, str) else entry for entry in self.items]
        told["items"] = [entry.model_dump(exclude_none=True) for entry in entries]
        return {"at": utc_text(at), "received_at": utc_text(received_at), **told}


class EventsRequest(Fields):
    """Events, written all or none."""

    events: Annotated[list[EventDocument], Field(min_length=1, max_length=MAX_EVENTS)]


class AcceptedDocument(Answered):
    """How many events were written."""

    accepted: int
    request_id: str
