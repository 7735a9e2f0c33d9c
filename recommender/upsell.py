"""Upsell: a better item in place of the one in the cart, and the dearer companions of what a customer owns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.add_ons import lower_confidence
from recommender.candidates import meetings
from recommender.catalog import LEVEL_SEPARATOR
from recommender.evidence import Reason
from recommender.model import Model
from recommender.ranker.inputs import Past
from recommender.worth import Worth

_RETURNS_ALLOWED = 0.01
MOST_OWNED = 100


@dataclass(frozen=True)
class UpsellTerms:
    """How much dearer a better item may be: at least `price_low` and at most `price_high` times the price."""

    price_low: float = 1.05
    price_high: float = 1.8

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> UpsellTerms:
        """Those of a manifest's config, the defaults where it states none."""
        stated = config.get("upsell", {})
        return cls(*(float(stated.get(name, getattr(cls, name))) for name in ("price_low", "price_high")))


def better_items(
    model: Model, worth: Worth, main: int, terms: UpsellTerms
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Items that serve the same need better, those first that most baskets chose.

    They replace the item (`recommender.substitutes`) or are of its category, cost more within the band, leave a higher
    profit a piece, were bought at least once, and do not come back more often.

    Returns
    -------
    rows : int32 (items,).  scores : float64 (items,), share of all baskets that held the item, one more for what is
        known to replace the main item.
    """
    rows = of_the_same_need(model, main)
    rows = rows[~np.any(list(refused_because(model, worth, main, rows, terms).values()), axis=0)]
    replaces = model.substitutes.items[model.substitutes.entries(main)]
    scores = model.item_orders[rows] / max(model.baskets, 1) + np.isin(rows, replaces)
    order = np.lexsort((rows, -scores))
    return rows[order], scores[order]


def of_the_same_need(model: Model, main: int) -> NDArray[np.int32]:
    """What replaces an item, and what is of its category to the last level: int32 (items,), ascending."""
    category = int(model.catalog.item_category[main])
    replaces = model.substitutes.items[model.substitutes.entries(main)]
    same_leaf = np.flatnonzero(model.catalog.item_category == category) if category >= 0 else np.empty(0, np.int64)
    return np.union1d(replaces, same_leaf).astype(np.int32)


def refused_because(
    model: Model, worth: Worth, main: int, rows: NDArray[np.int32], terms: UpsellTerms
) -> dict[str, NDArray[np.bool_]]:
    """Why items of the same need are no better ones: by reason, bool (items,)."""
    price, low, high = float(worth.price[main]), terms.price_low, terms.price_high
    within = (worth.price[rows] >= low * price) & (worth.price[rows] <= high * price)
    return {
        f"not {low:g} to {high:g} times as dear, or of unknown price": ~within,
        "earns no more": ~(worth.profit[rows] > worth.profit[main]),
        "comes back more often": ~(worth.return_rate[rows] <= worth.return_rate[main] + _RETURNS_ALLOWED),
        "never bought": ~(model.item_orders[rows] > 0),
    }


def owned_items(past: Past, customer: int, now: int, most: int = MOST_OWNED) -> NDArray[np.int32]:
    """The items that the customer bought last before `now`, int32 (items,), ascending; none of a stranger.

    Parameters
    ----------
    customer : row of the customer, -1 for a stranger.  now : seconds since 1970.  most : items at most.
    """
    if customer < 0:
        return np.empty(0, np.int32)
    first, last = past.order_offsets[customer], past.order_offsets[customer + 1]
    end = first + np.searchsorted(past.times[first:last], now)
    latest_first = past.items[past.line_offsets[first] : past.line_offsets[end]][::-1]
    rows, places = np.unique(latest_first, return_index=True)
    return np.sort(rows[np.argsort(places)[:most]]).astype(np.int32)


def dearer_companions(
    model: Model, worth: Worth, owned: NDArray[np.int32], terms: UpsellTerms
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Items that are claimed to go with what a customer owns, cost at least `price_low` times as much, and earn more.

    None is owned, a variant of what is, or of a category that the customer bought of.

    Parameters
    ----------
    owned : int32, different item rows.

    Returns
    -------
    rows : int32 (items,).  scores : float64 (items,), the highest lower bound of the confidence owned item → companion.
    """
    found = meetings(model.pairs, owned)
    found = found.where(found.claimed)
    other = ~np.isin(found.rows, owned)
    for kind in (model.catalog.item_group, model.catalog.item_category):
        other &= (kind[found.rows] < 0) | ~np.isin(kind[found.rows], kind[owned])
    dearer = worth.price[found.rows] >= terms.price_low * worth.price[found.sources]
    found = found.where(other & dearer & (worth.profit[found.rows] > worth.profit[found.sources]))
    at_least = lower_confidence(found.counts, model.item_orders[found.sources])
    order = np.lexsort((found.rows, -at_least))
    _, firsts = np.unique(found.rows[order], return_index=True)
    order = order[np.sort(firsts)]
    return found.rows[order], at_least[order]


def why_better(model: Model, main: int, row: int) -> Reason:
    """Evidence of a better item: what it costs more, and how many chose it; no counts of baskets with the main item."""
    catalog = model.catalog
    more = float(catalog.price[row] - catalog.price[main])
    category = int(catalog.item_category[row])
    kind = catalog.categories[category].rsplit(LEVEL_SEPARATOR, 1)[-1] if category >= 0 else "its kind"
    chosen = f"{int(model.item_orders[row]):,} baskets chose it"
    text = f"{more:,.2f} more than {catalog.title(main)}: also {kind}, {chosen}"
    return Reason("upsell", text, (catalog.item_ids[main],), customers=int(model.item_customers[row]))
