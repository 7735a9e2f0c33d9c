"""Itemsets of all lengths on the FIMI retail baskets: their number, and the time beside Borgelt's miner in C (pyfim).

    python tests/benchmarks/mining.py retail.dat [--counts 882 441 177 89]

Exits with 1 where the two do not find the same itemsets, count for count.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from fim import fpgrowth
from scipy import sparse

from training.itemsets import Itemsets, frequent_itemsets


def read(path: Path) -> list[list[int]]:
    """Baskets of a FIMI file, an item once a basket."""
    return [sorted({int(item) for item in line.split()}) for line in path.read_text(encoding="ascii").splitlines()]


def matrix_of(baskets: list[list[int]]) -> sparse.csr_matrix:
    """(baskets, items) of ones."""
    offsets = np.concatenate(([0], np.cumsum([len(basket) for basket in baskets])))
    items = np.concatenate([np.array(basket, np.int32) for basket in baskets])
    return sparse.csr_matrix((np.ones(len(items), np.int32), items, offsets))


def same(ours: Itemsets, theirs: list[tuple[tuple[int, ...], int]]) -> bool:
    """True where both hold the same itemsets with the same counts."""
    items = ours.items.tolist()
    bounds = ours.offsets.tolist()
    found = {
        tuple(items[start:stop]): count
        for start, stop, count in zip(bounds, bounds[1:], ours.counts.tolist(), strict=False)
    }
    return found == {tuple(sorted(itemset)): count for itemset, count in theirs}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("baskets", type=Path)
    parser.add_argument("--counts", type=int, nargs="+", default=[882, 441, 177, 89])
    options = parser.parse_args()
    baskets = read(options.baskets)
    matrix = matrix_of(baskets)
    print(f"{'count':>6}{'itemsets':>10}{'pyfim':>10}{'seconds':>10}{'pyfim':>8}{'ratio':>8}  agree")
    wrong = 0
    for count in options.counts:
        started = time.perf_counter()
        ours = frequent_itemsets(matrix, count)
        between = time.perf_counter()
        theirs = fpgrowth(baskets, supp=-count, report="a")
        ended = time.perf_counter()
        agree = same(ours, theirs)
        wrong += not agree
        seconds, theirs_seconds = between - started, ended - between
        ratio = seconds / theirs_seconds
        print(
            f"{count:>6}{len(ours):>10,}{len(theirs):>10,}{seconds:>10.2f}{theirs_seconds:>8.2f}{ratio:>8.1f}  {agree}"
        )
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
