"""What made-up orders keep of the orders that they are like: python tests/benchmarks/synth.py ORDERS [--column …]

Makes as many orders as ORDERS has, and prints each figure for both.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

from training.config import CountConfig
from training.counting import BasketLines
from training.counting.customers import Buyers
from training.significance import claim_pairs
from training.synth.fit import best_pairs, repeat_share
from training.synth.plan import Size
from training.synth.shop import Shop, read_shop
from training.synth.synth import synth

SHARES = (0.5, 0.75, 0.9, 0.99)


def figures(shop: Shop, item_ids: list[str], pairs: np.ndarray) -> dict[str, float]:
    """By name; `pairs` are rows of `item_ids`."""
    counts = np.sort(np.bincount(shop.items, minlength=len(shop.item_ids)))
    shares = counts / counts.sum()
    gini = 1 - 2 * (np.cumsum(shares).sum() - 0.5) / len(shares)
    said = {"items bought": float((counts > 0).sum()), "HHI of items × 10,000": float((shares**2).sum() * 1e4)}
    said["Gini of items"] = float(gini)
    said |= {f"items of an order, {share:.0%}": float(np.quantile(shop.sizes, share)) for share in SHARES}
    lifts = lifts_of(shop, item_ids, pairs)
    said |= {
        f"lift of its 1,000 best pairs, {share:.0%}": float(np.quantile(lifts, share)) for share in (0.1, 0.5, 0.9)
    }
    said["claimed pairs"] = float(claims(shop))
    owners = np.repeat(np.arange(len(shop.customers) - 1, dtype=np.int32), np.diff(shop.customers))
    said["lines bought again"] = repeat_share(shop.items, shop.order_of, owners, shop.has_customers)
    if shop.has_customers and len(shop.times):
        same = owners[1:] == owners[:-1]
        gaps = np.diff(shop.times)[same] / 86_400
        said |= {f"days between orders, {share:.0%}": float(np.quantile(gaps, share)) for share in (0.25, *SHARES)}
    return said


def matrix_of(shop: Shop):
    from scipy import sparse

    shape = (len(shop), len(shop.item_ids))
    return sparse.csr_matrix((np.ones(len(shop.items), np.float32), shop.items, shop.offsets), shape)


def lifts_of(shop: Shop, item_ids: list[str], pairs: np.ndarray) -> np.ndarray:
    """Of the same pairs in both, by their ids; 0 where one is not bought."""
    row_of = {item_id: row for row, item_id in enumerate(shop.item_ids)}
    rows = np.array([[row_of.get(item_ids[row], -1) for row in pair] for pair in pairs.tolist()])
    held = matrix_of(shop).tocsc()
    counts = np.diff(held.indptr)
    together = np.asarray(held[:, rows[:, 0]].multiply(held[:, rows[:, 1]]).sum(axis=0)).ravel()
    return np.where((rows >= 0).all(axis=1), together * len(shop) / np.maximum(counts[rows].prod(axis=1), 1), 0)


def claims(shop: Shop) -> int:
    matrix = matrix_of(shop)
    matrix.sort_indices()
    owners = np.repeat(np.arange(len(shop.customers) - 1, dtype=np.int32), np.diff(shop.customers))
    known = owners if shop.has_customers else None
    lines = BasketLines.of(matrix)
    return len(claim_pairs(lines, Buyers(lines, known), CountConfig()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("orders")
    parser.add_argument("--column", action="append", default=[], metavar="OURS=THEIRS")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    columns = dict(column.split("=", 1) for column in options.column)
    source = read_shop(options.orders, columns)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "made.parquet")
        synth(options.orders, path, Size(orders=len(source)), columns=columns, seed=options.seed)
        made = read_shop(str(path), {})
    pairs = best_pairs(source.items, source.offsets, len(source.item_ids))
    names = list(source.item_ids)
    theirs, ours = figures(source, names, pairs), figures(made, names, pairs)
    print(f"{'':<36}{'source':>12}{'made up':>12}{'ratio':>8}")
    for name, value in theirs.items():
        ratio = ours[name] / value if value else float("nan")
        print(f"{name:<36}{value:>12,.3f}{ours[name]:>12,.3f}{ratio:>8.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
