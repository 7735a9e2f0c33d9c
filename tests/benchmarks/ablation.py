"""What each group of signals is worth: HR@10 without it, on the last orders, as a Markdown table.

The group's columns are zero while the ranking is fitted and its weights are zero afterwards; candidates stay the same.

python tests/benchmarks/ablation.py ORDERS [--catalog FILE] [--set KEY=VALUE ...]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from unittest import mock

import numpy as np

from recommender.engine import Recommender
from recommender.model import RankerWeights
from recommender.ranker.signals import BLEND, COLUMN, ITEM_SIGNALS, SIGNALS
from training import rehearsal
from training.baskets import Baskets
from training.build import Provenance, build_model, factorize_all, learn
from training.config import Config, load_config
from training.counted import Counted
from training.evaluation.engine_lists import engine_lists
from training.evaluation.field import Field, lay_out
from training.evaluation.lists import Lists
from training.evaluation.metrics import LIST_DEPTH, hits
from training.evaluation.questions import MAIN_PROTOCOL, Questions
from training.progress import Progress
from training.ranker import fit, fit_windows
from training.ranker.fit_network import Fitted
from training.ranker.rows import Rows

PAIRS = ("cosine_", "confidence_", "log_lift_", "met_share")
CUSTOMER = ("known", "orders", "customer_repeat", "customer_days", "customer_lag")
GROUPS: Mapping[str, tuple[str, ...]] = {
    "nothing": (),
    "cart pairs": PAIRS,
    "EASE": ("ease_",),
    "weighted cosine": ("weighted_",),
    "baskets like the cart": ("similar_baskets",),
    "own history": ("own_count", "own_share", "own_fast", "own_slow", "own_days", "own_rhythm", "own_context",
                    "own_since", "own_relative", *CUSTOMER),
    "tastes": ("taste",),
    "category": ("category_", "branch_", "own_category_"),
    "item signals": (*ITEM_SIGNALS, "price_gap", "share_relative"),
}  # fmt: skip
NETWORK = "the network"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("orders")
    parser.add_argument("--catalog")
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE")
    asked = parser.parse_args()
    config = load_config(settings=asked.settings)
    field = lay_out(asked.orders, asked.catalog, config, Progress(quiet=True), protocols=(MAIN_PROTOCOL,))
    print(f"| without | {' | '.join(f'HR@10 {customers}' for _, customers in field.asked)} |")
    print(f"|---|{'--:|' * len(field.asked)}")
    count = once(rehearsal.count)
    full = fitted(field, config, (), count)
    quiet, nowhere = Progress(quiet=True), Provenance({}, field.window, {}, {})
    learned = learn(field.earlier, field.items, factorize_all(field.earlier, config, quiet), config, quiet)
    model, customers = build_model(field.earlier, field.items, full, learned, config, nowhere, quiet)

    def tell(name: str, weights: RankerWeights) -> None:
        recommender = Recommender(replace(model, ranker=weights), customers)
        rates = [hit_rate(engine_lists(recommender, q, field.earlier.customer_ids), q) for q in field.asked.values()]
        print(f"| {name} | {' | '.join(f'{rate:.4f}'[1:] for rate in rates)} |", flush=True)

    for name, signals in GROUPS.items():
        if not signals:
            tell(name, full.weights)
        elif any(name_.startswith(signals) for name_ in SIGNALS):
            tell(name, fitted(field, config, signals, count).weights)
    tell(NETWORK, without_network(full.weights))


def hit_rate(lists: Lists, questions: Questions) -> float:
    return float((hits(lists, questions)[:, :LIST_DEPTH] >= 0).any(axis=1).mean())


def once(count: Callable[..., Counted]) -> Callable[..., Counted]:
    """What it counted the first time of as many orders: all rankings are fitted on the same."""
    found: dict[int, Counted] = {}

    def counted(baskets: Baskets, *more: Any) -> Counted:
        if len(baskets) not in found:
            found[len(baskets)] = count(baskets, *more)
        return found[len(baskets)]

    return counted


def fitted(field: Field, config: Config, dropped: tuple[str, ...], count: Callable[..., Counted]) -> fit.FittedRanker:
    """The ranking that training would fit if it did not have the signals whose names begin so.

    Parameters
    ----------
    count : what counts the earlier orders.
    """
    columns = [column for name, column in COLUMN.items() if dropped and name.startswith(dropped) and name != "blend"]
    terms = [place for place, (name, _, _) in enumerate(BLEND) if dropped and name.startswith(dropped)]

    def blind(fit_blend: Callable[..., Any]) -> Callable[..., Any]:
        def fit_without(rows: Rows, *more: Any) -> Any:
            weights = fit_blend(rows, *more).copy()
            weights[terms] = 0
            return weights

        return fit_without

    def deaf(fit_network: Callable[..., Fitted]) -> Callable[..., Fitted]:
        def fit_without(rows: Rows, *more: Any, **named: Any) -> Fitted:
            found = fit_network(rows, *more, **named)
            first = found.network.first.copy()
            first[columns] = 0
            return replace(found, network=found.network._replace(first=first))

        return fit_without

    def zeroed(fitting_rows: Callable[..., Rows]) -> Callable[..., Rows]:
        def rows_without(*arguments: Any) -> Rows:
            rows = fitting_rows(*arguments)
            rows.signals[:, columns] = 0
            return rows

        return rows_without

    with (
        mock.patch.object(fit, "fit_blend", blind(fit.fit_blend)),
        mock.patch.object(fit_windows, "fit_network", deaf(fit_windows.fit_network)),
        mock.patch.object(fit, "fitting_rows", zeroed(fit.fitting_rows)),
        mock.patch.object(rehearsal, "count", count),
        mock.patch.object(rehearsal, "measure", return_value=None),
        mock.patch.object(rehearsal, "choose_strengths", return_value=np.zeros(2, np.float32)),
    ):
        return rehearsal.rehearse(field.earlier, field.items, config, Progress(quiet=True)).ranker


def without_network(weights: RankerWeights) -> RankerWeights:
    network = weights.network
    return replace(
        weights, network=network._replace(last=np.zeros_like(network.last), last_bias=np.zeros_like(network.last_bias))
    )


if __name__ == "__main__":
    main()
