"""goeswith beside every peer in a shop that it was not made on: HR@10 for known and for unknown customers.

    python tests/benchmarks/unseen_shops.py ORDERS [--catalog FILE] [--seeds 5] [--json FILE]

ORDERS is a Parquet or CSV file of all orders. `goeswith train` and `goeswith score` run with the default configuration
on the orders before the last tenth; each seed hides other items of the last tenth. Peers are fitted on the same orders,
their parameters chosen on the last tenth of those. The ratio is that of the hits of all seeds, its interval a paired
bootstrap over customers (orders where none is known).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from later_window import HiddenItem, cut, hide_one, read_lines
from numpy.typing import NDArray

from training.baskets import Baskets
from training.checking import check
from training.config import Config
from training.evaluation.bootstrap import Bootstrap, Interval, ratio
from training.evaluation.lists import Lists, ranked
from training.evaluation.peers import FAMILIES
from training.evaluation.peers.family import Family, History
from training.evaluation.questions import Later, Questions, one_hidden
from training.evaluation.tuning import tune
from training.evaluation.windows import windows
from training.progress import Progress

OURS = "goeswith"
KNOWN, ANONYMOUS = "known", "anonymous"
_PLACES = 10
_TUNING_CARTS = 1500

Hits = Mapping[str, NDArray[np.bool_]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("orders", type=Path)
    parser.add_argument("--catalog", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--carts", type=int, default=5000, help="carts of a seed, at most")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    earlier, later = cut(read_lines(asked.orders))
    carts = [hide_one(later, seed, asked.carts) for seed in range(asked.seeds)]
    with tempfile.TemporaryDirectory() as name:
        orders = Path(name) / "orders.parquet"
        earlier.to_parquet(orders, index=False)
        known_customers = any(cart.customer for cart in carts[0])
        told = {KNOWN: True, ANONYMOUS: False} if known_customers else {ANONYMOUS: False}
        ours = ask_goeswith(orders, asked.catalog, carts, told)
        baskets = check(orders, asked.catalog, Config(), Progress(quiet=True))[0].baskets
    found = {customers: {OURS: hits} for customers, hits in ours.items()}
    ask_peers(baskets, carts, found)
    results = {
        customers: summary(hits, [cart for of_seed in carts for cart in of_seed], [len(one) for one in carts])
        for customers, hits in found.items()
    }
    for customers, result in results.items():
        print_result(customers, result)
    if asked.json:
        asked.json.write_text(json.dumps({"orders": str(asked.orders), **results}, indent=1) + "\n")


def ask_goeswith(
    orders: Path, catalog: Path | None, carts: Sequence[Sequence[HiddenItem]], told: Mapping[str, bool]
) -> dict[str, NDArray[np.bool_]]:
    """Whether the hidden item is among ten, bool (carts of all seeds,), by whether customers are told."""
    folder = orders.parent
    store = folder / "store"
    more = ["--catalog", str(catalog)] if catalog else []
    run("train", str(orders), *more, "--store", str(store))
    every = [cart for of_seed in carts for cart in of_seed]
    found: dict[str, NDArray[np.bool_]] = {}
    for customers, named in told.items():
        asked, answered = folder / f"{customers}.jsonl", folder / f"{customers}-answers.jsonl"
        asked.write_text("".join(json.dumps(question(n, cart, named)) + "\n" for n, cart in enumerate(every)))
        run("score", str(asked), "--store", str(store), "-k", str(_PLACES), "-o", str(answered))
        hits = np.zeros(len(every), np.bool_)
        for line in answered.read_text(encoding="utf-8").splitlines():
            answer = json.loads(line)
            cart, ids = int(answer["cart_id"]), [one["item_id"] for one in answer["suggestions"]]
            if len(set(ids)) < len(ids) or set(ids) & set(every[cart].items):
                raise SystemExit(f"cart {every[cart].order}: an item twice, or one of the cart")
            hits[cart] = every[cart].hidden in ids
        found[customers] = hits
    return found


def question(number: int, cart: HiddenItem, named: bool) -> dict[str, Any]:
    asked: dict[str, Any] = {"cart_id": str(number), "items": list(cart.items)}
    if named and cart.customer is not None:
        asked["customer_id"] = cart.customer
    if cart.at is not None:
        asked["at"] = cart.at
    return asked


def run(*arguments: str) -> None:
    goeswith = Path(sys.executable).with_name("goeswith")
    done = subprocess.run([goeswith, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"goeswith {arguments[0]}: exit code {done.returncode}\n{done.stderr}")


def ask_peers(
    baskets: Baskets, carts: Sequence[Sequence[HiddenItem]], found: Mapping[str, dict[str, NDArray[np.bool_]]]
) -> None:
    """Add the hits of every peer to `found`; who looks at customers is not asked about strangers."""
    if not baskets.has_times:
        baskets = baskets.with_file_order_as_time()
    every = [cart for of_seed in carts for cart in of_seed]
    questions = as_questions(every, baskets)
    wanted = row_of_hidden(every, baskets)
    history = History(baskets)
    for family in FAMILIES:
        if family.uses_customers and KNOWN not in found:
            continue
        score = family.fit(history, tuned(family, baskets))
        lists = ranked(score, questions, history.most_sold, len(baskets.item_ids))
        for customers, hits in found.items():
            if customers == KNOWN or not family.uses_customers:
                hits[family.name] = hit(lists, wanted)


def tuned(family: Family, baskets: Baskets) -> Mapping[str, Any]:
    start = windows(baskets, Config().backtest.holdout_share).reported
    before = baskets.part(0, start)
    sold = np.zeros(len(baskets.item_ids), np.bool_)
    sold[before.items] = True
    asked = one_hidden(Later(baskets, start, len(baskets), sold, _TUNING_CARTS, 0))
    return tune(family, History(before), asked).parameters


def as_questions(carts: Sequence[HiddenItem], baskets: Baskets) -> Questions:
    """What peers are asked: items and customers that the orders do not know are left out."""
    item_row = {item: row for row, item in enumerate(baskets.item_ids)}
    customer_row = {customer: row for row, customer in enumerate(baskets.customer_ids)}
    shown = [[item_row[item] for item in cart.items if item in item_row] for cart in carts]
    offsets = np.cumsum([0, *map(len, shown)]).astype(np.int64)
    nothing = np.empty(0)
    return Questions(
        shown_offsets=offsets,
        shown=np.array([row for rows in shown for row in rows], np.int32),
        wanted_offsets=np.zeros(len(carts) + 1, np.int64),
        wanted=np.empty(0, np.int32),
        prices=nothing,
        costs=nothing,
        customers=np.array([customer_row.get(cart.customer or "", -1) for cart in carts], np.int32),
        groups=np.arange(len(carts)),
        orders=np.arange(len(carts)),
        times=np.full(len(carts), int(baskets.times[-1])),
    )


def row_of_hidden(carts: Sequence[HiddenItem], baskets: Baskets) -> NDArray[np.int64]:
    """int64 (carts,): item row of what is hidden, -2 where training left it out."""
    item_row = {item: row for row, item in enumerate(baskets.item_ids)}
    return np.array([item_row.get(cart.hidden, -2) for cart in carts], np.int64)


def hit(lists: Lists, wanted: NDArray[np.int64]) -> NDArray[np.bool_]:
    return (lists.rows[:, :_PLACES] == wanted[:, None]).any(axis=1)


def summary(hits: Hits, carts: Sequence[HiddenItem], sizes: Sequence[int]) -> dict[str, Any]:
    """HR@10 of everyone over all seeds, the ratio to the best peer with its interval, and the ratio of each seed."""
    rates = {name: float(one.mean()) for name, one in hits.items()}
    best = max((name for name in rates if name != OURS), key=lambda name: rates[name])
    of_seeds = np.split(np.column_stack([hits[OURS], hits[best]]), np.cumsum(sizes)[:-1])
    return {
        "carts": list(sizes),
        "hr10": dict(sorted(rates.items(), key=lambda one: -one[1])),
        "best_peer": best,
        "ratio": bootstrap_ratio(hits[OURS], hits[best], carts).as_json(),
        "ratio_by_seed": [float(one[:, 0].mean() / one[:, 1].mean()) for one in of_seeds],
    }


def bootstrap_ratio(ours: NDArray[np.bool_], theirs: NDArray[np.bool_], carts: Sequence[HiddenItem]) -> Interval:
    _, orders = np.unique([cart.order for cart in carts], return_inverse=True)
    _, groups = np.unique(
        [f"c {cart.customer}" if cart.customer else f"o {cart.order}" for cart in carts], return_inverse=True
    )
    bootstrap = Bootstrap(groups, orders, seed=0)
    means, draws = bootstrap.means(np.column_stack([ours, theirs]).astype(np.float64))
    return ratio(means[0], draws[:, 0], means[1], draws[:, 1])


def print_result(customers: str, result: Mapping[str, Any]) -> None:
    found = result["ratio"]
    print(f"\n{'HR@10, ' + customers:<24}{'mean':>8}{'goeswith over it':>20}   {result['carts']} carts")
    for name, rate in result["hr10"].items():
        print(f"{name:<24}{rate:>8.4f}{result['hr10'][OURS] / max(rate, 1e-9):>20.3f}")
    seeds = " ".join(f"{one:.3f}" for one in result["ratio_by_seed"])
    print(
        f"over {result['best_peer']}: {found['value']:.3f} ({found['low']:.3f} to {found['high']:.3f}); seeds {seeds}"
    )


if __name__ == "__main__":
    main()
