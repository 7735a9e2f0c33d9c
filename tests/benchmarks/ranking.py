"""goeswith beside every peer on the last orders, one hidden item a cart, over several seeds: HR@10 and the ratio.

python tests/benchmarks/ranking.py ORDERS [--catalog FILE] [--seeds 5]
"""

from __future__ import annotations

import argparse
import statistics

from training.config import Config
from training.evaluation.comparison import HEADLINE, OURS, Comparison
from training.evaluation.evaluate import Evaluation, evaluate
from training.evaluation.questions import MAIN_PROTOCOL
from training.progress import Progress


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("orders")
    parser.add_argument("--catalog")
    parser.add_argument("--seeds", type=int, default=5)
    asked = parser.parse_args()
    evaluations = []
    for seed in range(asked.seeds):
        found = evaluate(
            asked.orders, asked.catalog, Config(seed=seed), Progress(quiet=True), protocols=(MAIN_PROTOCOL,)
        )
        for one in found.comparisons:
            print(f"seed {seed}: {one_line(one)}", flush=True)
        evaluations.append(found)
    for customers in (one.customers for one in evaluations[0].comparisons):
        print_table(customers, [of(found, customers) for found in evaluations])


def of(evaluation: Evaluation, customers: str) -> Comparison:
    return next(one for one in evaluation.comparisons if one.customers == customers)


def one_line(one: Comparison) -> str:
    ours, best = hits(one, OURS), hits(one, one.best_peer)
    ratio = one.ratios[HEADLINE]
    return (
        f"customers {one.customers}, {one.carts:,} carts: {OURS} {ours:.3f}, {one.best_peer} {best:.3f},"
        f" ratio {ratio.value:.3f} ({ratio.low:.3f} to {ratio.high:.3f})"
    )


def print_table(customers: str, comparisons: list[Comparison]) -> None:
    """Means over seeds, best first, and the lowest ratio to the best peer of any seed with its lower bound."""
    means = {
        method.name: statistics.mean(hits(one, method.name) for one in comparisons) for method in comparisons[0].methods
    }
    print(f"\n{'HR@10, customers ' + customers:<32}{'mean':>8}{'goeswith over it':>20}")
    for name in sorted(means, key=lambda name: -means[name]):
        print(f"{name:<32}{means[name]:>8.3f}{means[OURS] / max(means[name], 1e-9):>20.3f}")
    lowest = min(comparisons, key=lambda one: one.ratios[HEADLINE].value or 0.0)
    print(f"lowest of {len(comparisons)} seeds: {one_line(lowest)}\n", flush=True)


def hits(one: Comparison, name: str) -> float:
    return one.method(name).figures[HEADLINE].value or 0.0


if __name__ == "__main__":
    main()
