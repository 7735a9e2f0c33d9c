"""Pairs claimed on real orders beside those claimed when the items are dealt out to the lines at random.

    python tests/benchmarks/shuffled_claims.py ORDERS.parquet [--shuffles 10] [--seed 0]

ORDERS has `order_id`, `item_id` and, if known, `customer_id`; lines of a `quantity` of 0 or less are left out. A
shuffle keeps every order's customer and number of lines and every item's number of lines; an item that falls twice into
one order is merged.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from training.config import CountConfig
from training.counting import BasketLines
from training.counting.customers import Buyers
from training.significance import Claims, claim_pairs


def read(path: str) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32] | None]:
    """Order and item of every different line, and the customer of every order (None where there are none)."""
    lines = pd.read_csv(path, dtype=str) if path.endswith(".csv") else pd.read_parquet(path)
    if "quantity" in lines:
        lines = lines[lines["quantity"].astype(float) > 0]
    lines = lines.drop_duplicates(["order_id", "item_id"])
    orders, _ = pd.factorize(lines["order_id"])
    items, _ = pd.factorize(lines["item_id"], sort=True)
    if "customer_id" not in lines:
        return orders, items, None
    customers, _ = pd.factorize(lines["customer_id"])
    order_customers = np.full(orders.max() + 1, -1, np.int32)
    order_customers[orders] = customers
    return orders, items, order_customers


def claims(orders: NDArray[np.int64], items: NDArray[np.int64], customers: NDArray[np.int32] | None) -> Claims:
    """The pairs claimed with the default configuration."""
    shape = (int(orders.max()) + 1, int(items.max()) + 1)
    matrix = sparse.csr_matrix((np.ones(len(orders), np.int32), (orders, items)), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1
    lines = BasketLines.of(matrix)
    return claim_pairs(lines, Buyers(lines, customers), CountConfig())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("orders")
    parser.add_argument("--shuffles", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    orders, items, customers = read(options.orders)
    started = time.perf_counter()
    real = claims(orders, items, customers)
    print(f"real: {len(real):,} pairs claimed of {real.tested:,} tested ({time.perf_counter() - started:.1f} s)")
    rng = np.random.default_rng(options.seed)
    shuffled = [len(claims(orders, rng.permutation(items), customers)) for _ in range(options.shuffles)]
    print(f"shuffled: {shuffled}")
    mean = float(np.mean(shuffled))
    print(f"mean of {len(shuffled)} shuffles: {mean:.1f}, {mean / max(len(real), 1):.5%} of the real number")


if __name__ == "__main__":
    main()
