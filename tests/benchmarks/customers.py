"""What is expected of customers against what they did: orders and spend after a cut, beside plain guesses.

    python tests/benchmarks/customers.py ORDERS... [--share 0.75] [--cdnow FILE]

Each file of orders is cut in time at this share of its days. What stands before the cut is read and checked by itself,
as a shop would have had it that day, and so is the rest. For those who had come by then: mean absolute error and
Spearman's rank correlation of orders and of spend (profit, which is revenue where the file has no costs), and the
share of the holdout's spend of all these customers that the first tenth of a list brought. The chance of being alive
and the list to win back are held against who came again. `--cdnow` takes the published summary of 2,357 customers
(`frequency`, `recency`, `T` in weeks; it is in the PyPI package lifetimes) and tells the fit beside the published one.
"""

from __future__ import annotations

import argparse
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from recommender.worth import worth_of
from training.config import Config
from training.customers.bg_nbd import Visits, fit_visits
from training.customers.expect import expect
from training.customers.facts import Facts, facts_of
from training.customers.read import KnownShop, read_shop
from training.customers.segments import scores_of, to_win_back
from training.progress import Progress

Array = NDArray[np.float64]
_PUBLISHED = "r 0.243, alpha 4.414, a 0.793, b 2.426, log-likelihood -9582.4"


def facts(shop: KnownShop) -> Facts:
    return facts_of(shop.baskets, worth_of(shop.catalog), shop.sold, shop.returned)


def cut_at(path: Path, share: float) -> tuple[str, str, float]:
    """Queries for the orders before and after the cut, and the days after it."""
    ((first, last),) = duckdb.execute(
        f"SELECT min(ordered_at)::TIMESTAMP, max(ordered_at)::TIMESTAMP FROM '{path}'"
    ).fetchall()
    days = (last - first).days + 1
    cut = first.date() + timedelta(days=round(days * share))
    query = f"sql:SELECT * FROM '{path}' WHERE ordered_at::TIMESTAMP"
    return f"{query} < '{cut}'", f"{query} >= '{cut}'", (last.date() - cut).days + 1


def recent(shop: KnownShop, half_life: float) -> Array:
    """Orders of each customer, each fading by half in so many days."""
    baskets = shop.baskets
    known = baskets.customers >= 0
    weights = 0.5 ** ((baskets.times.max() - baskets.times[known]) / (86_400 * half_life))
    return np.bincount(baskets.customers[known], weights, len(baskets.customer_ids))


def last_period(shop: KnownShop, days: float) -> tuple[Array, Array]:
    baskets = shop.baskets
    start = int(np.searchsorted(baskets.times, baskets.times.max() - days * 86_400, side="right"))
    part = baskets.part(start, len(baskets))
    none = np.zeros(len(baskets.customer_ids))
    found = facts_of(part, worth_of(shop.catalog), none, none)
    return found.orders, np.nan_to_num(found.profit)


def spearman(guess: Array, truth: Array) -> float:
    if np.ptp(guess) == 0:
        return float("nan")
    return float(np.corrcoef(rankdata(guess), rankdata(truth))[0, 1])


