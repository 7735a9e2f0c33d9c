"""The fifth step of a cart: the evidence behind every place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.candidates import Meetings
from recommender.evidence import Reason, bought_with, rises, sells, wilson_interval
from recommender.model import Model
from recommender.policy import Pick


def explain(model: Model, pick: Pick, rules: NDArray[np.int64]) -> Reason:
    """Why the item of `pick` is shown; `rules` are the positions of the long rules that the cart meets."""
    row, source = pick.row, pick.link.source
    if pick.link.found is not None:
        return _together(model, pick.link.found, row, rules)
    if source == "factors":
        return Reason("similar-baskets", "baskets like this one often held it")
    if source == "home":
        return Reason("similar-customers", "customers who buy alike bought it")
    if source == "trending":
        best = model.bestsellers
        return rises(int(best.trending_recent[pick.place]), float(best.trending_expected[pick.place]))
    where = _leaf(model, row) if source == "category" else ""
    return sells(source, where, int(model.item_orders[row]), model.baskets)


def _together(model: Model, found: Meetings, row: int, rules: NDArray[np.int64]) -> Reason:
    entries = np.flatnonzero(found.rows == row)
    claimed = entries[found.claimed[entries]]
    kind = "bought-together" if len(claimed) else "similar-baskets"
    best, best_low = ((), 0, 1), -1.0
    for entry in (claimed if len(claimed) else entries).tolist():
        source, count = int(found.sources[entry]), int(found.counts[entry])
        of = int(model.item_orders[source])
        low = wilson_interval(count, of)[0]
        if low > best_low:
            best, best_low = ((source,), count, of), low
    for rule in rules[model.rules.consequents[rules] == row].tolist() if len(rules) else ():
        count, of = int(model.rules.counts[rule]), int(model.rules.of[rule])
        low = wilson_interval(count, of)[0]
        if low > best_low:
            antecedents = tuple(int(a) for a in model.rules.antecedents[rule] if a >= 0)
            best, best_low, kind = (antecedents, count, of), low, "bought-together"
    because, count, of = best
    catalog = model.catalog
    lift = (count / of) / (int(model.item_orders[row]) / model.baskets)
    ids, titles = [catalog.item_ids[r] for r in because], [catalog.title(r) for r in because]
    return bought_with(kind, ids, titles, count, of, lift)


def _leaf(model: Model, row: int) -> str:
    category = int(model.catalog.item_category[row])
    return model.catalog.categories[category].rsplit(" > ", 1)[-1] if category >= 0 else ""
