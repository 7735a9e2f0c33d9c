"""Bundles of the whole shop: sets of items that are sometimes bought together and often apart, and what they earn."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BUNDLE_WIDTH = 4
DISCOUNTS = (0.0, 0.05, 0.10, 0.15, 0.20)
VIEWS = 1000
_ID_DIGITS = 12


@dataclass(frozen=True)
class Bundles:
    """Candidates of the whole shop, the most promising first.

    Attributes
    ----------
    items : int32 (bundles, BUNDLE_WIDTH), item rows ascending, padded with -1; two to four a bundle.
    counts : int32 (bundles,), counted baskets that held all of them.
    apart : int32 (bundles,), counted baskets that held at least one of them, but not all.
    expected : float32 (bundles,), baskets with all of them that luck would have given.
    customers : int32 (bundles,), different customers among `counts`; a basket without a customer counts as one.
    """

    items: NDArray[np.int32]
    counts: NDArray[np.int32]
    apart: NDArray[np.int32]
    expected: NDArray[np.float32]
    customers: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.counts)

    @classmethod
    def none(cls) -> Bundles:
        """Of a shop without any."""
        whole, share = np.empty(0, np.int32), np.empty(0, np.float32)
        return cls(np.empty((0, BUNDLE_WIDTH), np.int32), whole, whole, share, whole)

    @property
    def probability(self) -> NDArray[np.float64]:
        """float64 (bundles,): of the baskets with at least one of the items, the share that held all.

        It stands for the probability that a view of one of them ends in the whole bundle, by somebody who buys at
        least one: orders do not tell how often a page was seen and nothing was bought.
        """
        return self.counts / np.maximum(self.counts + self.apart, 1)

    def rows(self, place: int) -> NDArray[np.int32]:
        """int32, the item rows of one bundle, ascending."""
        items = self.items[place]
        return items[items >= 0]


@dataclass(frozen=True)
class CountedSets:
    """Customers of the sets of three or four items that boxes hold while everything can be sold.

    Attributes
    ----------
    items : int32 (sets, BUNDLE_WIDTH), item rows ascending, padded with -1; the sets ascend.
    customers : uint8 (sets,), different customers of the baskets with all, as of `recommender.model.Pairs`.
    """

    items: NDArray[np.int32]
    customers: NDArray[np.uint8]

    @classmethod
    def none(cls) -> CountedSets:
        return cls(np.empty((0, BUNDLE_WIDTH), np.int32), np.empty(0, np.uint8))

    def of(self, rows: Iterable[int]) -> int | None:
        """Customers of one set, None where they were not counted.

        >>> CountedSets(np.array([[0, 1, 4, -1], [0, 2, 4, 5]], np.int32), np.array([9, 6], np.uint8)).of([5, 0, 4, 2])
        6
        """
        wanted = np.full(BUNDLE_WIDTH, -1, np.int32)
        rising = sorted(rows)
        wanted[: len(rising)] = rising
        first, end = np.searchsorted(self.items[:, 0], [rising[0], rising[0] + 1])
        found = np.flatnonzero((self.items[first:end] == wanted).all(axis=1))
        return int(self.customers[first + found[0]]) if len(found) else None


@dataclass(frozen=True)
class AtDiscount:
    """A bundle at one discount.

    Attributes
    ----------
    discount : share of the price that is given away.  price : what the whole then costs, shop's currency.
    probability : that a view ends in the whole bundle, at the stated elasticity.
    worth : ``V`` of `VIEWS` views, shop's currency.
    worth_low, worth_high : the same at half the elasticity and at one and a half times it.
    break_even_lift : how many times as many bundles the discount must sell to earn what the full price earns; None
        where no number of them would.
    keeps_floor : the margin left, over the price then asked, is not below the merchant's floor; None where no cost is
        known.
    """

    discount: float
    price: float
    probability: float
    worth: float
    worth_low: float
    worth_high: float
    break_even_lift: float | None
    keeps_floor: bool | None


@dataclass(frozen=True)
class Bundle:
    """One bundle with today's prices.

    Attributes
    ----------
    bundle_id : `bundle_id` of its items: the same set has the same id in every model.
    item_ids, titles : most sold first.
    price : of all parts, shop's currency; None where a price is unknown.
    count, apart, expected, customers, probability : see `Bundles`.
    lift : ``count / expected``.
    worth : what a nudge is worth, in money: ``(count - expected) * apart / (count + apart)`` times the profit of one
        bundle at full price. It is high for what is sometimes together and often apart, and falls to nothing both for
        what meets by luck alone and for what everybody takes together anyway. None where a price is unknown.
    available : whole bundles that the stock allows, None where no part's stock is known.
    at_discounts : one for each of `DISCOUNTS`; empty where a price is unknown.
    suggested_discount : the one of them with the highest worth that keeps the margin floor; None without a price or a
        cost, or where even the full price does not keep it.
    profit_basis : where the costs come from, one of `recommender.worth.PROFIT_BASES`; None without a price.
    text : the evidence in one sentence.
    """

    bundle_id: str
    item_ids: tuple[str, ...]
    titles: tuple[str, ...]
    price: float | None
    count: int
    apart: int
    expected: float
    lift: float
    customers: int
    probability: float
    worth: float | None
    available: int | None
    at_discounts: tuple[AtDiscount, ...]
    suggested_discount: float | None
    profit_basis: str | None
    text: str


def bundle_id(item_ids: Iterable[str]) -> str:
    """12 hex digits that follow from the set of items alone.

    >>> bundle_id(["tube", "tyre"]) == bundle_id(["tyre", "tube"]), len(bundle_id(["tube", "tyre"]))
    (True, 12)
    """
    digest = hashlib.sha256()
    for item_id in sorted(set(item_ids)):
        data = item_id.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(4, "big") + data)
    return digest.hexdigest()[:_ID_DIGITS]
