"""What a request says that policies go by; what it does not say is not assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from recommender.cart import Cart

MAJORITY = 18


@dataclass(frozen=True)
class Visitor:
    """Who asks.

    Attributes
    ----------
    region : in upper case, empty where it is not told.
    adult : whether the request says so, or tells an age of 18 years and does not deny it.
    age : years; 18 for an adult without an age, 0 where neither is told.
    """

    region: str = ""
    adult: bool = False
    age: float = 0.0

    @classmethod
    def of(cls, context: Mapping[str, Any] | None) -> Visitor:
        """From a request's ``context``: its ``region`` (letter case aside), ``adult`` and ``age``.

        >>> Visitor.of({"region": "de", "adult": True})
        Visitor(region='DE', adult=True, age=18.0)
        """
        if not context:
            return _NOBODY
        region, age = context.get("region"), context.get("age")
        years = float(age) if isinstance(age, int | float) and not isinstance(age, bool) else 0.0
        told = context.get("adult")
        adult = told is True or (told is None and years >= MAJORITY)
        if not adult:
            years = min(years, MAJORITY - 1.0)
        return cls(region.upper() if isinstance(region, str) else "", adult, max(years, MAJORITY * float(adult)))


_NOBODY = Visitor()


@dataclass(slots=True)
class Asked:
    """One request as a policy sees it.

    Attributes
    ----------
    placement : its name.  base : the built-in placement that fills it.
    exclude : ids that the page shows already.  at : time of the cart, None for the time of the clock.
    """

    placement: str
    base: str
    cart: Cart
    exclude: Sequence[str] = ()
    visitor: Visitor = field(default_factory=Visitor)
    at: datetime | None = None