def top_tenth(guess: Array, spend: Array, ties: Array) -> float:
    chosen = np.lexsort((ties, -guess))[: max(1, len(guess) // 10)]
    return float(spend[chosen].sum() / spend.sum())


def guesses(shop: KnownShop, past: Facts, days: float) -> dict[str, tuple[Array, Array]]:
    """Expected orders and spend of each customer, by the name of who guesses."""
    profit = np.nan_to_num(past.profit)
    order = profit / past.orders
    length = max((past.end or 0) - int(past.first.min()) + 1, 1)
    rate = days / length
    told: dict[str, tuple[Array, Array]] = {}
    for name, may in (("MBG/NBD, Gamma-Gamma", True), ("BG/NBD, Gamma-Gamma", False)):
        found = expect(past, days, first_may_be_last=may)
        told[name] = (np.nan_to_num(found.orders), np.nan_to_num(found.value))
    told["same as the last period"] = last_period(shop, days)
    told["own rate so far"] = (past.orders * rate, profit * rate)
    for half_life in (30, 90):
        fading = recent(shop, half_life)
        scale = past.orders.sum() * rate / fading.sum()
        told[f"recent orders ({half_life} days' half-life)"] = (fading * scale, fading * scale * order)
    mean = np.full(len(past), past.orders.mean() * rate)
    told["the mean"] = (mean, np.full(len(past), profit.mean() * rate))
    return told


def back_test(path: Path, share: float) -> None:
    before, after, days = cut_at(path, share)
    config, quiet = Config(), Progress(quiet=True)
    shop = read_shop(before, None, config, quiet)
    later = read_shop(after, None, config, quiet)
    past, future = facts(shop), facts(later)
    rows = pd.Index(later.baskets.customer_ids).get_indexer(pd.Index(shop.baskets.customer_ids))
    came = rows >= 0
    orders = np.where(came, future.orders[rows], 0.0)
    spend = np.where(came, np.nan_to_num(future.profit)[rows], 0.0)
    once = past.visits == 1
    print(f"\n{path.stem}: {len(past):,} customers ({once.mean():.0%} came once), {days:.0f} days after the cut,")
    print(f"{came.mean():.0%} came again, {orders.mean():.2f} orders and {spend.mean():.2f} of spend a customer\n")
    print(
        "| | orders: MAE | Spearman | spend: MAE | Spearman | first tenth's share of spend |\n|---|--:|--:|--:|--:|--:|"
    )
    ties = np.random.default_rng(0).permutation(len(past))
    for name, (times, money) in guesses(shop, past, days).items():
        errors = (np.abs(times - orders).mean(), np.abs(money - spend).mean())
        print(
            f"| {name} | {errors[0]:.3f} | {spearman(times, orders):.3f} | {errors[1]:.2f} |"
            f" {spearman(money, spend):.3f} | {top_tenth(money, spend, ties):.1%} |"
        )
    print(f"| who did spend most | | | | | {top_tenth(spend, spend, ties):.1%} |\n")
    found = expect(past, days)
    print(
        "| " + " | ".join(("chance of being alive", "customers", "mean chance", "came again")) + " |\n|---|--:|--:|--:|"
    )
    for low, high in pairwise((0.0, 0.25, 0.5, 0.75, 0.95, 1.01)):
        part = (found.alive >= low) & (found.alive < high)
        if part.any():
            print(
                f"| {low} to {min(high, 1)} | {part.sum()} | {found.alive[part].mean():.2f} | {came[part].mean():.0%} |"
            )
    recency, _, monetary = scores_of(past)
    lists = {
        "worth much (two highest fifths by revenue)": monetary >= 4,
        "of these: not come for long (two lowest fifths)": (monetary >= 4) & (recency <= 2),
        "to win back": to_win_back(found.alive, found.overdue, recency, monetary, past.profit),
    }
    print("\n| | customers | came again |\n|---|--:|--:|")
    for name, part in lists.items():
        print(f"| {name} | {part.sum()} | {came[part].mean() if part.any() else np.nan:.0%} |")
    print(f"\n{found.visits_model}\n{found.money_model}")


def cdnow(path: Path) -> None:
    table = pd.read_csv(path)
    visits = Visits(*(table[name].to_numpy(np.float64) for name in ("frequency", "recency", "T")))
    found = fit_visits(visits, first_may_be_last=False, loose=np.inf)
    total = found.log_likelihood(visits).sum()
    print(f"published: {_PUBLISHED}")
    fitted = f"r {found.r:.3f}, alpha {found.alpha:.3f}, a {found.a:.3f}, b {found.b:.3f}"
    print(f"found:     {fitted}, log-likelihood {total:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("orders", type=Path, nargs="*")
    parser.add_argument("--share", type=float, default=0.75)
    parser.add_argument("--cdnow", type=Path)
    asked = parser.parse_args()
    if asked.cdnow:
        cdnow(asked.cdnow)
    for path in asked.orders:
        back_test(path, asked.share)


if __name__ == "__main__":
    main()
