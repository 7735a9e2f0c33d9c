"""The fifth step of a cart: the evidence behind every place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.catalog import LEVEL_SEPARATOR
from recommender.evidence import (
    Reason,
    bought_before,
    bought_with,
    comes_new,
    replaces,
    rises,
    sells,
    varies,
    wilson_interval,
)
from recommender.model import Model
from recommender.newcomers import goes_with_most
from recommender.policy import Pick
from recommender.ranker.inputs import Past
from recommender.ranker.shares import MET, NOTHING, RULE, own_orders, shares_of, surest_shares
from recommender.upsell import why_better


class Evidence:
    """What reasons are taken from, prepared once a model.

    Attributes
    ----------
    orders : baskets with each item, as plain numbers are taken from an array fastest.  baskets : all of them.
    shares : the counts for the kernel.  bestsellers : rows of the shop's lists.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.orders = np.ascontiguousarray(model.item_orders).data
        self.baskets = model.baskets
        self.shares = shares_of(model)
        best = model.bestsellers
        self.bestsellers = frozenset(best.items.tolist()) | frozenset(best.recent.tolist())


@dataclass(frozen=True)
class Asker:
    """Whose orders may be told: row `customer` of `past`, -1 for a stranger, before `now`, seconds since 1970."""

    past: Past
    customer: int
    now: int

    def orders_with(self, rows: NDArray[np.int32]) -> tuple[list[int], int]:
        """How many of the customer's own orders held each of the rows, and how many orders there are."""
        held = np.zeros(len(rows), np.int64)
        orders = 0 if self.customer < 0 else int(own_orders(self.past, self.customer, self.now, rows, held))
        return held.tolist(), orders


class _Share(NamedTuple):
    """`held` of the `of` baskets with the rows `because` held the item too: a claimed rule, or only a count.

    `at_least` is the lower end of its 95% interval.
    """

    claimed: bool
    at_least: float
    because: tuple[int, ...]
    held: int
    of: int


def explain(picks: Iterable[Pick], evidence: Evidence, asker: Asker) -> list[Reason]:
    """Why the items of `picks` are shown, a reason each."""
    links: list[list[Pick]] = []
    for pick in picks:
        if links and links[-1][0].link is pick.link:
            links[-1].append(pick)
        else:
            links.append([pick])
    return [reason for of_link in links for reason in _of_link(of_link, evidence, asker)]


def _of_link(picks: list[Pick], evidence: Evidence, asker: Asker) -> list[Reason]:
    model, link = evidence.model, picks[0].link
    rows = [pick.row for pick in picks]
    if link.beside is None or link.source not in _BESIDE:
        return [_of_source(model, pick) for pick in picks]
    if link.source == "new":
        return _new(model, link.beside, rows)
    shown = np.array(rows, np.int32)
    shares = _shares(evidence, link.beside, shown)
    if link.source == "pairs":
        return [_told(evidence, row, share) for row, share in zip(rows, shares, strict=True) if share is not None]
    bought, orders = asker.orders_with(shown)
    told = zip(rows, shares, bought, strict=True)
    return [_ranked(evidence, row, share, times, orders) for row, share, times in told]


def _of_source(model: Model, pick: Pick) -> Reason:
    row, source = pick.row, pick.link.source
    if source == "factors":
        return Reason("similar-baskets", "baskets like this one often held it")
    if source == "home":
        return Reason("similar-customers", "customers who buy alike bought it")
    if source == "upsell" and pick.link.beside is not None:
        return why_better(model, int(pick.link.beside[0]), row)
    if pick.link.beside is not None:
        return _alternative(model, pick, int(pick.link.beside[0]))
    if source == "trending":
        best = model.bestsellers
        return rises(int(best.trending_recent[pick.place]), float(best.trending_expected[pick.place]))
    where = _leaf(model, row) if source == "category" else ""
    return sells(source, where, int(model.item_orders[row]), model.baskets)


def _ranked(evidence: Evidence, row: int, share: _Share | None, bought: int, orders: int) -> Reason:
    """The strongest evidence that there is: the customer's own orders, baskets shared with the cart, or sales alone.

    Parameters
    ----------
    bought, orders : the customer's orders with the item, and all of them.
    """
    if bought and (share is None or wilson_interval(bought, orders)[0] > share.at_least):
        return bought_before(bought, orders)
    sold = evidence.orders[row]
    if share is not None and (share.claimed or share.at_least > sold / evidence.baskets):
        return _told(evidence, row, share)
    if row in evidence.bestsellers:
        return sells("bestseller", "", sold, evidence.baskets)
    if share is not None:
        return _told(evidence, row, share)
    if not orders:
        return Reason("similar-baskets", "baskets like this one often held it")
    return Reason("similar-baskets", "often bought with what this customer bought before")


def _shares(evidence: Evidence, cart: NDArray[np.int32], rows: NDArray[np.int32]) -> list[_Share | None]:
    """The best evidence of each row that met the cart, alone or by a long rule."""
    shares: list[_Share | None] = []
    best, bounds = surest_shares(evidence.shares, cart, rows)
    for (basis, source, count, of), at_least in zip(best.tolist(), bounds.tolist(), strict=True):
        if basis == NOTHING:
            shares.append(None)
            continue
        because = (source,)
        if basis == RULE:
            because = tuple(row for row in evidence.model.rules.antecedents[source].tolist() if row >= 0)
        shares.append(_Share(basis != MET, at_least, because, count, of))
    return shares


def _told(evidence: Evidence, row: int, share: _Share) -> Reason:
    catalog = evidence.model.catalog
    lift = (share.held / share.of) / (evidence.orders[row] / evidence.baskets)
    ids, titles = [catalog.item_ids[r] for r in share.because], [catalog.title(r) for r in share.because]
    kind = "bought-together" if share.claimed else "similar-baskets"
    return bought_with(kind, ids, titles, share.held, share.of, lift)


def _new(model: Model, cart: NDArray[np.int32], rows: list[int]) -> list[Reason]:
    catalog, reasons = model.catalog, list[Reason]()
    sources, by_category = goes_with_most(model.newcomers, catalog, cart, np.array(rows, np.int32))
    for source, filed in zip(sources.tolist(), by_category.tolist(), strict=True):
        if source < 0:
            reasons.append(comes_new((), ""))
            continue
        home = int(model.newcomers.home[source])
        name = _last_level(model, home) if filed else catalog.title(source)
        reasons.append(comes_new((catalog.item_ids[source],), name))
    return reasons


def _alternative(model: Model, pick: Pick, source: int) -> Reason:
    """Evidence of an item that was chosen in place of the item `source`."""
    catalog = model.catalog
    if pick.link.source == "variants":
        return varies(catalog.item_ids[source], catalog.title(source))
    entry = model.substitutes.entries(source).start + pick.place
    count, of = int(model.substitutes.counts[entry]), int(model.item_orders[source])
    lift = (count / of) / (int(model.item_orders[pick.row]) / model.baskets)
    expected = float(model.substitutes.expected[entry])
    return replaces(catalog.item_ids[source], catalog.title(source), count, of, expected, lift)


def _leaf(model: Model, row: int) -> str:
    category = int(model.catalog.item_category[row])
    return _last_level(model, category) if category >= 0 else ""


def _last_level(model: Model, category: int) -> str:
    return model.catalog.categories[category].rsplit(LEVEL_SEPARATOR, 1)[-1]


_BESIDE = frozenset({"new", "pairs", "ranker"})
"""Sources whose evidence is what the items of the cart say."""
