"""What bundles earn at today's prices and at discounts, and which discount the merchant's floor allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.bundles import DISCOUNTS, VIEWS, AtDiscount, Bundle, bundle_id
from recommender.evidence import bundled
from recommender.model import Model
from recommender.worth import PROFIT_BASES, Worth

_REVENUE = PROFIT_BASES.index("revenue")
_SENSITIVITY = (0.5, 1.5)


@dataclass(frozen=True)
class BundleTerms:
    """What the merchant states of discounts; orders without price changes do not tell it.

    Attributes
    ----------
    elasticity : by how much a discount moves sales: at a discount of share d the odds of a sale are
        ``(1 - d) ** -elasticity`` times those at full price; for small probabilities that is the usual constant
        elasticity, and no probability passes 1.
    margin_floor : share of the price then asked that must be left after the costs.
    """

    elasticity: float = 2.0
    margin_floor: float = 0.1

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> BundleTerms:
        """Those of a manifest's config, the defaults where it states none."""
        stated = config.get("bundles", {})
        return cls(*(float(stated.get(name, getattr(cls, name))) for name in ("elasticity", "margin_floor")))


def priced_bundles(model: Model, worth: Worth, terms: BundleTerms) -> list[Bundle]:
    """The bundles whose parts can all be sold today, those first whose nudge is worth most; those without a price last.

    Equal ones keep the model's order.
    """
    sellable = np.append(model.catalog.sellable(), True)
    there = sellable[model.bundles.items].all(axis=1)
    found = [_priced(model, worth, terms, place) for place in np.flatnonzero(there).tolist()]
    return sorted(found, key=lambda bundle: (bundle.worth is None, -(bundle.worth or 0.0)))


def nudged(probability: float, discount: float, elasticity: float) -> float:
    """The probability at a discount: its odds times ``(1 - discount) ** -elasticity``.

    >>> round(nudged(0.5, 0.2, 1.0), 4)  # odds 1 become 1.25
    0.5556
    >>> nudged(1.0, 0.2, 2.0), nudged(0.0, 0.2, 2.0)
    (1.0, 0.0)
    """
    raised = probability * (1 - discount) ** -elasticity
    return raised / (1 - probability + raised)


def whole_sets(stock: NDArray[np.float64], quantities: NDArray[np.floating]) -> int | None:
    """How many whole sets the stock allows: the least over the parts of stock over quantity, rounded down.

    Parameters
    ----------
    stock : float64 (parts,), pieces, NaN unknown.  quantities : (parts,), pieces in a set.

    >>> whole_sets(np.array([7.0, np.nan, 9.0]), np.array([2, 1, 3]))
    3
    """
    known = ~np.isnan(stock)
    if not known.any():
        return None
    return max(0, int(np.floor(stock[known] / quantities[known]).min()))


def _priced(model: Model, worth: Worth, terms: BundleTerms, place: int) -> Bundle:
    bundles, catalog = model.bundles, model.catalog
    rows = bundles.rows(place)
    count, apart = int(bundles.counts[place]), int(bundles.apart[place])
    expected, probability = float(bundles.expected[place]), count / (count + apart)
    item_ids = tuple(catalog.item_ids[row] for row in rows.tolist())
    titles = tuple(catalog.title(row) for row in rows.tolist())
    price = float(worth.price[rows].sum())
    known = not np.isnan(price)
    at_discounts = tuple(_at(worth, rows, terms, probability, discount) for discount in DISCOUNTS) if known else ()
    excess = (count - expected) * apart / (count + apart)
    return Bundle(
        bundle_id=bundle_id(item_ids),
        item_ids=item_ids,
        titles=titles,
        price=round(price, 6) if known else None,
        count=count,
        apart=apart,
        expected=expected,
        lift=count / expected,
        customers=int(bundles.customers[place]),
        probability=probability,
        worth=excess * float(worth.profit[rows].sum()) if known else None,
        available=whole_sets(catalog.stock[rows], np.ones(len(rows))),
        at_discounts=at_discounts,
        suggested_discount=_suggested(at_discounts),
        profit_basis=worth.basis_of(rows) if known else None,
        text=bundled(count, count + apart, expected),
    )


def _at(worth: Worth, rows: NDArray[np.int32], terms: BundleTerms, probability: float, discount: float) -> AtDiscount:
    price = float(worth.price[rows].sum()) * (1 - discount)
    given = (1 - worth.return_rate[rows]) * worth.price[rows] * discount
    full, profit = float(worth.profit[rows].sum()), float((worth.profit[rows] - given).sum())
    elasticities = (1.0, *_SENSITIVITY)
    chances = [nudged(probability, discount, share * terms.elasticity) for share in elasticities]
    cost_known = bool((worth.basis[rows] != _REVENUE).all())
    left = price - float(worth.cost[rows].sum())
    worths = [VIEWS * chance * profit for chance in chances]
    return AtDiscount(
        discount=discount,
        price=round(price, 6),
        probability=chances[0],
        worth=worths[0],
        worth_low=min(worths[1:]),
        worth_high=max(worths[1:]),
        break_even_lift=full / profit if full > 0 and profit > 0 else None,
        keeps_floor=left >= terms.margin_floor * price if cost_known else None,
    )


def _suggested(at_discounts: tuple[AtDiscount, ...]) -> float | None:
    allowed = [at for at in at_discounts if at.keeps_floor]
    return max(allowed, key=lambda at: (at.worth, -at.discount)).discount if allowed else None
