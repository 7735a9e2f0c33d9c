"""What two hundred rules add to an answer, in milliseconds: the engine with and without a policy, in turns in one run.

    python tests/benchmarks/policy.py STORE [--rules 200] [--items 8] [--answers 3000] [--json]

A round asks one cart of both. The rules are of every kind, most of them with conditions on the cart: a fifth exclude, a
fifth boost, a tenth bury, a tenth pin, a tenth hold to a price, a tenth are restrictions, a tenth pairs, the rest caps.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine import Cart, carts_of

if TYPE_CHECKING:
    from recommender.catalog import Catalog
    from recommender.engine import Recommender

WARM_UP = 300
_MOST_CAPS = 20


def policy_text(catalog: Catalog, rules: int) -> str:
    """A policy of so many rules that name the catalog's own items, brands and categories."""
    ids = [catalog.item_ids[row] for row in range(0, len(catalog), max(len(catalog) // 500, 1))]
    brands, paths = list(catalog.brands)[:40] or ["none"], list(catalog.categories)[:200] or ["none"]
    tables: list[str] = []
    for number in range(rules):
        few = json.dumps([ids[(7 * number + step) % len(ids)] for step in range(5)])
        brand = f"'brand = {json.dumps(brands[number % len(brands)])}'"
        path = f"'category in {json.dumps(paths[number % len(paths)] + ' > *')} and price <= {5 + number % 20}'"
        seed = f"when_cart = 'category in {json.dumps(paths[3 * number % len(paths)] + ' > *')}'"
        kinds = (
            f"action = 'exclude'\nitems = {few}\n{seed}",
            f"action = 'boost'\nfactor = {1 + number % 3 / 10}\nfilter = {path}",
            f"action = 'bury'\nitems = {few}\n{seed}",
            f"action = 'exclude'\nfilter = {path}\nwhen_cart_items = {few}",
            f"action = 'pin'\nitems = {few}\nplace = 9\nwhen_cart_items = {few}",
            f"action = 'boost'\nfactor = 1.2\nfilter = {brand}\n{seed}",
            f"action = 'price'\nof = 'dearest'\nhigh = 20\nfilter = {brand}",
            f"action = 'restrict'\nexcept_regions = ['XX']\nitems = {few}",
        )
        place = number % 10
        if place < len(kinds):
            tables.append(f"[[rules]]\nname = 'rule {number}'\n{kinds[place]}")
        elif place == len(kinds) or number > 10 * _MOST_CAPS:
            tables.append(f"[[never_together]]\nname = 'pair {number}'\nfirst_items = {few}\nsecond = {path}")
        else:
            tables.append(f"[[caps]]\nname = 'cap {number}'\nby = 'category'\nmost = {3 + number % 3}\n{seed}")
    return "\n".join(tables)


def milliseconds(shop: Recommender, cart: Cart) -> tuple[float, float]:
    """Of one answer, on the wall and on the processor."""
    started, worked = time.perf_counter(), time.thread_time()
    shop.answer(cart[0], customer_id=cart[1], k=10, context={"region": "DE"})
    return 1000 * (time.perf_counter() - started), 1000 * (time.thread_time() - worked)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path)
    parser.add_argument("--rules", type=int, default=200)
    parser.add_argument("--items", type=int, default=8)
    parser.add_argument("--answers", type=int, default=3000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    import numpy as np

    from recommender import load
    from recommender.merchandising.read import parse_policy

    plain = load(options.store)
    started = time.perf_counter()
    ruled = plain.with_policy(parse_policy(policy_text(plain.catalog, options.rules).encode()))
    compiled = time.perf_counter() - started
    carts = carts_of(plain, None, options.items, stranger=False)
    for cart in islice(cycle(carts), WARM_UP):
        milliseconds(plain, cart), milliseconds(ruled, cart)
    taken = np.array([[milliseconds(plain, c), milliseconds(ruled, c)] for c in islice(cycle(carts), options.answers)])
    added = taken[:, 1] - taken[:, 0]
    figures: dict[str, Any] = {"rules": options.rules, "items": len(plain.catalog), "take_up_s": round(compiled, 3)}
    for place, clock in enumerate(("wall", "processor")):
        without, under = np.median(taken[:, :, place], axis=0).round(3).tolist()
        figures[clock] = {
            "without_p50_ms": without,
            "under_p50_ms": under,
            "added_p50_ms": round(float(np.median(added[:, place])), 3),
            "added_p90_ms": round(float(np.percentile(added[:, place], 90)), 3),
        }
    if options.json:
        print(json.dumps(figures))
        return
    print(f"{options.rules:,} rules, carts of {options.items} on {len(plain.catalog):,} items, one core,")
    print(f"{options.answers:,} answers each way; the policy is taken up in {compiled:.2f} s:")
    for clock in ("wall", "processor"):
        without, under, added_p50, added_p90 = figures[clock].values()
        added_told = f"added p50 {added_p50:.3f} ms, p90 {added_p90:.3f} ms"
        print(f"{clock:<9}  without {without:.3f} ms, under {under:.3f} ms; {added_told}")


if __name__ == "__main__":
    main()
