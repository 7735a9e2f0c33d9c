"""The box of every item, checked against claims that are counted anew: python tests/benchmarks/boxes.py ORDERS STORE

ORDERS is the file that the store's model was trained on, as Parquet with `order_id`, `item_id` and perhaps
`customer_id`. Claims are recomputed with numpy and scipy from the file alone: Poisson tail against the size-aware
expectation, Benjamini-Hochberg over all pairs of items in 20 orders or more, met in 5 baskets by 3 customers.
Exit code 1 where a box breaks a promise.
"""

from __future__ import annotations

import argparse
import sys
import time
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse, stats

from recommender import load
from recommender.boxes import Box
from recommender.engine import Recommender

_OFTEN = 100


class Claims:
    """Claimed pairs of an orders file, by the ids of their items; one pair at a time asks for its customers."""

    def __init__(self, orders: str, left_out: set[str]) -> None:
        frame = pd.read_parquet(orders)
        frame = frame[frame["quantity"] > 0] if "quantity" in frame else frame
        frame = frame[~frame["item_id"].isin(left_out)]
        baskets, _ = pd.factorize(frame["order_id"])
        items, names = pd.factorize(frame["item_id"].astype(str))
        x = sparse.csr_matrix((np.ones(len(items)), (baskets, items)))
        x.data[:] = 1
        sizes = np.asarray(x.sum(axis=1)).ravel()
        self.x, self.row = x.tocsc(), {name: row for row, name in enumerate(names)}
        self.orders = np.asarray(x.sum(axis=0)).ravel()
        self.chance = float((sizes * (sizes - 1)).sum() / sizes.sum() ** 2)
        self.customers = np.full(x.shape[0], -1)
        if "customer_id" in frame:
            codes, _ = pd.factorize(frame["customer_id"])
            self.customers[baskets] = codes
        self.bound = self._bound(x)

    def _bound(self, x: sparse.csr_matrix) -> float:
        """The p-value up to which pairs are claimed (Benjamini & Hochberg 1995), before customers are looked at."""
        eligible = np.flatnonzero(self.orders >= 20)
        counts = sparse.triu((x[:, eligible].T @ x[:, eligible]).tocsr(), k=1).tocoo()
        kept = counts.data >= 5
        expected = self.orders[eligible][counts.row[kept]] * self.orders[eligible][counts.col[kept]] * self.chance
        p = np.sort(stats.poisson.sf(counts.data[kept] - 1, expected))
        tested = len(eligible) * (len(eligible) - 1) // 2
        passed = np.flatnonzero(p <= 0.05 * np.arange(1, len(p) + 1) / tested)
        return float(p[passed[-1]]) if len(passed) else -1.0

    def __call__(self, first: str, second: str) -> bool:
        a, b = self.row[first], self.row[second]
        both = np.intersect1d(self._baskets(a), self._baskets(b))
        who = self.customers[both]
        different = len(np.unique(who[who >= 0])) + int((who < 0).sum())
        luck = stats.poisson.sf(len(both) - 1, self.orders[a] * self.orders[b] * self.chance)
        enough = min(self.orders[a], self.orders[b]) >= 20 and len(both) >= 5 and different >= 3
        return bool(enough and luck <= self.bound)

    def _baskets(self, row: int) -> np.ndarray:
        return self.x.indices[self.x.indptr[row] : self.x.indptr[row + 1]]


def problems(box: Box, recommender: Recommender, claimed: Claims) -> list[str]:
    """The promises that a box breaks."""
    catalog, instead = recommender.catalog, recommender.model.substitutes
    ids = [item.item_id for item in box.items]
    rows = [catalog.row(item_id) for item_id in ids]
    groups = [group for group in catalog.item_group[rows].tolist() if group >= 0]
    replaced = {int(other) for row in rows for other in instead.items[instead.entries(row)]}
    unclaimed = [pair for pair in combinations(ids, 2) if not claimed(*pair)]
    broken = {
        "not two to four items": not 2 <= len(ids) <= 4,
        "an item twice": len(set(ids)) < len(ids),
        "two variants of one product": len(set(groups)) < len(groups),
        "a pair that replaces each other": not replaced.isdisjoint(rows),
        f"pairs that are not claimed: {unclaimed}": bool(unclaimed),
        "an item that cannot be sold": not catalog.sellable()[rows].all(),
    }
    return [name for name, found in broken.items() if found]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("orders", type=Path)
    parser.add_argument("store", type=Path)
    asked = parser.parse_args()
    orders, recommender = asked.orders, load(asked.store)
    started = time.perf_counter()
    answers = [recommender.bundle_answer(item_id) for item_id in recommender.catalog.item_ids]
    seconds = time.perf_counter() - started
    boxes = [answer.box for answer in answers if answer.box is not None]
    often = recommender.model.item_orders >= _OFTEN
    with_box = np.array([answer.box is not None for answer in answers])
    share = with_box[often].sum() / max(often.sum(), 1)
    sold = recommender.model.item_orders > 0
    ids = list(recommender.catalog.item_ids)
    claimed = Claims(orders, {item_id for item_id, any_order in zip(ids, sold.tolist(), strict=True) if not any_order})
    broken = [f"{box.items[0].item_id}: {problem}" for box in boxes for problem in problems(box, recommender, claimed)]
    sizes = np.bincount([len(box.items) for box in boxes], minlength=5)
    print(
        f"{len(answers):,} items, {len(boxes):,} boxes in {seconds:.1f} s, {1000 * seconds / len(answers):.3f} ms each"
    )
    print(f"of {int(often.sum()):,} items with {_OFTEN} orders or more {share:.1%} have a box")
    print(f"two items {sizes[2]:,}, three {sizes[3]:,}, four {sizes[4]:,}")
    print(f"promises broken: {len(broken):,}")
    for problem in broken[:20]:
        print(f"  {problem}")
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
