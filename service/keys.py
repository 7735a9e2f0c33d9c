"""Who may ask what: the publishable key for carts from web pages, the secret key for everything."""

from __future__ import annotations

import hmac
from collections.abc import Container, Mapping
from enum import IntEnum
from typing import Protocol

from recommender.filters.fields import MERCHANTS_FIELDS
from service.config import ServiceConfig
from service.problems import KEY_NOT_ENOUGH, NO_KEY, Problem


class Headers(Protocol):
    """The headers of a request."""

    def get(self, key: str, /) -> str | None: ...


class Access(IntEnum):
    """What a request may do; a higher one may do all that a lower one may."""

    OPEN = 0
    PUBLISHABLE = 1
    SECRET = 2


_NEEDED: Mapping[str, Access] = {
    "/healthz": Access.OPEN,
    "/readyz": Access.OPEN,
    "/openapi/openapi.json": Access.OPEN,
    "/static/<name>": Access.OPEN,
    "/console/": Access.OPEN,
    "/shop/": Access.OPEN,
    "/shop/items": Access.PUBLISHABLE,
    "/shop/items/<path:item_id>": Access.PUBLISHABLE,
    "/v1/suggestions": Access.PUBLISHABLE,
    "/v1/events": Access.PUBLISHABLE,
    "/v1/items/<path:item_id>/suggestions": Access.PUBLISHABLE,
    "/v1/items/<path:item_id>/bundle": Access.PUBLISHABLE,
}


def needed(rule: str) -> Access:
    """What the route `rule` asks for where keys are set; a route that is not named here asks for the secret key."""
    return _NEEDED.get(rule, Access.SECRET)


def granted(config: ServiceConfig, headers: Headers) -> Access:
    """What a request's key allows; everything where no keys are set. Keys are compared in constant time."""
    if not config.has_keys:
        return Access.SECRET
    given = _given(headers)
    access = Access.OPEN
    for key, allows in ((config.publishable_key, Access.PUBLISHABLE), (config.secret_key, Access.SECRET)):
        if key and hmac.compare_digest(given, key.encode()):
            access = allows
    return access


def check_access(access: Access, need: Access) -> None:
    """Raises ``Problem`` (401 without a valid key, 403 with one that does not suffice)."""
    if access >= need:
        return
    if access is Access.OPEN:
        raise Problem(
            NO_KEY,
            "send a valid key as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'",
            headers={"WWW-Authenticate": 'Bearer realm="goeswith"'},
        )
    raise Problem(KEY_NOT_ENOUGH, "the publishable key is not enough here; ask from a server with the secret key")


def check_customer(access: Access, customer_id: str | None) -> None:
    """Raises ``Problem`` where a request names a customer without the secret key."""
    if customer_id is not None and access < Access.SECRET:
        detail = "customer_id: needs the secret key; leave it out or ask from a server with the secret key"
        raise Problem(KEY_NOT_ENOUGH, detail)


def check_orders(access: Access, has_orders: bool) -> None:
    """Raises ``Problem`` where orders are told without the secret key: a stranger could make them up."""
    if has_orders and access < Access.SECRET:
        raise Problem(KEY_NOT_ENOUGH, "type: order needs the secret key; tell orders from the shop's own server")


def check_filter(access: Access, names: Container[str]) -> None:
    """Raises ``Problem`` where a filter asks for the merchant's own figures without the secret key."""
    told = ", ".join(sorted(name for name in MERCHANTS_FIELDS if name in names))
    if told and access < Access.SECRET:
        raise Problem(KEY_NOT_ENOUGH, f"filter: {told}: needs the secret key; ask from a server, or leave it out")


def check_objective(access: Access, objective: str | None) -> None:
    """Raises ``Problem`` where an order would tell the merchant's margins without the secret key."""
    if objective == "profit" and access < Access.SECRET:
        raise Problem(KEY_NOT_ENOUGH, "objective: profit needs the secret key; ask from a server, or leave it out")


def check_trace(access: Access, trace: bool) -> None:
    """Raises ``Problem`` where a request asks for a trace, which tells the merchant's rules, without the secret key."""
    if trace and access < Access.SECRET:
        raise Problem(KEY_NOT_ENOUGH, "trace: needs the secret key; leave it out, or ask from a server")


def _given(headers: Headers) -> bytes:
    key = headers.get("X-API-Key")
    if key is None:
        scheme, _, value = (headers.get("Authorization") or "").partition(" ")
        key = value.strip() if scheme.lower() == "bearer" else ""
    return key.encode("latin-1", "replace")
