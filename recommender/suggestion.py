"""What comes back for a cart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recommender.evidence import Reason


@dataclass(slots=True)
class Suggestion:
    """One suggested item; not frozen, which would take three times as long to make.

    Attributes
    ----------
    price : shop's currency, None where unknown.
    score : what its source ranked by, without a unit: a summed cosine, a product of factors, a number of baskets or
        an excess. It falls from place to place within one source; scores of two sources cannot be compared.
    probability : calibrated, None where it is not known.
    expected_profit : what the place is expected to earn (`recommender.worth`), shop's currency; None where the
        probability or the price is unknown. It is not what showing the item adds.
    profit_basis : where its cost comes from, one of `recommender.worth.PROFIT_BASES`; None beside no profit.
    incremental_profit : what showing the item adds; None unless both probabilities were measured or stated.
    quantity : pieces to offer.
    """

    item_id: str
    title: str
    price: float | None
    score: float
    reason: Reason
    probability: float | None = None
    expected_profit: float | None = None
    profit_basis: str | None = None
    incremental_profit: float | None = None
    quantity: int = 1
    preselected: bool = False
    requires_consent: bool = False

    def as_json(self, *, ready: bool = False) -> dict[str, Any]:
        """What HTTP and files carry; `ready` is for `compact_json` alone: the reason is written already."""
        reason = self.reason
        return {
            "item_id": self.item_id,
            "title": self.title,
            "price": self.price,
            "score": self.score,
            "probability": self.probability,
            "expected_profit": self.expected_profit,
            "profit_basis": self.profit_basis,
            "incremental_profit": self.incremental_profit,
            "quantity": self.quantity,
            "reason": reason.as_ready_json() if ready else reason.as_json(),
            "preselected": self.preselected,
            "requires_consent": self.requires_consent,
        }


@dataclass(slots=True)
class Answer:
    """The answer to one cart.

    Attributes
    ----------
    missing_items : ids of the cart that the model does not know.
    fallback : the last resort that was needed to fill the places, ``category`` or ``bestseller``; None where every
        place rests on the cart, on the customer or, for the placement ``trending``, on a trend.
    empty_because : one sentence where there is no suggestion.
    trace : every candidate and what became of it, where it was asked for: `recommender.merchandising.trace`.
    """

    placement: str
    suggestions: list[Suggestion]
    missing_items: list[str]
    fallback: str | None
    empty_because: str | None = None
    trace: Mapping[str, Any] | None = None

    def as_json(self, *, ready: bool = False) -> dict[str, Any]:
        """What HTTP and files carry; `ready` as of a suggestion."""
        value: dict[str, Any] = {
            "placement": self.placement,
            "suggestions": [suggestion.as_json(ready=ready) for suggestion in self.suggestions],
            "missing_items": self.missing_items,
            "fallback": self.fallback,
            "empty_because": self.empty_because,
        }
        return value if self.trace is None else value | {"trace": self.trace}
