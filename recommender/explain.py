"""The fifth step of a cart: the evidence behind every place."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache, partial
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
)
from recommender.model import Model
from recommender.newcomers import goes_with_most
from recommender.placements import Link
from recommender.policy import Pick
from recommender.ranker.inputs import Past
from recommender.ranker.shares import MET, NOTHING, RULE, counted_of, evidence_of
from recommender.upsell import why_better


class Evidence:
    """What reasons are taken from, prepared once a model.

    Attributes
    ----------
    orders, customers : baskets with each item and the customers behind them, as plain numbers are taken from an array
        fastest.  baskets : all of them.
    counted : the counts for the kernel, and the customers' orders.  bestsellers : rows of the shop's lists.
    best : those of them that may be called bestsellers, see `best_rows`.
    met : the reason of baskets that held an item and what it is suggested beside, see `_met`; the latest are
        remembered, as they rest on the two alone and not on the rest of a cart.
    sold : the reason of how well an item sells, by row; remembered too.
    """

    def __init__(self, model: Model, past: Past) -> None:
        self.model = model
        self.orders: memoryview[int] = np.ascontiguousarray(model.item_orders).data
        self.customers: memoryview[int] = np.ascontiguousarray(model.item_customers).data
        self.baskets = model.baskets
        self.counted = counted_of(model, past)
        best = model.bestsellers
        self.bestsellers = frozenset(best.items.tolist()) | frozenset(best.recent.tolist())
        self.best = best_rows(model)
        self.met = lru_cache(_REMEMBERED)(partial(_met, model))
        self.sold = lru_cache(_REMEMBERED)(partial(_sold, model, self.best))


def best_rows(model: Model) -> frozenset[int]:
    """The most sold tenth of the items that were ever sold, ten at least, of all time and of the recent window.

    The lists of a small shop go further down than what people would call a bestseller.
    """
    most = max(_LEAST_BEST, int(np.count_nonzero(model.item_orders)) // _BEST_OF)
    best = model.bestsellers
    return frozenset(best.items[:most].tolist()) | frozenset(best.recent[:most].tolist())


class Asker(NamedTuple):
    """Whose orders may be told: row of the customer, -1 for a stranger, before `now`, seconds since 1970."""

    customer: int
    now: int


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
        return [_of_source(evidence, pick) for pick in picks]
    if link.source == "new":
        return _new(model, link.beside, rows)
    return _counted(evidence, link, rows, asker)


def _counted(evidence: Evidence, link: Link, rows: list[int], asker: Asker) -> list[Reason]:
    """What counts say of each row beside the cart; of pairs alone, the customer's own orders say nothing."""
    assert link.beside is not None
    is_pair, baskets, orders_with = link.source == "pairs", evidence.baskets, evidence.orders
    bestsellers, met, sold = evidence.bestsellers, evidence.met, evidence.sold
    customer = -1 if is_pair else asker.customer
    counts, bounds, orders = evidence_of(evidence.counted, customer, asker.now, link.beside, np.array(rows, np.int32))
    reasons: list[Reason] = []
    told: Iterable[tuple[int, list[int], list[float]]] = zip(rows, counts.tolist(), bounds.tolist(), strict=True)
    for row, (basis, source, held, of, customers, bought), (at_least, of_own) in told:
        sells_best = row in bestsellers
        if bought and (link.own or of_own > at_least):
            reasons.append(bought_before(bought, orders))
        elif basis != NOTHING and (is_pair or basis != MET or not sells_best or at_least > orders_with[row] / baskets):
            reasons.append(met(row, basis, source, held, of, customers))
        elif sells_best:
            reasons.append(sold(row))
        else:
            reasons.append(_LIKE_THE_HISTORY if orders else _LIKE_THE_CART)
    return reasons


def _of_source(evidence: Evidence, pick: Pick) -> Reason:
    model, row, source = evidence.model, pick.row, pick.link.source
    if source == "factors":
        return _LIKE_THE_CART
    if source == "home":
        return Reason("similar-customers", "customers who buy alike bought it")
    if source == "upsell" and pick.link.beside is not None:
        return why_better(model, int(pick.link.beside[0]), row)
    if pick.link.beside is not None:
        return _alternative(model, pick, int(pick.link.beside[0]))
    if source == "trending":
        best = model.bestsellers
        place = pick.place
        recent, customers = int(best.trending_recent[place]), int(best.trending_customers[place])
        return rises(recent, float(best.trending_expected[place]), customers)
    where = _leaf(model, row) if source == "category" else ""
    well = source == "category" or row in evidence.best
    return sells(source, where, evidence.orders[row], evidence.baskets, evidence.customers[row], well=well)


def _met(model: Model, row: int, basis: int, source: int, held: int, of: int, customers: int) -> Reason:
    """`held` of the `of` baskets with the item, or the items of the rule, `source` held the row too."""
    label = model.catalog.label
    lift = (held / of) / (model.item_orders.item(row) / model.baskets)
    kind = "similar-baskets" if basis == MET else "bought-together"
    if basis != RULE:
        item_id, title = label(source)
        return bought_with(kind, (item_id,), (title,), held, of, lift, customers)
    antecedents = [item for item in model.rules.antecedents[source].tolist() if item >= 0]
    ids, titles = zip(*map(label, antecedents), strict=True)
    return bought_with(kind, ids, titles, held, of, lift, customers)


def _sold(model: Model, best: frozenset[int], row: int) -> Reason:
    """How many of all baskets held the row."""
    orders, customers = model.item_orders.item(row), model.item_customers.item(row)
    return sells("bestseller", "", orders, model.baskets, customers, well=row in best)


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
    instead = model.substitutes
    entry = instead.entries(source).start + pick.place
    count, of = int(instead.counts[entry]), int(model.item_orders[source])
    lift = (count / of) / (int(model.item_orders[pick.row]) / model.baskets)
    expected, customers = float(instead.expected[entry]), int(instead.customers[entry])
    return replaces(catalog.item_ids[source], catalog.title(source), count, of, expected, lift, customers)


def _leaf(model: Model, row: int) -> str:
    category = int(model.catalog.item_category[row])
    return _last_level(model, category) if category >= 0 else ""


def _last_level(model: Model, category: int) -> str:
    return model.catalog.categories[category].rsplit(LEVEL_SEPARATOR, 1)[-1]


_LEAST_BEST, _BEST_OF = 10, 10
_REMEMBERED = 1 << 14
_LIKE_THE_CART = Reason("similar-baskets", "baskets like this one often held it")
_LIKE_THE_HISTORY = Reason("similar-baskets", "often bought with what this customer bought before")
_BESIDE = frozenset({"new", "pairs", "ranker"})
"""Sources whose evidence is what the items of the cart say."""
