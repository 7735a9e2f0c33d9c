"""What showing an item adds, where it is known how much likelier it makes a purchase."""

from __future__ import annotations

from collections.abc import Iterable

from recommender.suggestion import Suggestion


def tell_increments(suggestions: Iterable[Suggestion], lift: float) -> None:
    """Give each suggestion of known probability and profit its `incremental_profit`.

    It is ``V(p1, 0) - V(p0, 0)`` of `recommender.worth`: p0 the probability, learned of orders without the offer, and
    ``p1 = min(1, lift * p0)``.

    Parameters
    ----------
    lift : p1 / p0 of the placement, measured in a holdout or stated by the merchant, above 0.
    """
    for suggestion in suggestions:
        chance, expected = suggestion.probability, suggestion.expected_profit
        if chance and expected is not None:
            suggestion.incremental_profit = (min(1.0, lift * chance) / chance - 1) * expected
