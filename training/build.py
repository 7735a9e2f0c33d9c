"""Baskets and a catalog become a model: count → claim → mine → factorize, values to values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from recommender.catalog import Catalog
from recommender.customers import Customers
from recommender.errors import UsageError
from recommender.manifest import Manifest
from recommender.model import Factors, LongRules, Model
from training.baskets import Baskets
from training.config import Config
from training.factorize import factorize
from training.histories import histories, purchases
from training.itemsets import frequent_itemsets
from training.pairs import count_pairs, item_orders, neighbours
from training.popularity import bestsellers
from training.progress import Progress
from training.rules import long_rules
from training.significance import claim_pairs

_LEAST_MINED = 20


@dataclass(frozen=True)
class Provenance:
    """What the manifest says besides the counts: see `recommender.manifest.Manifest`."""

    input: dict[str, Any]
    window: dict[str, Any]
    libraries: dict[str, str]
    metrics: dict[str, Any]
    notes: tuple[str, ...] = ()


def build_model(
    baskets: Baskets, catalog: Catalog, config: Config, provenance: Provenance, progress: Progress
) -> tuple[Model, Customers | None]:
    """A model of all the given baskets, not yet sealed, and the histories that belong to it.

    Parameters
    ----------
    baskets : over the rows of `catalog`.
    """
    notes = list(provenance.notes)
    matrix = baskets.matrix()
    orders = item_orders(matrix)
    with progress.stage("count pairs"):
        counts = count_pairs(matrix)
    with progress.stage("test pairs against luck"):
        customers = baskets.customers[baskets.countable] if baskets.has_customers else None
        claims = claim_pairs(matrix, counts, orders, customers, config.count)
    with progress.stage("cut neighbours"):
        pairs = neighbours(
            counts,
            orders,
            keep=config.count.neighbours,
            exponent=config.count.exponent,
            shrinkage=config.count.shrinkage,
            claimed=claims.codes(len(catalog)),
        )
    del counts
    with progress.stage("mine longer rules"):
        rules = _mined(baskets, config, notes)
    with progress.stage("factorize baskets") as step:
        _, cart_factors = factorize(matrix, config.factors, config.seed, step)
    with progress.stage("factorize customers") as step:
        customer_factors, home_factors = factorize(purchases(baskets), config.factors, config.seed, step)
    numbers = {
        "baskets": matrix.shape[0],
        "giant_orders": int((~baskets.countable).sum()),
        "lines": len(baskets.items),
        "items": len(catalog),
        "customers": len(baskets.customer_ids),
        "pairs": len(pairs.items),
        "claimed_pairs": len(claims.rows),
        "long_rules": len(rules.counts),
    }
    manifest = Manifest(
        input=provenance.input,
        window=provenance.window,
        counts=numbers,
        config=config.model_dump(),
        seed=config.seed,
        libraries=provenance.libraries,
        metrics=provenance.metrics,
        notes=tuple(notes),
    )
    best = bestsellers(baskets, orders, catalog, config.backtest.trending_days)
    factors = Factors(cart_factors, home_factors)
    return Model(manifest, catalog, orders, pairs, rules, best, factors), histories(baskets, customer_factors)


def build_for_backtest(baskets: Baskets, catalog: Catalog, config: Config) -> Model:
    """The same without longer rules and factors: what decides the order of a cart, at a fraction of the time."""
    light = config.model_copy(
        update={
            "factors": config.factors.model_copy(update={"factors": 0}),
            "count": config.count.model_copy(update={"max_len": 2}),
        }
    )
    model, _ = build_model(baskets, catalog, light, Provenance({}, {}, {}, {}), Progress(quiet=True))
    return model


def _mined(baskets: Baskets, config: Config, notes: list[str]) -> LongRules:
    if config.count.max_len < 3:
        return _no_rules(len(baskets.item_ids))
    matrix = baskets.matrix()
    least = config.count.min_count or max(_LEAST_MINED, matrix.shape[0] // 1000)
    try:
        itemsets = frequent_itemsets(
            matrix, least, max_len=config.count.max_len, memory_share=config.count.memory_share
        )
    except UsageError as refusal:
        notes.append(f"no rules of three items or more: {refusal}")
        return _no_rules(len(baskets.item_ids))
    customers = baskets.customers[baskets.countable] if baskets.has_customers else None
    return long_rules(itemsets, matrix, config.count, customers)


def _no_rules(items: int) -> LongRules:
    nothing = np.empty(0, np.int32)
    return LongRules(np.zeros(items + 1, np.int64), np.empty((0, 2), np.int32), nothing, nothing, nothing)
