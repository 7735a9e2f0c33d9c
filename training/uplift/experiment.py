"""An experiment judged: every arm beside the control, by what each visitor ordered since they were in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recommender.errors import UsageError
from recommender.events import utc_text
from training.uplift.compare import LEAST_BUYERS, LEAST_VISITORS, Difference, difference, share_mismatch

MEASURES = ("orders", "revenue", "profit")
LEAST_LUCK = 0.001
"""Arms that are this unlikely to be so uneven are not compared: something loses the visitors of one of them."""


def names(exposures: pd.DataFrame) -> list[str]:
    """Experiments of a log, the one with the newest exposure first."""
    return exposures.groupby("experiment")["at"].max().sort_values(ascending=False).index.tolist()


def judged(mine: pd.DataFrame, lines: pd.DataFrame, control: str) -> dict[str, Any]:
    """Visitors and means of each arm of one experiment, and what each brings more than `control`.

    Every visitor counts who was shown suggestions or would have been, from the first time on, ordered or not. Who was
    in two arms, as shares were changed under one name, is left out and counted.

    Parameters
    ----------
    mine : its exposures.  lines : of `Told`, with `revenue` and `profit`.
    """
    arms_of = mine.groupby("unit")["arm"].nunique()
    mixed = arms_of.index[arms_of > 1]
    units = mine[~mine["unit"].isin(mixed)].groupby("unit").agg(since=("at", "min"), arm=("arm", "first"))
    brought = _brought(units, lines)
    shares = mine.groupby("arm")["share"].last()
    values = {arm: brought[(units["arm"] == arm).to_numpy()] for arm in shares.index}
    counts = np.array([len(values[arm]) for arm in shares.index])
    luck = share_mismatch(counts, shares.to_numpy(np.float64)) if len(shares) > 1 and counts.sum() else 1.0
    others = [arm for arm in shares.index if arm != control]
    return {
        "name": str(mine["experiment"].iloc[0]),
        "control": control,
        "since": utc_text(mine["at"].min()),
        "visitors_in_two_arms": len(mixed),
        "luck_of_shares": luck,
        "arms": [
            {
                "arm": arm,
                "share": float(shares[arm]),
                "visitors": len(values[arm]),
                "ordered": int((values[arm]["orders"] > 0).sum()),
                **{measure: float(values[arm][measure].sum()) for measure in MEASURES},
            }
            for arm in [control, *others]
            if arm in values
        ],
        "differences": [
            _compared(arm, values[arm], values[control], luck, len(others)) for arm in others if control in values
        ],
    }


def _brought(units: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """A row a unit: orders since it was in the experiment, their revenue and profit; zeros where there is none."""
    joined = lines.merge(units["since"].reset_index(), on="unit")
    later = joined[joined["at"] >= joined["since"]]
    sums = later.groupby("unit").agg(
        orders=("order_id", "nunique"), revenue=("revenue", "sum"), profit=("profit", "sum")
    )
    return sums.reindex(units.index).fillna(0.0).astype(np.float64)


def _compared(arm: str, mine: pd.DataFrame, control: pd.DataFrame, luck: float, arms: int) -> Mapping[str, Any]:
    if min(len(mine), len(control)) < LEAST_VISITORS:
        return {"arm": arm, "verdict": "too-few-visitors", "least": LEAST_VISITORS}
    if (mine["orders"] > 0).sum() + (control["orders"] > 0).sum() < LEAST_BUYERS:
        return {"arm": arm, "verdict": "too-few-buyers", "least": LEAST_BUYERS}
    found = {measure: difference(_column(mine, measure), _column(control, measure), arms) for measure in MEASURES}
    verdict = "uneven-arms" if luck < LEAST_LUCK else _verdict(found["profit"])
    return {"arm": arm, "verdict": verdict, **{measure: asdict(told) for measure, told in found.items()}}


def _column(values: pd.DataFrame, measure: str) -> NDArray[np.float64]:
    return values[measure].to_numpy(np.float64)


def _verdict(found: Difference) -> str:
    if found.always_low > 0:
        return "gain"
    return "loss" if found.always_high < 0 else "not-yet-known"


def control_of(exposures: pd.DataFrame, asked: str | None) -> str:
    """The arm of one experiment to compare with: the one asked for, else the one that is shown nothing, else the first.

    Raises ``UsageError`` for an arm that the experiment has not.
    """
    arms = sorted(exposures["arm"].unique())
    if asked is not None and asked not in arms:
        raise UsageError(f"--control {asked}: the experiment has no such arm; there are {', '.join(arms)}")
    shown_nothing = exposures.loc[exposures["show"].eq(False), "arm"]
    return asked or (str(shown_nothing.iloc[0]) if len(shown_nothing) else arms[0])
