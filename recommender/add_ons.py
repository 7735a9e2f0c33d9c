"""Add-ons: what follows a main item, and is not rather the main item of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.candidates import Meetings
from recommender.evidence import Z95
from recommender.model import Model

_LEAST_MET = 5


@dataclass(frozen=True)
class AddOnTerms:
    """What an add-on may cost beside its main item.

    Attributes
    ----------
    price_ratio : an add-on costs at most that many times what the main item costs.
    follower_price_ratio : the same for what at least `follower_share` of the buyers of the main item take with it.
    follower_share : lower bound of that confidence.
    against : it is no add-on if the confidence towards the main item is that many times the one from it: then the main
        item is rather an add-on of it.
    """

    price_ratio: float = 0.8
    follower_price_ratio: float = 2.5
    follower_share: float = 0.2
    against: float = 4.0

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> AddOnTerms:
        """Those of a manifest's config, the defaults where it states none."""
        stated = config.get("add_on", {})
        names = ("price_ratio", "follower_price_ratio", "follower_share", "against")
        return cls(*(float(stated.get(name, getattr(cls, name))) for name in names))


def followers(
    model: Model, found: Meetings, main: int, terms: AddOnTerms
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Add-ons among the claimed neighbours of a main item, those first that its buyers surely take.

    Returns
    -------
    rows : int32 (add-ons,).  scores : float64 (add-ons,), lower bound of the confidence main → add-on, falling.
    """
    found = found.where(found.claimed)
    of, price = int(model.item_orders[main]), model.catalog.price
    at_least = lower_confidence(found.counts, of)
    ratio = np.where(at_least >= terms.follower_share, terms.follower_price_ratio, terms.price_ratio)
    kept = np.flatnonzero(~rather_main(model, found.rows, main, terms) & ~(price[found.rows] > ratio * price[main]))
    order = kept[np.lexsort((found.rows[kept], -at_least[kept]))]
    return found.rows[order], at_least[order]


def companions(
    model: Model, found: Meetings, main: int, terms: AddOnTerms
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Cheaper neighbours that are not claimed, but met the main item in five baskets and more than by their share."""
    of, price = int(model.item_orders[main]), model.catalog.price
    kept = ~found.claimed & meets_more(model, found, main)
    kept &= ~(price[found.rows] > terms.price_ratio * price[main])
    places = np.flatnonzero(kept)
    at_least = lower_confidence(found.counts[places], of)
    order = np.lexsort((found.rows[places], -at_least))
    return found.rows[places][order], at_least[order]


def rather_main(model: Model, rows: NDArray[np.int32], main: int, terms: AddOnTerms) -> NDArray[np.bool_]:
    """bool (rows,): the main item is rather an add-on of them, as their buyers take it far more surely."""
    # count / orders of the add-on > against · count / orders of the main item
    return model.item_orders[main] > terms.against * model.item_orders[rows]


def meets_more(model: Model, found: Meetings, main: int) -> NDArray[np.bool_]:
    """bool (meetings,): met the main item in five baskets, and in more than by their share of all baskets."""
    of = int(model.item_orders[main])
    more = found.counts * float(model.baskets) > of * model.item_orders[found.rows].astype(np.float64)
    return (found.counts >= _LEAST_MET) & more


def pieces_beside(model: Model, main: int, row: int, quantity: float = 1.0) -> int:
    """Pieces of an add-on for `quantity` pieces of its main item, no more than there are in stock, and at least 1."""
    span = slice(int(model.pairs.offsets[main]), int(model.pairs.offsets[main + 1]))
    met = np.flatnonzero(model.pairs.items[span] == row)
    pieces = model.pair_quantities.pieces(span.start + int(met[0]), quantity) if len(met) else 1
    stock = float(model.catalog.stock[row])
    return pieces if np.isnan(stock) else max(1, min(pieces, int(stock)))


def cheap_elsewhere(model: Model, rows: NDArray[np.int32], main: int, terms: AddOnTerms) -> NDArray[np.bool_]:
    """bool (rows,): no dearer than an add-on may be, and of another topmost category than the main item.

    Beside a main item of unknown price only the cheaper half of the rows may stand.
    """
    price = model.catalog.price
    known = price[rows][~np.isnan(price[rows])]
    half = float(np.median(known)) if len(known) else np.nan
    cheap = ~(price[rows] > (half if np.isnan(price[main]) else terms.price_ratio * price[main]))
    return cheap & elsewhere(model, rows, main)


def elsewhere(model: Model, rows: NDArray[np.int32], main: int) -> NDArray[np.bool_]:
    """bool (rows,): of another topmost category than the main item, or that of the main item is not known."""
    own = _topmost(model, main)
    return np.array([own < 0 or _topmost(model, row) != own for row in rows.tolist()], np.bool_)


def lower_confidence(counts: NDArray[np.integer], of: int | NDArray[np.integer]) -> NDArray[np.float64]:
    """Lower ends of `recommender.evidence.wilson_interval` for counts of numbers of baskets, at least 1.

    >>> lower_confidence(np.array([212]), 1940).round(3).tolist()
    [0.096]
    """
    square, baskets = Z95 * Z95, np.maximum(of, 1)
    share = counts / baskets
    spread = Z95 * np.sqrt(share * (1 - share) / baskets + square / (4.0 * baskets * baskets))
    return np.maximum(0.0, (share + square / (2.0 * baskets) - spread) / (1 + square / baskets))


def _topmost(model: Model, row: int) -> int:
    category = int(model.catalog.item_category[row])
    while category >= 0:
        above = int(model.catalog.category_parent[category])
        if above < 0:
            return category
        category = above
    return -1
