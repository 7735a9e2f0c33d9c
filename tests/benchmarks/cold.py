"""Hits among the items that were never sold, beside those of chance.

    goeswith score CARTS/carts.jsonl --new-only -k 50 -o suggestions.jsonl
    python tests/benchmarks/cold.py CARTS suggestions.jsonl [-k 50]

CARTS is a folder with `orders.parquet`, `catalog.parquet`, `carts.jsonl` and `truth.parquet` (`cart_id`, `item_id`);
each hidden item is one that no order of the folder holds. Chance is k of the catalogue's unsold items.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pandas as pd

from recommender.evidence import wilson_interval


def unsold(folder: Path) -> set[str]:
    """Items of the catalogue that no order holds."""
    sold = set(pd.read_parquet(folder / "orders.parquet", columns=["item_id"])["item_id"])
    return set(pd.read_parquet(folder / "catalog.parquet", columns=["item_id"])["item_id"]) - sold


def hits(folder: Path, suggestions: Path, new: set[str], k: int) -> list[bool]:
    """Whether the first k of each cart hold the hidden item.

    Raises ``SystemExit`` where an item is suggested that has been sold.
    """
    hidden = pd.read_parquet(folder / "truth.parquet").set_index("cart_id")["item_id"].to_dict()
    found: list[bool] = []
    for line in suggestions.read_text(encoding="utf-8").splitlines():
        answer = json.loads(line)
        ids = [suggestion["item_id"] for suggestion in answer["suggestions"]][:k]
        if not new.issuperset(ids):
            raise SystemExit(f"cart {answer['cart_id']}: {min(set(ids) - new)} has been sold")
        found.append(hidden[answer["cart_id"]] in ids)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("suggestions", type=Path)
    parser.add_argument("-k", type=int, default=50)
    options = parser.parse_args()
    new = unsold(options.folder)
    found = hits(options.folder, options.suggestions, new, options.k)
    low, high = wilson_interval(sum(found), len(found))
    chance = min(1.0, options.k / max(len(new), 1))
    share = sum(found) / max(len(found), 1)
    print(f"{len(found):,} carts, {len(new):,} items never sold, chance {chance:.4f}")
    print(f"HR@{options.k} {share:.4f} ({low:.4f} to {high:.4f}), {share / chance:.1f} times chance", end="")
    print(f" ({low / chance:.1f} to {high / chance:.1f})")


if __name__ == "__main__":
    main()
