"""A store with a model of made-up arrays, as large as one is asked for: for starts and memory, not for suggestions.

    python tests/benchmarks/large_store.py STORE --items 200000 --neighbours 54 --baskets 1000000

The arrays keep every rule of the format, and the project's own writer publishes them: a service opens the store like
any other. By default 200,000 items with 10 million neighbours, a million baskets of about six lines, 50,000 customers.
Without STORE it is made in a passing folder, and `service_start.py` tells how long a service takes to start with it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from tiny_shop import tiny_manifest

from recommender.attributes import Attributes
from recommender.catalog import Catalog
from recommender.customers import Customers
from recommender.model import MOST_CUSTOMERS, Bestsellers, Companions, CountedBaskets, Factors, LongRules, Model, Pairs
from recommender.newcomers import Newcomers
from recommender.ranker.network import Network
from recommender.ranker.signals import BLEND_WEIGHTS, ITEM_SIGNALS, SIGNALS
from recommender.ranker.weights import RankerWeights
from recommender.store import Store
from recommender.strings import StringColumn
from recommender.substitutes import Substitutes

WIDTH, LINES, TASTES, HISTORY = 64, 6, 40, 60
CATEGORIES, BESTSELLERS = 500, 300
FIRST_SECOND, YEAR = 1_750_000_000, 31_536_000

Random = np.random.Generator


def catalog_of(items: int, random: Random) -> Catalog:
    nothing = np.full(items, -1, np.int32)
    price = random.lognormal(2, 1, items).round(2)
    return Catalog(
        item_ids=StringColumn.of(f"item-{row:07d}" for row in range(items)),
        titles=StringColumn.of(f"Made-up product number {row:,}, one piece" for row in range(items)),
        item_category=random.integers(0, CATEGORIES, items).astype(np.int32),
        categories=StringColumn.of(f"category {row:04d}" for row in range(CATEGORIES)),
        category_parent=np.full(CATEGORIES, -1, np.int32),
        item_brand=nothing,
        brands=StringColumn.of([]),
        item_group=nothing,
        price=price,
        cost=price / 2,
        stock=np.full(items, np.nan),
        active=np.ones(items, np.uint8),
        service=np.zeros(items, np.uint8),
        return_rate=np.zeros(items, np.float32),
        listed=np.ones(items, np.uint8),
        attributes=Attributes.of([], {}),
    )


def baskets_of(items: int, baskets: int, random: Random) -> CountedBaskets:
    """Few items sell much, many little."""
    drawn = np.sort((items * random.random((baskets, LINES)) ** 3).astype(np.int32), axis=1)
    kept = np.ones(drawn.shape, bool)
    kept[:, 1:] = drawn[:, 1:] > drawn[:, :-1]
    lines, of = drawn[kept], np.repeat(np.arange(baskets, dtype=np.int32), kept.sum(axis=1))
    by_item = np.argsort(lines, kind="stable")
    return CountedBaskets(_offsets(kept.sum(axis=1)), lines, _offsets(np.bincount(lines, minlength=items)), of[by_item])


def pairs_of(orders: NDArray[np.int32], neighbours: int, random: Random) -> Pairs:
    """As many neighbours for each item that was sold, all of them different."""
    sold = np.flatnonzero(orders).astype(np.int32)
    neighbours = min(neighbours, len(sold) - 1)
    steps = 1 + random.choice(len(sold) - 1, neighbours, replace=False)
    items = sold[(np.arange(len(sold))[:, None] + steps) % len(sold)].reshape(-1)
    of = np.repeat(sold, neighbours)
    falling = -np.sort(-random.random((len(sold), neighbours), np.float32), axis=1).reshape(-1)
    counts = 1 + (falling * (np.minimum(orders[of], orders[items]) - 1)).astype(np.int32)
    return Pairs(
        offsets=_offsets((orders > 0) * neighbours),
        items=items,
        counts=counts,
        scores=falling,
        weighted=falling / 2,
        ease=falling / 8,
        claimed=(falling > 0.5).astype(np.uint8),
        customers=np.minimum(counts, MOST_CUSTOMERS).astype(np.uint8),
    )


def customers_of(items: int, customers: int, random: Random) -> Customers:
    times = np.sort(random.integers(0, YEAR, (customers, HISTORY)), axis=1) + FIRST_SECOND
    opens = np.ones(times.shape, np.uint8)
    opens[:, 1:] = times[:, 1:] > times[:, :-1]
    likings = -np.sort(-random.random((customers, TASTES), np.float32), axis=1)
    return Customers(
        customer_ids=StringColumn.of(f"customer-{row:07d}" for row in range(customers)),
        offsets=_offsets(np.full(customers, HISTORY)),
        items=random.integers(0, items, customers * HISTORY).astype(np.int32),
        opens_order=opens.reshape(-1),
        times=times.reshape(-1),
        quantities=np.ones(times.size, np.float32),
        taste_offsets=_offsets(np.full(customers, TASTES)),
        taste_items=random.integers(0, items, likings.size).astype(np.int32),
        taste_scores=likings.reshape(-1),
        factors=random.normal(0, 1, (customers, WIDTH)).astype(np.float32),
    )


def ranker_of(random: Random) -> RankerWeights:
    """The documented blend, and a network of the usual width that corrects at random."""
    widths = ((len(SIGNALS), 32), (32,), (32, 16), (16,), (16,), (1,))
    weights = [random.normal(0, 0.01, width).astype(np.float32) for width in widths]
    breadth = np.array([160, 250, 4000], np.int32)
    network = Network(np.ones(len(SIGNALS), np.float32), *weights)
    return RankerWeights(BLEND_WEIGHTS, network, breadth, np.zeros(1, np.float32))


def model_of(items: int, neighbours: int, baskets: int, random: Random) -> Model:
    counted = baskets_of(items, baskets, random)
    orders = np.diff(counted.item_offsets).astype(np.int32)
    best = np.argsort(-orders, kind="stable")[:BESTSELLERS].astype(np.int32)
    signals = np.zeros((items, len(ITEM_SIGNALS)), np.float32)
    signals[:, ITEM_SIGNALS.index("log_share")] = np.log((orders + 0.5) / (baskets + 1))
    catalog, nothing = catalog_of(items, random), np.empty(0, np.int32)
    counts = {"baskets": baskets, "items": items, "lines": len(counted.items), "ranker_carts": 1, "home_carts": 1}
    return Model(
        manifest=replace(tiny_manifest(), counts=counts),
        catalog=catalog,
        item_orders=orders,
        item_customers=np.minimum(orders, MOST_CUSTOMERS).astype(np.uint8),
        item_signals=signals,
        pairs=pairs_of(orders, neighbours, random),
        rules=LongRules.none(items),
        bestsellers=Bestsellers(
            best,
            best,
            np.zeros(CATEGORIES + 1, np.int64),
            *[nothing] * 3,
            np.empty(0, np.float32),
            np.empty(0, np.uint8),
        ),
        companions=Companions(np.zeros(CATEGORIES + 1, np.int64), nothing, np.empty(0, np.float32)),
        newcomers=Newcomers.none(catalog),
        substitutes=Substitutes.none(items),
        counted_baskets=counted,
        factors=Factors(*(random.normal(0, 1, (2, items, WIDTH)).astype(np.float32))),
        ranker=ranker_of(random),
        home=ranker_of(random),
    )


def _offsets(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path, nargs="?", help="folder to publish into")
    parser.add_argument("--items", type=int, default=200_000)
    parser.add_argument("--neighbours", type=int, default=54, help="of each item that was sold")
    parser.add_argument("--baskets", type=int, default=1_000_000)
    parser.add_argument("--customers", type=int, default=50_000)
    options = parser.parse_args()
    if options.store is not None:
        publish(options.store, options)
        return
    with TemporaryDirectory() as folder:
        publish(Path(folder), options)
        subprocess.run([sys.executable, Path(__file__).with_name("service_start.py"), folder], check=True)


def publish(store: Path, options: argparse.Namespace) -> None:
    random = np.random.default_rng(0)
    model = model_of(options.items, options.neighbours, options.baskets, random)
    customers = customers_of(options.items, options.customers, random)
    version = Store(store).publish(model, customers, promote=True, now=datetime.now(UTC))
    megabytes = sum(path.stat().st_size for path in version.path.iterdir()) / 1e6
    print(f"{options.items:,} items, {len(model.pairs.items):,} neighbours, {megabytes:,.0f} MB", flush=True)


if __name__ == "__main__":
    main()
