"""What an objective brings and what it costs: hits and money in ten places against the order by probability.

    python tests/benchmarks/objective.py CARTS STORE [--objective profit] [--anonymous] [--strengths S ...]

CARTS is a folder with `carts.jsonl` and `truth.parquet` (`cart_id`, `item_id`, `unit_price`, `unit_cost`); the store's
model was trained on earlier orders. Money is the margin of the hidden items that were hit, their price for `revenue`.
With `--strengths` each of these is tried in place of the model's own: the frontier in hindsight, which judges a choice
and makes none. Intervals are 95%, of a paired bootstrap over customers.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recommender import load
from recommender.batch import read_carts
from recommender.engine import Recommender
from recommender.objective import GAINS

_DRAWS = 2000


def hits(recommender: Recommender, carts: list[str], hidden: pd.Series, objective: str) -> NDArray[np.float64]:
    """float64 (carts,): 1 where the hidden item is among ten places."""
    found = []
    for cart in read_carts(carts, "carts"):
        answer = recommender.answer(cart.items, customer_id=cart.customer_id, at=cart.at, objective=objective)
        found.append(hidden[cart.cart_id] in {suggestion.item_id for suggestion in answer.suggestions})
    return np.array(found, np.float64)


def change(before: NDArray[np.float64], after: NDArray[np.float64], customers: NDArray[np.int64]) -> str:
    """The relative change of a sum, with its interval."""
    size = int(customers.max()) + 1
    draws = np.random.default_rng(0).multinomial(size, np.full(size, 1 / size), _DRAWS)
    difference, base = (draws @ np.bincount(customers, values, size) for values in (after - before, before))
    low, high = np.quantile(difference / base, (0.025, 0.975))
    return f"{(after - before).sum() / before.sum():+.1%} ({low:+.1%} to {high:+.1%})"


def with_strengths(recommender: Recommender, strengths: list[float]) -> Iterator[Recommender]:
    """The shop as it is, or with each of `strengths` for every objective."""
    if not strengths:
        yield recommender
    for strength in strengths:
        model = replace(recommender.model, strengths=np.full(len(GAINS), strength, np.float32))
        yield Recommender(model, recommender.customers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("store", type=Path)
    parser.add_argument("--objective", choices=("profit", "revenue"), default="profit")
    parser.add_argument("--anonymous", action="store_true", help="as strangers' carts")
    parser.add_argument("--strengths", type=float, nargs="+", default=[], help="in place of the model's own")
    asked = parser.parse_args()
    lines = [json.loads(line) for line in (asked.folder / "carts.jsonl").read_text(encoding="utf-8").splitlines()]
    customers = pd.factorize(pd.Series([line.get("customer_id") or f"cart {line['cart_id']}" for line in lines]))[0]
    carts = [
        json.dumps({k: v for k, v in line.items() if not (asked.anonymous and k == "customer_id")}) for line in lines
    ]
    truth = pd.read_parquet(asked.folder / "truth.parquet").set_index("cart_id")
    recommender = load(asked.store)
    cost = truth["unit_cost"] if asked.objective == "profit" else 0.0
    money = (truth["unit_price"] - cost).reindex([line["cart_id"] for line in lines]).fillna(0).to_numpy(np.float64)
    before = hits(recommender, carts, truth["item_id"], "probability")
    place = GAINS.index(asked.objective)
    print(f"{len(carts):,} carts, objective {asked.objective} against probability")
    for shop in with_strengths(recommender, asked.strengths):
        after = hits(shop, carts, truth["item_id"], asked.objective)
        print(f"strength   {shop.model.strengths[place]:.5f}")
        print(f"HR@10      {before.mean():.4f} -> {after.mean():.4f}  {change(before, after, customers)}")
        earned = [before * money, after * money]
        name = "margin@10" if asked.objective == "profit" else "revenue@10"
        print(f"{name:<10} {earned[0].sum():,.2f} -> {earned[1].sum():,.2f}  {change(*earned, customers)}")


if __name__ == "__main__":
    main()
