"""The fifth step of a cart: the evidence behind every place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.candidates import Meetings
from recommender.customers import OwnHistory
from recommender.evidence import Reason, bought_before, bought_with, rises, sells, wilson_interval
from recommender.model import Model
from recommender.policy import Pick


@dataclass(frozen=True)
class Known:
    """What evidence is taken from.

    Attributes
    ----------
    rules : int64, positions of the long rules that the cart meets.
    own : the customer's own orders, None for a stranger.
    """

    model: Model
    rules: NDArray[np.int64]
    own: OwnHistory | None


@dataclass(frozen=True)
class _Together:
    """`count` of the `of` baskets with the cart's items `because` held the candidate; `low` bounds the share."""

    because: tuple[int, ...]
    count: int
    of: int
    claimed: bool

    @property
    def low(self) -> float:
        return wilson_interval(self.count, self.of)[0]


def explain(pick: Pick, known: Known) -> Reason:
    """Why the item of `pick` is shown."""
    model, row, source = known.model, pick.row, pick.link.source
    if source == "ranker":
        return _ranked(pick, known)
    if pick.link.found is not None:
        return _reason(model, row, max(_meetings(known, pick.link.found, row), key=_strength))
    if source == "factors":
        return Reason("similar-baskets", "baskets like this one often held it")
    if source == "home":
        return Reason("similar-customers", "customers who buy alike bought it")
    if source == "trending":
        best = model.bestsellers
        return rises(int(best.trending_recent[pick.place]), float(best.trending_expected[pick.place]))
    where = _leaf(model, row) if source == "category" else ""
    return sells(source, where, int(model.item_orders[row]), model.baskets)


def _ranked(pick: Pick, known: Known) -> Reason:
    """The strongest evidence that there is: the customer's own orders, baskets shared with the cart, or sales alone."""
    model, row = known.model, pick.row
    found = pick.link.found
    best = None if found is None else max(_meetings(known, found, row), key=_strength, default=None)
    bought = 0 if known.own is None else int((known.own.items == row).sum())
    if bought and known.own is not None:
        own = bought_before(bought, known.own.orders)
        if best is None or wilson_interval(bought, known.own.orders)[0] > best.low:
            return own
    if best is not None and (best.claimed or _says_more_than_sales(model, row, best)):
        return _reason(model, row, best)
    if row in model.bestsellers.items or row in model.bestsellers.recent:
        return sells("bestseller", "", int(model.item_orders[row]), model.baskets)
    if best is not None:
        return _reason(model, row, best)
    if known.own is None or not known.own.orders:
        return Reason("similar-baskets", "baskets like this one often held it")
    return Reason("similar-baskets", "often bought with what this customer bought before")


def _says_more_than_sales(model: Model, row: int, together: _Together) -> bool:
    """The lower bound of the share among baskets with the cart's items lies above the share among all baskets."""
    return together.low > int(model.item_orders[row]) / model.baskets


def _strength(together: _Together) -> tuple[bool, float]:
    return together.claimed, together.low


def _meetings(known: Known, found: Meetings, row: int) -> Iterator[_Together]:
    model = known.model
    for entry in np.flatnonzero(found.rows == row).tolist():
        source = int(found.sources[entry])
        of = int(model.item_orders[source])
        yield _Together((source,), int(found.counts[entry]), of, bool(found.claimed[entry]))
    rules, positions = model.rules, known.rules
    for rule in positions[rules.consequents[positions] == row].tolist() if len(positions) else ():
        antecedents = tuple(int(item) for item in rules.antecedents[rule] if item >= 0)
        yield _Together(antecedents, int(rules.counts[rule]), int(rules.of[rule]), claimed=True)


def _reason(model: Model, row: int, best: _Together) -> Reason:
    catalog = model.catalog
    kind = "bought-together" if best.claimed else "similar-baskets"
    lift = (best.count / best.of) / (int(model.item_orders[row]) / model.baskets)
    ids = [catalog.item_ids[item] for item in best.because]
    titles = [catalog.title(item) for item in best.because]
    return bought_with(kind, ids, titles, best.count, best.of, lift)


def _leaf(model: Model, row: int) -> str:
    category = int(model.catalog.item_category[row])
    return model.catalog.categories[category].rsplit(" > ", 1)[-1] if category >= 0 else ""
