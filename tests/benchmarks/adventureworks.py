"""What a bicycle shop must say, by titles: python tests/benchmarks/adventureworks.py STORE

STORE holds a model of the AdventureWorks orders. Exit code 1 where an answer is none that a shopkeeper would nod at.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from recommender import load
from recommender.engine import Recommender

_BIKES = "Bikes"
_PLACES = 10


class Shop:
    """The shop by titles."""

    def __init__(self, recommender: Recommender) -> None:
        self.recommender, self.catalog = recommender, recommender.catalog
        self.rows = {self.catalog.title(row): row for row in range(len(self.catalog))}

    def add_ons(self, title: str, quantity: float = 1) -> list[str]:
        """Titles of the add-ons of an item."""
        item = (self.catalog.item_ids[self.rows[title]], quantity)
        return [s.title for s in self.recommender.suggest([item], placement="add-on", k=_PLACES)]

    def kind(self, title: str) -> str:
        """The topmost category of an item."""
        category = int(self.catalog.item_category[self.rows[title]])
        return self.catalog.categories[category].split(" > ")[0] if category >= 0 else ""

    def price(self, title: str) -> float:
        return float(self.catalog.price[self.rows[title]])

    def of_kind(self, kind: str) -> list[str]:
        """Titles of the items of a kind that were ever sold."""
        sold = self.recommender.model.item_orders
        return [title for title, row in self.rows.items() if sold[row] and self.kind(title) == kind]


def problems(shop: Shop) -> list[str]:
    """What is wrong, a line each."""
    found: list[str] = []

    def check(holds: bool, told: str) -> None:
        print(f"{'yes' if holds else 'NO':<4}{told}")
        if not holds:
            found.append(told)

    for main, first in (("Touring Tire", "Touring Tire Tube"), ("Mountain Bottle Cage", "Water Bottle - 30 oz.")):
        shown = shop.add_ons(main)
        check(shown[:1] == [first], f"{main}: the first add-on is {shown[0] if shown else 'none'}")
    shown = shop.add_ons("Road Bottle Cage")
    check(shown[:1] == ["Water Bottle - 30 oz."], f"Road Bottle Cage: {shown[0] if shown else 'none'}")
    shown = shop.add_ons("Water Bottle - 30 oz.")
    check(any("Bottle Cage" in title for title in shown[:2]), f"Water Bottle - 30 oz.: {', '.join(shown[:2])}")
    bikes = shop.of_kind(_BIKES)
    lists = {bike: shop.add_ons(bike) for bike in bikes}
    check(all(lists.values()), f"{len(bikes)} bikes: each has an add-on")
    wrong = [(bike, t) for bike, shown in lists.items() for t in shown if shop.kind(t) == _BIKES]
    check(not wrong, f"bikes as add-ons of bikes: {len(wrong)} {wrong[:2]}")
    parts = [(bike, t) for bike, shown in lists.items() for t in shown if shop.kind(t) == "Components"]
    check(not parts, f"parts of bikes as add-ons of bikes: {len(parts)} {parts[:2]}")
    first = [bike for bike, shown in lists.items() if shown and shop.kind(shown[0]) == "Accessories"]
    check(len(first) >= 0.95 * len(bikes), f"bikes whose first add-on is an accessory: {len(first)} of {len(bikes)}")
    worn = sum(shop.kind(t) == "Clothing" for shown in lists.values() for t in shown)
    print(f"    of {sum(map(len, lists.values()))} add-ons of bikes {worn} are clothing, the others accessories")
    dear = [(bike, t) for bike, shown in lists.items() for t in shown if shop.price(t) >= shop.price(bike)]
    check(not dear, f"add-ons as dear as the bike: {len(dear)} {dear[:2]}")
    rest = [title for title in shop.rows if shop.kind(title) != _BIKES]
    bikes_for = [(title, t) for title in rest for t in shop.add_ons(title) if shop.kind(t) == _BIKES]
    check(not bikes_for, f"bikes as add-ons of the {len(rest)} other items: {len(bikes_for)} {bikes_for[:2]}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path)
    sys.exit(bool(problems(Shop(load(parser.parse_args().store)))))


if __name__ == "__main__":
    main()
