"""What selling one more piece of an item is worth: the expected profit of a place, and how sure its cost is.

With r the share of pieces that come back, the worth of offering an item that is bought with probability p at a discount
d is ``V(p, d) = p * ((1 - r) * (price - d - cost) - r * return_cost)``. It is the profit that is expected of the place,
not the profit that the offer *adds*: most buyers would have bought without it. What an offer adds needs both
probabilities, with it and without it (`incremental_profit`), and those are measured in a holdout or stated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.catalog import Catalog

PROFIT_BASES = ("cost", "category-margin", "revenue")
LEAST_KNOWN_COSTS = 3
_LEAST_MARGIN = -100.0
_COST, _MARGIN, _REVENUE = range(len(PROFIT_BASES))


@dataclass(frozen=True)
class Worth:
    """What a sold piece of each item brings, returns included.

    Attributes
    ----------
    price : float64 (items,), shop's currency, NaN unknown.
    cost : float64 (items,), known or taken from the category's margin; 0 where nothing is known of any cost.
    return_rate : float64 (items,), share of pieces that come back.
    return_cost : what a returned piece costs the shop, shop's currency.
    basis : uint8 (items,), place in `PROFIT_BASES`: where the cost comes from.
    profit : float64 (items,), ``V(1, 0)``, NaN where the price is unknown; may be negative.
    revenue : float64 (items,), ``(1 - r) * price``, NaN where the price is unknown.
    """

    price: NDArray[np.float64]
    cost: NDArray[np.float64]
    return_rate: NDArray[np.float64]
    return_cost: float
    basis: NDArray[np.uint8]
    profit: NDArray[np.float64]
    revenue: NDArray[np.float64]

    def basis_of(self, rows: NDArray[np.integer]) -> str:
        """The weakest basis among items, int (items,): what a sum over them rests on.

        >>> worth = worth_of_pieces([10.0, 8.0], [6.0, 4.0], [0.0, 0.0], basis=[0, 1])
        >>> worth.basis_of(np.array([0])), worth.basis_of(np.array([0, 1]))
        ('cost', 'category-margin')
        """
        return PROFIT_BASES[int(self.basis[rows].max(initial=_COST))]


def expected_profit(
    probability: float, price: float, cost: float, return_rate: float, discount: float = 0.0, return_cost: float = 0.0
) -> float:
    """``V(p, d)``; price, cost, discount and return cost are money of one piece.

    >>> round(expected_profit(0.1, price=20, cost=12, return_rate=0.25, discount=2, return_cost=4), 6)
    0.35
    """
    return probability * ((1 - return_rate) * (price - discount - cost) - return_rate * return_cost)


def incremental_profit(
    with_offer: float,
    without_offer: float,
    price: float,
    cost: float,
    return_rate: float,
    discount: float = 0.0,
    return_cost: float = 0.0,
) -> float:
    """``V(p1, d) - V(p0, 0)``: what an offer adds, of probabilities that were measured in a holdout or stated.

    >>> round(incremental_profit(0.12, 0.10, price=20, cost=12, return_rate=0, discount=1), 6)
    0.04
    """
    offered = expected_profit(with_offer, price, cost, return_rate, discount, return_cost)
    return offered - expected_profit(without_offer, price, cost, return_rate, 0.0, return_cost)


def return_cost_of(config: Mapping[str, Any]) -> float:
    """What a returned piece costs the shop, of a model's configuration.

    >>> return_cost_of({"worth": {"return_cost": 4}}), return_cost_of({})
    (4.0, 0.0)
    """
    return float(config.get("worth", {}).get("return_cost", 0.0))


def worth_of(catalog: Catalog, return_cost: float = 0.0) -> Worth:
    """What every item of a catalog brings.

    A missing cost is taken from the median margin (of price) of the nearest category with at least three known costs,
    the whole shop last; where the shop does not know three costs, the price counts as profit.
    """
    price = np.where(catalog.price > 0, catalog.price, np.nan)
    known = ~np.isnan(catalog.cost) & ~np.isnan(price)
    margin = np.full(len(catalog), np.nan)
    with np.errstate(over="ignore"):
        margin[known] = np.maximum(1 - catalog.cost[known] / price[known], _LEAST_MARGIN)
    assumed = price * (1 - _margins_of_categories(catalog, margin)[catalog.item_category])
    cost = np.where(np.isnan(catalog.cost), assumed, catalog.cost)
    basis = np.where(np.isnan(catalog.cost), np.where(np.isnan(assumed), _REVENUE, _MARGIN), _COST).astype(np.uint8)
    return worth_of_pieces(price, np.nan_to_num(cost), catalog.return_rate, return_cost, basis)


def worth_of_pieces(
    price: NDArray[np.float64] | list[float],
    cost: NDArray[np.float64] | list[float],
    return_rate: NDArray[np.floating] | list[float],
    return_cost: float = 0.0,
    basis: NDArray[np.uint8] | list[int] | None = None,
) -> Worth:
    """`Worth` of items whose costs are settled; each array is of shape (items,).

    >>> worth_of_pieces([20.0], [12.0], [0.25], return_cost=4.0).profit.tolist()
    [5.0]
    """
    prices, costs = np.asarray(price, np.float64), np.asarray(cost, np.float64)
    rates = np.asarray(return_rate, np.float64)
    bases = np.zeros(len(prices), np.uint8) if basis is None else np.asarray(basis, np.uint8)
    kept = 1 - rates
    profit = kept * (prices - costs) - rates * return_cost
    return Worth(prices, costs, rates, return_cost, bases, profit, kept * prices)


def _margins_of_categories(catalog: Catalog, margin: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (categories + 1,): median known margin of each branch, of the nearest one above where it has too few;
    the last entry is the whole shop's."""
    parents = np.append(catalog.category_parent, -1)
    shop = len(catalog.categories)
    found = np.flatnonzero(~np.isnan(margin))
    at = catalog.item_category[found].astype(np.int64)
    margins, places = [margin[found]], [np.full(len(found), shop)]
    while len(found):
        found, at = found[at >= 0], at[at >= 0]
        margins.append(margin[found])
        places.append(at)
        at = parents[at].astype(np.int64)
    medians = _medians(np.concatenate(places), np.concatenate(margins), shop + 1)
    above = np.where(parents >= 0, parents, shop)
    while True:
        filled = np.where(np.isnan(medians), medians[above], medians)
        if np.array_equal(filled, medians, equal_nan=True):
            return filled
        medians = filled


def _medians(places: NDArray[np.int64], values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Median of the values of each place, NaN where there are fewer than `LEAST_KNOWN_COSTS`."""
    places = places.astype(np.min_scalar_type(count))
    order = np.argsort(values)
    order = order[np.argsort(places[order], kind="stable")]
    values = values[order]
    starts = np.searchsorted(places[order], np.arange(count + 1, dtype=places.dtype))
    sizes = np.diff(starts)
    medians = np.full(count, np.nan)
    enough = sizes >= LEAST_KNOWN_COSTS
    low = starts[:-1][enough] + (sizes[enough] - 1) // 2
    high = starts[:-1][enough] + sizes[enough] // 2
    medians[enough] = (values[low] + values[high]) / 2
    return medians
