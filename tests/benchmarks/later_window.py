"""A shop cut in time: a file of orders to train on, and carts of the last orders with one item hidden each.

The window is the last tenth of orders, whole days where orders have times, else in the order of the file. Orders of
fewer than two items that were sold before it ask nothing. Another seed draws other carts, if there are more than are
wanted, and hides other items; the orders to train on stay the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

_OURS = {"timestamp": "ordered_at", "order_date": "ordered_at"}
_COLUMNS = ("order_id", "item_id", "customer_id", "ordered_at", "quantity", "unit_price", "unit_cost")
_IDS = ("order_id", "item_id", "customer_id")


@dataclass(frozen=True)
class HiddenItem:
    """A cart, and the item that was taken out of it; `customer` and `at` are None where they are not known."""

    order: str
    items: tuple[str, ...]
    hidden: str
    customer: str | None
    at: str | None


def read_lines(path: Path) -> pd.DataFrame:
    """Lines of a Parquet or CSV file of orders, sold goods alone."""
    lines = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    lines = lines.rename(columns=_OURS)
    ids = [column for column in _IDS if column in lines]
    lines[ids] = lines[ids].astype("string")
    if "quantity" in lines:
        lines = lines[lines["quantity"] > 0]
    if "is_product" in lines:
        lines = lines[lines["is_product"]]
    if "ordered_at" in lines:
        lines["ordered_at"] = pd.to_datetime(lines["ordered_at"])
        lines = lines[lines["ordered_at"].notna()]
    return lines[[column for column in _COLUMNS if column in lines]].drop_duplicates(["order_id", "item_id"])


def cut(lines: pd.DataFrame, share: float = 0.1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The lines before the window, and those of the window whose items were sold before it."""
    if "ordered_at" in lines:
        first_time = lines.groupby("order_id", sort=False)["ordered_at"].min()
        days = first_time.dt.normalize()
        border = days.sort_values().iloc[int(len(days) * (1 - share))]
        before = set(first_time.index[days < border])
    else:
        orders = pd.unique(lines["order_id"])
        before = set(orders[: int(len(orders) * (1 - share))])
    earlier = lines["order_id"].isin(before)
    known = lines["item_id"].isin(set(lines.loc[earlier, "item_id"]))
    return lines[earlier], lines[~earlier & known]


def hide_one(later: pd.DataFrame, seed: int, most: int) -> list[HiddenItem]:
    """At most `most` orders of two items or more in random order, one item of each hidden."""
    orders = [order for _, order in later.groupby("order_id", sort=True) if len(order) > 1]
    random = np.random.default_rng(seed)
    return [_cart(orders[place], random) for place in random.permutation(len(orders))[:most]]


def _cart(order: pd.DataFrame, random: np.random.Generator) -> HiddenItem:
    items: list[str] = order["item_id"].tolist()
    place = int(random.choice(len(items)))
    first: dict[str, Any] = order.iloc[0].to_dict()
    customer, at = first.get("customer_id"), first.get("ordered_at")
    return HiddenItem(
        order=str(first["order_id"]),
        items=(*items[:place], *items[place + 1 :]),
        hidden=items[place],
        customer=None if pd.isna(customer) else str(customer),
        at=None if at is None else at.isoformat(),
    )
