"""How much money an order could bring at all at 5% fewer hits, told in hindsight: a judge of the bar, not of a choice.

    python tests/benchmarks/ceiling.py CARTS STORE [--objective profit] [--anonymous]

CARTS and STORE are those of `objective.py`. Gradient-boosted trees are fitted on the reported window itself, five folds
by customer, on all signals of the ranking, its own logit and what each candidate earns, with rows weighed by what they
earn or all alike. Each order is then judged at the best strength in hindsight: with what no shop can know beforehand,
more than this was not found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from objective import HiddenItems, arguments, read_hidden
from sklearn.ensemble import HistGradientBoostingClassifier

from recommender import load
from recommender.batch import read_carts
from recommender.cart import parse_cart
from recommender.engine import Recommender

_CANDIDATES, _PLACES, _FOLDS = 150, 10, 5
_HITS_GIVEN = 0.05
_STRENGTHS = np.geomspace(0.02, 20, 40)
_WEIGHTS = (0.0, 0.3, 2.0)
_LEAST = 1e-12


@dataclass(frozen=True)
class Asked:
    """Candidates of all carts in one table; `cart` and `fold` say whose a row is, `money` what a cart's hit earns."""

    signals: NDArray[np.float32]
    chances: NDArray[np.float64]
    gains: NDArray[np.float64]
    hit: NDArray[np.bool_]
    cart: NDArray[np.int64]
    fold: NDArray[np.int64]
    money: NDArray[np.float64]

    def found(self, score: NDArray[np.float64]) -> tuple[int, float]:
        """Hits and money among ten places of this order."""
        order = np.lexsort((-score, self.cart))
        first = np.searchsorted(self.cart[order], self.cart[order])
        shown = order[np.arange(len(order)) - first < _PLACES]
        carts = self.cart[shown[self.hit[shown]]]
        return len(carts), float(self.money[carts].sum())


def asked(recommender: Recommender, carts: HiddenItems, objective: str) -> Asked:
    """What the ranking sees of every cart, as far as cross-sell may show it."""
    catalog, parts = recommender.catalog, []
    for number, cart in enumerate(read_carts(carts.carts, "carts")):
        items = parse_cart(catalog, cart.items)
        customer = recommender.customers.row(cart.customer_id) if cart.customer_id else -1
        now = recommender._now(cart.at)
        rows, logits, signals = recommender._ranker._described(np.sort(items.rows), customer, now)
        barred = recommender._applied.barred("cross-sell", items, set(), customer, now)
        chances = _chances(logits)
        allowed = np.flatnonzero(~np.isin(rows, list(barred)))
        best = allowed[np.argsort(-chances[allowed], kind="stable")[:_CANDIDATES]]
        hidden = catalog.row(carts.items[cart.cart_id])
        parts.append((signals[:, best].T, chances[best], rows[best], rows[best] == hidden, np.full(len(best), number)))
    signals, chances, rows, hit, cart = (np.concatenate(part) for part in zip(*parts, strict=True))
    folds = np.random.default_rng(0).integers(0, _FOLDS, carts.customers.max() + 1)[carts.customers]
    gains = np.maximum(np.nan_to_num(getattr(recommender.worth, objective)), 0)
    return Asked(signals, chances, gains[rows] / np.median(gains[gains > 0]), hit, cart, folds[cart], carts.money)


def _chances(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    raised = np.exp(np.clip(logits.astype(np.float64), -30, 30))
    return raised / (1 + raised.sum())


def fitted_on_the_window(table: Asked, weight: float) -> NDArray[np.float64]:
    """Chances by trees that saw the other customers of the same window."""
    columns = np.column_stack((table.signals, np.log(table.chances + _LEAST), np.log(table.gains + _LEAST)))
    weights, chances = 1 + weight * table.gains, np.zeros(len(table.cart))
    for fold in range(_FOLDS):
        others = table.fold != fold
        trees = HistGradientBoostingClassifier(
            learning_rate=0.05, max_iter=120, max_leaf_nodes=15, min_samples_leaf=100, l2_regularization=20.0,
            max_features=0.5, early_stopping=False, random_state=0,
        ).fit(columns[others], table.hit[others], sample_weight=weights[others])  # fmt: skip
        chances[~others] = trees.predict_proba(columns[~others])[:, 1]
    return chances


def orders(table: Asked) -> Iterator[tuple[str, NDArray[np.float64]]]:
    yield "the model's", table.chances
    for weight in _WEIGHTS:
        yield f"trees, weight {weight:g}", fitted_on_the_window(table, weight)


def main() -> None:
    given = arguments(__doc__).parse_args()
    hidden = read_hidden(given.folder, given.objective, anonymous=given.anonymous)
    table = asked(load(given.store), hidden, given.objective)
    hits, money = table.found(table.chances)
    print(
        f"{len(hidden.carts):,} carts, objective {given.objective}; by probability {hits:,} hits, {money:,.0f} of money"
    )
    for name, chances in orders(table):
        tried = [table.found(chances * (1 + strength * table.gains)) for strength in _STRENGTHS]
        enough = [(earned, found) for found, earned in tried if found >= (1 - _HITS_GIVEN) * hits]
        best, kept = max(enough, default=(float("nan"), 0))
        print(f"{name:<20} {best / money - 1:+.1%} money at {kept / hits - 1:+.1%} hits")


if __name__ == "__main__":
    main()
