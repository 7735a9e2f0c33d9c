"""What one request may ask for at most; `docs/http.md` lists the same figures."""

from __future__ import annotations

MAX_BODY_BYTES = 256 * 1024
MAX_HEAD_BYTES = 128 * 1024
MAX_JSON_DEPTH = 20
MAX_CART_ITEMS = 1_000
MAX_EXCLUDED_ITEMS = 1_000
MAX_ID_LENGTH = 256
MAX_QUANTITY = 1_000_000
MAX_CONTEXT_ENTRIES = 50
MAX_REPORTED_FIELDS = 1_000
MAX_EVENTS = 1_000
MAX_PRICE = 1_000_000_000
