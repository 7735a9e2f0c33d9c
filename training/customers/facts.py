"""What each customer did so far: orders, visits, money, returns. Nothing is guessed here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.worth import PROFIT_BASES, Worth
from training.baskets import Baskets
from training.customers.bg_nbd import Visits

Array = NDArray[np.float64]
_DAY = 86_400
_COST = PROFIT_BASES.index("cost")


@dataclass(frozen=True)
class Facts:
    """The past, of each customer; every array has the shape (customers,).

    Attributes
    ----------
    orders : float64, those of which something was kept.
    visits : float64, days with an order; the same as orders where the shop tells no times.
    first, last : int64, days since 1970 of the first and the last visit; zeros where the shop tells no times.
    revenue : float64, what they paid for what they kept, NaN where no price of it is known.
    profit : float64, of that, less its cost and the cost of returns, NaN as `revenue`.
    basis : uint8, place in `recommender.worth.PROFIT_BASES`, the weakest of what they kept.
    return_rate : float64, share of their pieces that came back.
    end : the last day of all orders, days since 1970; None where the shop tells no times.
    """

    orders: Array
    visits: Array
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    revenue: Array
    profit: Array
    basis: NDArray[np.uint8]
    return_rate: Array
    end: int | None

    def __len__(self) -> int:
        return len(self.orders)

    @property
    def has_money(self) -> bool:
        return bool(np.isfinite(self.profit).any())

    @property
    def days_since(self) -> Array:
        """float64 (customers,): days from the last visit to the end of the orders."""
        return ((self.end or 0) - self.last).astype(np.float64)

    def seen(self) -> Visits:
        """What the model of visits sees."""
        return Visits(
            self.visits - 1,
            (self.last - self.first).astype(np.float64),
            ((self.end or 0) - self.first).astype(np.float64),
        )


def facts_of(baskets: Baskets, worth: Worth, sold: Array, returned: Array) -> Facts:
    """The past of every customer.

    Orders of one day are one visit: files with dates alone and files with times then say the same. A line's own price
    and cost count; where it has none, the item's (docs/worth.md).

    Parameters
    ----------
    worth : of the items of `baskets`.
    sold, returned : float64 (customers,), pieces that went out and that came back; each costs `worth.return_cost`.
    """
    number = len(baskets.customer_ids)
    known = np.flatnonzero(baskets.customers >= 0)
    owners = baskets.customers[known]
    revenue, profit, basis = _money(baskets, worth)
    visits, first, last, end = _visits(baskets, known)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(sold > 0, np.minimum(returned, sold) / sold, np.nan)
    return Facts(
        orders=np.bincount(owners, minlength=number).astype(np.float64),
        visits=visits,
        first=first,
        last=last,
        revenue=revenue,
        profit=profit - worth.return_cost * returned,
        basis=basis,
        return_rate=rate,
        end=end,
    )


def _money(baskets: Baskets, worth: Worth) -> tuple[Array, Array, NDArray[np.uint8]]:
    """Revenue, profit before the cost of returns, and basis of each customer."""
    number = len(baskets.customer_ids)
    owners = np.repeat(baskets.customers, baskets.sizes)
    price = np.where(np.isnan(baskets.prices), worth.price[baskets.items], baskets.prices)
    told = np.flatnonzero((owners >= 0) & np.isfinite(price))
    owners, items = owners[told], baskets.items[told]
    pieces, paid, own = baskets.quantities[told].astype(np.float64), price[told], baskets.costs[told]
    cost = np.where(np.isnan(own), worth.cost[items], own)
    bases = np.where(np.isnan(own), worth.basis[items], _COST).astype(np.uint8)
    nothing = np.bincount(owners, minlength=number) == 0
    revenue = np.bincount(owners, pieces * paid, number).astype(np.float64)
    profit = np.bincount(owners, pieces * (paid - cost), number).astype(np.float64)
    basis = np.zeros(number, np.uint8)
    for place in range(1, len(PROFIT_BASES)):
        basis[owners[bases == place]] = place
    revenue[nothing], profit[nothing], basis[nothing] = np.nan, np.nan, len(PROFIT_BASES) - 1
    return revenue, profit, basis


def _visits(
    baskets: Baskets, known: NDArray[np.int64]
) -> tuple[Array, NDArray[np.int64], NDArray[np.int64], int | None]:
    """Visits, first and last day of each customer, and the last day of all."""
    number = len(baskets.customer_ids)
    first, last = np.zeros(number, np.int64), np.zeros(number, np.int64)
    if not baskets.has_times:
        orders = np.bincount(baskets.customers[known], minlength=number)
        return orders.astype(np.float64), first, last, None
    known = known[np.argsort(baskets.customers[known], kind="stable")]  # orders come in the order of time
    owners, days = baskets.customers[known], baskets.times[known] // _DAY
    opens = np.append(True, owners[1:] != owners[:-1])
    first[owners[opens]] = days[opens]
    last[owners[np.append(opens[1:], True)]] = days[np.append(opens[1:], True)]
    new_day = opens | np.append(True, days[1:] != days[:-1])
    visits = np.bincount(owners[new_day], minlength=number).astype(np.float64)
    return visits, first, last, int(baskets.times.max() // _DAY)
