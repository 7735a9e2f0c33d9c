"""The fifth step of a cart: the evidence behind every place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from recommender.candidates import Meetings
from recommender.catalog import LEVEL_SEPARATOR
from recommender.customers import OwnHistory
from recommender.evidence import (
    Reason,
    bought_before,
    bought_with,
    comes_new,
    lower_bounds,
    replaces,
    rises,
    sells,
    varies,
    wilson_interval,
)
from recommender.model import Model
from recommender.newcomers import goes_with_most
from recommender.policy import Pick
from recommender.ranking import starts_of_runs


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
class _Share:
    """`count` of the `of` baskets with the rows `because` held the item too: a claimed rule, or only a count."""

    claimed: bool
    at_least: float
    because: tuple[int, ...]
    count: int
    of: int

    def beats(self, other: _Share) -> bool:
        """Claims go first, then what is surest; of equals neither."""
        return (self.claimed, self.at_least) > (other.claimed, other.at_least)


def explain(picks: Iterable[Pick], known: Known) -> list[Reason]:
    """Why the items of `picks` are shown, a reason each."""
    reasons: list[Reason] = []
    for _, group in groupby(picks, key=lambda pick: id(pick.link)):
        of_one_link = list(group)
        link = of_one_link[0].link
        found = link.found
        if link.source == "new" and link.beside is not None:
            reasons += _new(known.model, link.beside, [pick.row for pick in of_one_link])
            continue
        if found is None:
            reasons += [_of_source(known.model, pick) for pick in of_one_link]
            continue
        rows = [pick.row for pick in of_one_link]
        shares = _best_shares(known, found, rows)
        if link.source == "ranker":
            reasons += [_ranked(known, row, shares.get(row)) for row in rows]
        else:
            reasons += [_told(known.model, row, shares[row]) for row in rows]
    return reasons


def _of_source(model: Model, pick: Pick) -> Reason:
    row, source = pick.row, pick.link.source
    if source == "factors":
        return Reason("similar-baskets", "baskets like this one often held it")
    if source == "home":
        return Reason("similar-customers", "customers who buy alike bought it")
    if pick.link.beside is not None:
        return _alternative(model, pick, int(pick.link.beside[0]))
    if source == "trending":
        best = model.bestsellers
        return rises(int(best.trending_recent[pick.place]), float(best.trending_expected[pick.place]))
    where = _leaf(model, row) if source == "category" else ""
    return sells(source, where, int(model.item_orders[row]), model.baskets)


def _ranked(known: Known, row: int, share: _Share | None) -> Reason:
    """The strongest evidence that there is: the customer's own orders, baskets shared with the cart, or sales alone."""
    model, own = known.model, known.own
    bought = 0 if own is None else int(np.count_nonzero(own.items == row))
    if own is not None and bought and (share is None or wilson_interval(bought, own.orders)[0] > share.at_least):
        return bought_before(bought, own.orders)
    sold = int(model.item_orders[row])
    if share is not None and (share.claimed or share.at_least > sold / model.baskets):
        return _told(model, row, share)
    if row in model.bestsellers.items or row in model.bestsellers.recent:
        return sells("bestseller", "", sold, model.baskets)
    if share is not None:
        return _told(model, row, share)
    if own is None or not own.orders:
        return Reason("similar-baskets", "baskets like this one often held it")
    return Reason("similar-baskets", "often bought with what this customer bought before")


def _best_shares(known: Known, found: Meetings, rows: list[int]) -> dict[int, _Share]:
    """The best evidence of each row that met the cart, alone or by a long rule."""
    best = _best_pairs(known.model, found, rows)
    for row, share in _best_rules(known.model, known.rules, rows).items():
        if row not in best or share.beats(best[row]):
            best[row] = share
    return best


def _best_pairs(model: Model, found: Meetings, rows: list[int]) -> dict[int, _Share]:
    """The best share of each row with one item of the cart; of equal ones the lower cart item's."""
    wanted = np.zeros(len(model.catalog), np.bool_)
    wanted[rows] = True
    about = found.where(wanted[found.rows])
    of = model.item_orders[about.sources]
    at_least = lower_bounds(about.counts, of)
    order = np.lexsort((-at_least, ~about.claimed, about.rows))
    first = order[starts_of_runs(about.rows[order])]
    best = about.at(first)
    columns = (best.rows, best.claimed, at_least[first], best.sources, best.counts, of[first])
    return {
        row: _Share(claimed, low, (source,), count, baskets)
        for row, claimed, low, source, count, baskets in zip(*(column.tolist() for column in columns), strict=True)
    }


def _best_rules(model: Model, rules: NDArray[np.int64], rows: list[int]) -> dict[int, _Share]:
    """The best of the given long rules for those rows that have one; of equal ones the first of the model."""
    if not len(rules):
        return {}
    long = model.rules
    about = rules[np.isin(long.consequents[rules], rows)]
    at_least = lower_bounds(long.counts[about], long.of[about])
    order = np.lexsort((-at_least, long.consequents[about]))
    first = order[starts_of_runs(long.consequents[about][order])]
    best = about[first]
    columns = (long.consequents[best], at_least[first], long.antecedents[best], long.counts[best], long.of[best])
    return {
        row: _Share(True, low, tuple(source for source in antecedents if source >= 0), count, baskets)
        for row, low, antecedents, count, baskets in zip(*(column.tolist() for column in columns), strict=True)
    }


def _told(model: Model, row: int, share: _Share) -> Reason:
    catalog = model.catalog
    lift = (share.count / share.of) / (int(model.item_orders[row]) / model.baskets)
    ids, titles = [catalog.item_ids[r] for r in share.because], [catalog.title(r) for r in share.because]
    kind = "bought-together" if share.claimed else "similar-baskets"
    return bought_with(kind, ids, titles, share.count, share.of, lift)


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
