"""How much likelier showing an item makes its purchase: of what was shown, and of what was held back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import pandas as pd

LEAST_BOUGHT = 20
_NORMAL_975 = 1.959964


class Taken(NamedTuple):
    """Suggestions, and how many of them were ordered.

    Attributes
    ----------
    variance : of `share`, over visitors: suggestions of one visitor go together.
    """

    suggestions: int
    bought: int
    share: float
    variance: float


def lifts(mine: pd.DataFrame, lines: pd.DataFrame, control: str, window: timedelta) -> list[Mapping[str, Any]]:
    """One entry a placement of an experiment whose control is shown nothing; none for any other.

    Of each visitor the suggestions of the first exposure at the placement count; bought is what the same visitor
    ordered within `window` of it. Arms count whose order serves what the control's would. `lift` is the ratio of the
    two shares with its 95% interval, by the delta method on its logarithm; null below 20 bought on either side.

    Parameters
    ----------
    mine : exposures of one experiment.  lines : of `Told`.
    """
    held_back = mine[mine["arm"] == control]
    if held_back["show"].any() or not len(held_back):
        return []
    objective = held_back["objective"].fillna("").iloc[-1]
    shown = mine[mine["show"].eq(True) & mine["objective"].fillna("").eq(objective)]
    return [
        _entry(
            placement, _taken(_at(shown, placement), lines, window), _taken(_at(held_back, placement), lines, window)
        )
        for placement in sorted(held_back["placement"].dropna().unique())
    ]


def _at(exposures: pd.DataFrame, placement: str) -> pd.DataFrame:
    here = exposures[exposures["placement"].eq(placement) & exposures["item_id"].notna()]
    return here[here["event"].eq(here.groupby("unit")["event"].transform("min"))]


def _taken(shown: pd.DataFrame, lines: pd.DataFrame, window: timedelta) -> Taken:
    if not len(shown):
        return Taken(0, 0, 0.0, 0.0)
    ordered = shown.merge(lines[["unit", "item_id", "at"]], on=["unit", "item_id"], suffixes=("", "_ordered"))
    in_time = (ordered["at_ordered"] >= ordered["at"]) & (ordered["at_ordered"] <= ordered["at"] + window)
    bought = ordered[in_time].drop_duplicates(["unit", "item_id"]).groupby("unit").size()
    suggested = shown.groupby("unit").size()
    got = bought.reindex(suggested.index).fillna(0.0)
    share = float(got.sum() / suggested.sum())
    variance = float(((got - share * suggested) ** 2).sum() / suggested.sum() ** 2)
    return Taken(int(suggested.sum()), int(got.sum()), share, variance)


def _entry(placement: str, shown: Taken, held_back: Taken) -> Mapping[str, Any]:
    lift, low, high = None, None, None
    if min(shown.bought, held_back.bought) >= LEAST_BOUGHT:
        lift = shown.share / held_back.share
        error = math.sqrt(shown.variance / shown.share**2 + held_back.variance / held_back.share**2)
        low, high = lift * math.exp(-_NORMAL_975 * error), lift * math.exp(_NORMAL_975 * error)
    return {
        "placement": placement,
        "shown": shown.suggestions,
        "bought": shown.bought,
        "with_offer": shown.share,
        "held_back": held_back.suggestions,
        "bought_anyway": held_back.bought,
        "without_offer": held_back.share,
        "lift": lift,
        "lift_low": low,
        "lift_high": high,
    }
