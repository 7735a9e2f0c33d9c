"""What the lines of orders brought."""

from __future__ import annotations

import numpy as np
import pandas as pd

from recommender.catalog import Catalog
from recommender.worth import Worth


def with_money(lines: pd.DataFrame, catalog: Catalog, worth: Worth) -> tuple[pd.DataFrame, dict[str, int]]:
    """Lines with `revenue` and `profit` in the shop's currency, and how many lines lack what they need.

    A piece is sold at the price that the event tells, else at the catalogue's, and brings
    ``(1 - r) * (price - cost) - r * return_cost``. A line of an item that the model does not know brings no profit, one
    without a price no revenue either: both are counted.
    """
    rows = np.fromiter(
        (catalog.row(item) if item is not None else -1 for item in lines["item_id"]), np.int64, len(lines)
    )
    known = rows >= 0
    listed = np.where(known, worth.price[rows], np.nan)
    told = lines["unit_price"].to_numpy(np.float64)
    price = np.where(np.isnan(told), listed, told)
    rate = np.where(known, worth.return_rate[rows], np.nan)
    profit = (1 - rate) * (price - worth.cost[rows]) - rate * worth.return_cost
    quantity = lines["quantity"].to_numpy(np.float64)
    lacking = {"lines_without_price": int(np.isnan(price).sum()), "lines_of_unknown_items": int((~known).sum())}
    revenue, earned = np.nan_to_num(quantity * price), np.nan_to_num(quantity * profit)
    return lines.assign(revenue=revenue, profit=earned), lacking
