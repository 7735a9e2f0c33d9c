"""What was clicked and then ordered, by placement. That is no uplift: much of it would have been bought anyway."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pandas as pd


def by_placement(touches: pd.DataFrame, lines: pd.DataFrame, window: timedelta) -> list[Mapping[str, Any]]:
    """One entry a placement, the one that sold most first.

    A line of an order belongs to the last suggestion of its item that the same visitor clicked or put into the cart, at
    most `window` before the order. `views` counts answers of which items were seen, each once: a view without
    items tells that nothing was shown.

    Parameters
    ----------
    touches, lines : of `Told`, lines with `revenue` and `profit`.
    """
    named = touches.assign(placement=touches["placement"].fillna("not told"))
    sold = _sold_after_a_touch(named[named["type"].isin(["click", "add"])], lines, window)
    entries = [
        {
            "placement": placement,
            "views": _answers(mine[(mine["type"] == "view") & mine["item_id"].notna()]),
            "clicks": int((mine["type"] == "click").sum()),
            "adds": int((mine["type"] == "add").sum()),
            "orders": int(bought["order_id"].nunique()),
            "revenue": float(bought["revenue"].sum()),
            "profit": float(bought["profit"].sum()),
        }
        for placement, mine in named.groupby("placement")
        for bought in [sold[sold["placement"] == placement]]
    ]
    return sorted(entries, key=lambda entry: (-entry["revenue"], -entry["views"], entry["placement"]))


def _answers(views: pd.DataFrame) -> int:
    """Views of an answer, its items told in one event or in several; a view that names no answer is one of its own."""
    named = views["request_id"].notna()
    return int(views.loc[named, "request_id"].nunique() + views.loc[~named, ["unit", "at"]].drop_duplicates().shape[0])


def _sold_after_a_touch(touches: pd.DataFrame, lines: pd.DataFrame, window: timedelta) -> pd.DataFrame:
    touched = touches.loc[touches["item_id"].notna(), ["at", "unit", "item_id", "placement"]]
    joined = pd.merge_asof(
        lines.sort_values("at"),
        touched.sort_values("at"),
        on="at",
        by=["unit", "item_id"],
        direction="backward",
        tolerance=pd.Timedelta(window),
    )
    return joined[joined["placement"].notna()]
