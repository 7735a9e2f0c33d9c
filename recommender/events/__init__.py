"""What visitors did with suggestions: one line of JSON an event, one file a day, in a folder of the store."""

from recommender.events.event import KINDS, MAX_EVENT_ITEMS, Exposure, utc_text
from recommender.events.log import EventLog, EventsFullError, event_files

__all__ = ["KINDS", "MAX_EVENT_ITEMS", "EventLog", "EventsFullError", "Exposure", "event_files", "utc_text"]
