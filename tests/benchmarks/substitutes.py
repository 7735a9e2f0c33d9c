"""What the guard against substitutes costs in hits and gains in variety.

    python tests/benchmarks/substitutes.py CARTS STORE

CARTS is a folder with `carts.jsonl` and `truth.parquet` (`cart_id`, `item_id`), STORE holds a model of the orders
before them. A line each, guard off and on: HR@10 with its 95% interval; the mean number of different categories among
the ten; how many of the ten stand in a category of the cart; how many replace an item of the cart.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from recommender.batch import CartLine, read_carts
from recommender.cart import parse_cart
from recommender.engine import Recommender
from recommender.evidence import wilson_interval
from recommender.policy import Alternatives
from recommender.store import Store


@dataclass(frozen=True)
class Shown:
    """One list of ten: was the hidden item there, how many categories, how many of the cart's, how many substitutes."""

    hit: bool
    categories: int
    in_cart: int
    substitutes: int


MEANS = ("categories", "in_cart", "substitutes")


def shown(shop: Recommender, alternatives: Alternatives, cart: CartLine, hidden: str) -> Shown:
    answer = shop.answer(cart.items, customer_id=cart.customer_id, at=cart.at, k=10)
    catalog = shop.catalog
    rows = np.array([catalog.row(suggestion.item_id) for suggestion in answer.suggestions], np.int64)
    of_cart = parse_cart(catalog, cart.items).rows
    categories = catalog.item_category[rows]
    categories = categories[categories >= 0]
    return Shown(
        hit=hidden in {suggestion.item_id for suggestion in answer.suggestions},
        categories=len(np.unique(categories)),
        in_cart=int(np.isin(categories, catalog.item_category[of_cart]).sum()),
        substitutes=len(alternatives.of(of_cart) & set(rows.tolist())),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("store", type=Path)
    options = parser.parse_args()
    hidden = pd.read_parquet(options.folder / "truth.parquet").set_index("cart_id")["item_id"].to_dict()
    with (options.folder / "carts.jsonl").open(encoding="utf-8") as file:
        carts = list(read_carts(file, "carts"))
    model, customers = Store(options.store).load()
    alternatives = Alternatives(model)
    found: dict[str, list[Shown]] = {}
    for name, guard in (("off", False), ("on", True)):
        shop = Recommender(model, customers, substitutes=guard)
        found[name] = [shown(shop, alternatives, cart, hidden[cart.cart_id]) for cart in carts]
        hits = sum(one.hit for one in found[name])
        low, high = wilson_interval(hits, len(carts))
        means = [np.mean([getattr(one, what) for one in found[name]]) for what in MEANS]
        print(f"guard {name:<4}HR@10 {hits / len(carts):.4f} ({low:.4f} to {high:.4f})", end="")
        print("  categories {:.3f}  in a category of the cart {:.3f}  substitutes {:.3f}".format(*means))
    lost = sum(off.hit and not on.hit for off, on in zip(found["off"], found["on"], strict=True))
    gained = sum(on.hit and not off.hit for off, on in zip(found["off"], found["on"], strict=True))
    print(f"{len(carts):,} carts, {len(model.substitutes.items) // 2:,} pairs; {lost} hits lost, {gained} gained")


if __name__ == "__main__":
    main()
