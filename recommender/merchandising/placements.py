"""Placements as the merchant sets them up: the built-in ones, and those that the shop names on top of them."""

from __future__ import annotations

from dataclasses import dataclass

OBJECTIVES = ("probability", "revenue", "profit")


@dataclass(frozen=True)
class PlacementPolicy:
    """How one placement is filled.

    Attributes
    ----------
    name : what requests call it: a built-in placement, or a name of the shop's own.
    base : the built-in placement whose candidates fill it; `name` itself for a built-in one.
    k : most suggestions that it shows, None for as many as are asked for.
    objective : what its order serves, one of `OBJECTIVES`.
    lift : how many times likelier showing an item makes its purchase, measured or stated; None where nobody knows.
    relevance_floor : 0 to 1, the share of the best candidate's probability below which no worth lifts an item.
    """

    name: str
    base: str
    k: int | None = None
    objective: str = "probability"
    relevance_floor: float = 0.0
    lift: float | None = None
