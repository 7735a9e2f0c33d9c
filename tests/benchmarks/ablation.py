"""What each group of signals gives: HR@10 without it, on carts later than all that was learned from, as Markdown.

    python tests/benchmarks/ablation.py CARTS [--set KEY=VALUE ...]

CARTS is a folder with `orders.parquet`, `catalog.parquet` if there is one, `carts.jsonl`, `carts_anonymous.jsonl` and
`truth.parquet` (`cart_id`, `item_id`). The ranking is fitted again without the group: its columns are zero in all rows,
and its weights afterwards; candidates stay the same. A change stands with the half of its 95% interval, paired, over
customers.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from recommender.batch import Asked, read_carts, score_carts
from recommender.engine import Recommender
from recommender.model import RankerWeights
from recommender.ranker.signals import BLEND, COLUMN, ITEM_SIGNALS
from training import pipeline, rehearsal
from training.config import load_config
from training.progress import Progress
from training.ranker import fit, fit_windows
from training.ranker.fit_network import Fitted
from training.ranker.rows import Rows

TREND = ("trend_30", "trend_10", "trend_2")
PAIRS = (
    "cosine_sum",
    "cosine_max",
    "cosine_relative",
    "weighted_sum",
    "weighted_max",
    "weighted_relative",
    "met_share",
)
RULES = ("confidence_mean", "confidence_max", "log_lift_max")
LINEAR = ("ease_sum", "ease_max", "ease_relative")
BASKETS = ("similar_baskets", "similar_baskets_relative")
GROUPS: Mapping[str, tuple[str, ...]] = {
    "own history": (
        "own_count", "own_share", "own_fast", "own_slow", "own_days", "own_rhythm", "own_context", "own_since",
        "own_relative", "known", "orders", "customer_repeat", "customer_days", "customer_lag",
    ),
    "tastes": ("taste", "taste_relative"),
    "baskets like the cart": BASKETS,
    "pairs": PAIRS,
    "rules": RULES,
    "linear model": LINEAR,
    "pairs, rules, linear model": (*PAIRS, *RULES, *LINEAR),
    "these and baskets like the cart": (*PAIRS, *RULES, *LINEAR, *BASKETS),
    "category": (
        "category_in_cart", "branch_in_cart", "category_sum", "category_max", "own_category_share", "own_category_rate"
    ),
    "item signals": (*(name for name in ITEM_SIGNALS if name not in TREND), "price_gap", "share_relative"),
    "trend": TREND,
    "encoder": ("encoder", "encoder_chance"),
}  # fmt: skip
NETWORK = "network"
FILES = {"known": "carts.jsonl", "anonymous": "carts_anonymous.jsonl"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE")
    asked = parser.parse_args()
    catalog = asked.folder / "catalog.parquet"
    fits: list[tuple[Any, ...]] = []
    with mock.patch.object(rehearsal, "fit_ranker", noted(rehearsal.fit_ranker, fits)):
        trained = pipeline.run(
            str(asked.folder / "orders.parquet"),
            str(catalog) if catalog.exists() else None,
            load_config(settings=asked.settings),
            Progress(quiet=True),
        )
    carts = {name: read(asked.folder / file) for name, file in FILES.items()}
    if trained.customers is None:
        del carts["known"]
    hidden = pd.read_parquet(asked.folder / "truth.parquet").set_index("cart_id")["item_id"].to_dict()
    customers = customers_of(asked.folder / FILES["known"])
    whole = {name: hits(Recommender(trained.model, trained.customers), lines, hidden) for name, lines in carts.items()}
    print(f"| without | {' | '.join(f'{len(lines):,} carts, {name}' for name, lines in carts.items())} |")
    print(f"|---|{'--:|' * len(carts)}")
    print(f"| nothing | {' | '.join(f'{found.mean():.4f}'[1:] for found in whole.values())} |", flush=True)

    def tell(name: str, weights: RankerWeights) -> None:
        shop = Recommender(replace(trained.model, ranker=weights), trained.customers)
        changes = [change(whole[who], hits(shop, lines, hidden), customers) for who, lines in carts.items()]
        print(f"| {name} | {' | '.join(changes)} |", flush=True)

    if not trained.model.is_ranker_fitted:
        raise SystemExit("error: too few orders to fit a ranking on, so there is nothing to leave out")
    for name, signals in GROUPS.items():
        tell(name, fitted(fits[-1], signals))
    tell(NETWORK, without_network(trained.model.ranker))


def read(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def customers_of(carts: Path) -> NDArray[np.int64]:
    """int64 (carts,): whose each cart is, every stranger's cart its own."""
    lines = [json.loads(line) for line in read(carts)]
    names = [
        f"customer {line['customer_id']}" if "customer_id" in line else f"cart {line['cart_id']}" for line in lines
    ]
    return np.asarray(pd.factorize(np.array(names, object))[0], np.int64)


def hits(recommender: Recommender, lines: list[str], hidden: Mapping[str, str]) -> NDArray[np.float64]:
    """float64 (carts,): 1 where the hidden item is among ten places."""
    answers = score_carts(recommender, list(read_carts(lines, "carts")), Asked(k=10))
    return np.array(
        [hidden[answer["cart_id"]] in {one["item_id"] for one in answer["suggestions"]} for answer in answers],
        np.float64,
    )


def change(before: NDArray[np.float64], after: NDArray[np.float64], customers: NDArray[np.int64]) -> str:
    """The difference of two means, and 1.96 standard errors of it, a customer's carts taken together."""
    difference = after - before
    error = np.sqrt((np.bincount(customers, difference - difference.mean()) ** 2).sum()) / len(difference)
    return f"{difference.mean():+.4f} ± {1.96 * error:.4f}".replace("0.", ".").replace("-", "−")


def noted(fit_ranker: Callable[..., Any], fits: list[tuple[Any, ...]]) -> Callable[..., Any]:
    """The same function, which keeps what it was asked to fit."""

    def kept(*asked: Any) -> Any:
        fits.append(asked)
        return fit_ranker(*asked)

    return kept


def fitted(asked: tuple[Any, ...], dropped: tuple[str, ...]) -> RankerWeights:
    """The ranking that training would fit if it did not have these signals.

    Parameters
    ----------
    asked : what `training.ranker.fit.fit_ranker` takes.
    """
    columns = [COLUMN[name] for name in dropped if name in COLUMN]
    terms = [place for place, (name, _, _) in enumerate(BLEND) if name in dropped]

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
        threadpool_limits(1, "blas"),
    ):
        return fit.fit_ranker(*asked).weights


def without_network(weights: RankerWeights) -> RankerWeights:
    network = weights.network
    return replace(
        weights, network=network._replace(last=np.zeros_like(network.last), last_bias=np.zeros_like(network.last_bias))
    )


if __name__ == "__main__":
    main()
