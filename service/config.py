"""How the service is set up, and which set-ups are refused."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from pathlib import Path

from recommender.errors import UsageError
from service.limits import MAX_BODY_BYTES

_ORIGIN = re.compile(r"https?://[^/?#\s,]+", re.IGNORECASE)


@dataclass(frozen=True)
class ServiceConfig:
    """The set-up of one service.

    Attributes
    ----------
    store : folder of the models.
    catalog : catalogue file whose stock, price and active are served, or None for those of the model.
    publishable_key : key for web pages, good for carts without a customer; None where there is none.
    secret_key : key for servers, good for everything.
    cors_origins : origins whose pages may ask from a browser, ``*`` for all.
    max_body_bytes : longest body of a request, in bytes.
    watch_seconds : time between two looks at the store, the catalogue file and the policy.
    policy : policy file, or None.
    events : folder of the event log; by default ``events`` in the store.
    shop : whether the demo storefront is there; None where no keys are set.
    """

    store: Path
    catalog: Path | None = None
    publishable_key: str | None = None
    secret_key: str | None = None
    cors_origins: tuple[str, ...] = ()
    max_body_bytes: int = MAX_BODY_BYTES
    watch_seconds: float = 1.0
    policy: Path | None = None
    events: Path | None = None
    shop: bool | None = None

    def __post_init__(self) -> None:
        """Raises ``UsageError`` for keys or origins that cannot be meant."""
        if self.secret_key and self.secret_key == self.publishable_key:
            raise UsageError(
                "the publishable and the secret key are the same: web pages would hold the secret; choose two keys"
            )
        for origin in self.cors_origins:
            if origin != "*" and not _ORIGIN.fullmatch(origin):
                raise UsageError(
                    f"CORS origin {origin!r}: expected scheme and host without a path, as in https://shop.example"
                )
        if self.shop and self.secret_key and not self.publishable_key:
            raise UsageError(
                "the demo storefront asks from browsers, with the publishable key: set GOESWITH_PUBLISHABLE_KEY, too, "
                "or say --no-shop"
            )
        if self.max_body_bytes < 1:
            raise UsageError(f"longest body {self.max_body_bytes}: expected 1 byte or more")

    @property
    def events_folder(self) -> Path:
        return self.events or self.store / "events"

    @property
    def has_keys(self) -> bool:
        """Whether requests need a key at all."""
        return bool(self.publishable_key or self.secret_key)

    @property
    def has_shop(self) -> bool:
        """Whether the demo storefront is there."""
        return not self.has_keys if self.shop is None else self.shop


def check_reach(host: str, *, has_keys: bool, is_open: bool) -> None:
    """Raises ``UsageError`` where a service without keys could be reached from other machines.

    >>> check_reach("127.0.0.1", has_keys=False, is_open=False)
    >>> check_reach("0.0.0.0", has_keys=True, is_open=False)
    """
    if has_keys or is_open or _is_loopback(host):
        return
    raise UsageError(
        f"host {host}: other machines could ask without a key; set GOESWITH_SECRET_KEY (and GOESWITH_PUBLISHABLE_KEY "
        "for web pages), bind to 127.0.0.1, or say --open"
    )


def _is_loopback(host: str) -> bool:
    try:
        addresses = {str(found[4][0]) for found in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return False
    return bool(addresses) and all(ipaddress.ip_address(address.split("%")[0]).is_loopback for address in addresses)
