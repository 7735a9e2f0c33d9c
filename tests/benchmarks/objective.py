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
from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class HiddenItems:
    """Carts of a window, as lines of JSON, and what was taken out of them.

    Attributes
    ----------
    items : ids by cart id.  customers : int64 (carts,), a number each.
    money : float64 (carts,), what the hidden item earned: its margin, its price for ``revenue``.
    """

    carts: list[str]
    items: pd.Series
    customers: NDArray[np.int64]
    money: NDArray[np.float64]


def read_hidden(folder: Path, objective: str, *, anonymous: bool) -> HiddenItems:
    """The carts of a folder, without their customers where these shall not be known."""
    lines = [json.loads(line) for line in (folder / "carts.jsonl").read_text(encoding="utf-8").splitlines()]
    customers = pd.factorize(pd.Series([line.get("customer_id") or f"cart {line['cart_id']}" for line in lines]))[0]
    carts = [json.dumps({k: v for k, v in line.items() if not (anonymous and k == "customer_id")}) for line in lines]
    truth = pd.read_parquet(folder / "truth.parquet").set_index("cart_id")
    earned = truth["unit_price"] - (truth["unit_cost"] if objective == "profit" else 0.0)
    money = earned.reindex([line["cart_id"] for line in lines]).fillna(0).to_numpy(np.float64)
    return HiddenItems(carts, truth["item_id"], customers, money)


def arguments(description: str | None) -> argparse.ArgumentParser:
    """What is asked about an objective."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("store", type=Path)
    parser.add_argument("--objective", choices=("profit", "revenue"), default="profit")
    parser.add_argument("--anonymous", action="store_true", help="as strangers' carts")
    return parser


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--strengths", type=float, nargs="+", default=[], help="in place of the model's own")
    asked = parser.parse_args()
    hidden = read_hidden(asked.folder, asked.objective, anonymous=asked.anonymous)
    recommender = load(asked.store)
    before = hits(recommender, hidden.carts, hidden.items, "probability")
    place = GAINS.index(asked.objective)
    print(f"{len(hidden.carts):,} carts, objective {asked.objective} against probability")
    for shop in with_strengths(recommender, asked.strengths):
        after = hits(shop, hidden.carts, hidden.items, asked.objective)
        print(f"strength   {shop.model.strengths[place]:.5f}")
        print(f"HR@10      {before.mean():.4f} -> {after.mean():.4f}  {change(before, after, hidden.customers)}")
        earned = [before * hidden.money, after * hidden.money]
        name = "margin@10" if asked.objective == "profit" else "revenue@10"
        print(f"{name:<10} {earned[0].sum():,.2f} -> {earned[1].sum():,.2f}  {change(*earned, hidden.customers)}")


if __name__ == "__main__":
    main()
