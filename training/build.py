"""Baskets, a catalog and a fitted ranking become a model: count → mine → factorize → assemble, values to values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.catalog import Catalog
from recommender.customers import Customers
from recommender.errors import UsageError
from recommender.manifest import Manifest
from recommender.model import Factors, LongRules, Model, Pairs
from recommender.ranker.shop import shop_of
from training.baskets import Baskets
from training.bundling import count_sets, find_bundles
from training.config import Config
from training.counted import Counted, count
from training.factorize import factorize
from training.histories import histories, purchases
from training.itemsets import frequent_itemsets
from training.pairs import pair_codes
from training.periods import periods_of
from training.progress import Progress
from training.quantities import pair_quantities
from training.ranker.fit import Rankings
from training.rules import long_rules

_LEAST_MINED = 20
_MINED_PAIRS = 15_000


@dataclass(frozen=True)
class Provenance:
    """What the manifest says besides the counts: see `recommender.manifest.Manifest`."""

    input: dict[str, Any]
    window: dict[str, Any]
    libraries: dict[str, str]
    metrics: dict[str, Any]
    notes: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict[str, int])


def assemble(
    counted: Counted,
    catalog: Catalog,
    rankings: Rankings,
    config: Config,
    provenance: Provenance,
    rules: LongRules | None = None,
    factors: Factors | None = None,
) -> Model:
    """A model, not yet sealed, of what was counted and fitted; without rules or factors it has none."""
    items = len(catalog)
    rules = rules or LongRules.none(items)
    counts = {
        "baskets": counted.baskets,
        "items": items,
        "pairs": len(counted.pairs.items),
        "claimed_pairs": counted.claims,
        "long_rules": len(rules.counts),
        "ranker_carts": rankings.cart.carts,
        "home_carts": rankings.home.carts,
    }
    manifest = Manifest(
        input=provenance.input,
        window=provenance.window,
        counts=counts | provenance.counts,
        config=config.model_dump(),
        seed=config.seed,
        libraries=provenance.libraries,
        metrics=provenance.metrics,
        notes=provenance.notes,
    )
    nothing = np.zeros((items, 0), np.float32)
    return Model(
        manifest=manifest,
        catalog=catalog,
        item_orders=counted.item_orders,
        item_customers=counted.item_customers,
        item_signals=counted.item_signals,
        pairs=counted.pairs,
        rules=rules,
        bestsellers=counted.bestsellers,
        companions=counted.companions,
        newcomers=counted.newcomers,
        substitutes=counted.substitutes,
        counted_baskets=counted.counted_baskets,
        factors=factors or Factors(nothing, nothing),
        ranker=rankings.cart.weights,
        home=rankings.home.weights,
        encoder=counted.encoder,
    )


@dataclass(frozen=True)
class Factorized:
    """Item factors of baskets and of customers, float32 (items, f), and the customers' own, float32 (customers, f)."""

    cart: NDArray[np.float32]
    home: NDArray[np.float32]
    customers: NDArray[np.float32]


@dataclass(frozen=True)
class Learned:
    """All that a model holds of its baskets, whatever ranks; `notes` tell what could not be learned."""

    counted: Counted
    rules: LongRules
    factors: Factorized
    notes: tuple[str, ...] = ()


def learn(baskets: Baskets, catalog: Catalog, factors: Factorized, config: Config, progress: Progress) -> Learned:
    """Count the baskets and mine them for longer rules."""
    counted = count(baskets, catalog, config, progress)
    notes: list[str] = []
    with progress.stage("mine longer rules"):
        rules = _mined(baskets, counted.pairs, config, notes)
        progress.handled(len(rules.counts), "rules")
    return Learned(counted, rules, factors, tuple(notes))


def factorize_all(baskets: Baskets, config: Config, progress: Progress) -> Factorized:
    """Both factorizations, of baskets and of customers' whole histories."""
    with progress.stage("factorize baskets") as step:
        _, cart = factorize(baskets.matrix(), config.factors, config.seed, step)
        progress.handled(int(baskets.countable.sum()), "orders")
    with progress.stage("factorize customers") as step:
        customers, home = factorize(purchases(baskets), config.factors, config.seed, step)
        progress.handled(len(baskets.customer_ids), "customers")
    return Factorized(cart, home, customers)


def build_model(
    baskets: Baskets,
    catalog: Catalog,
    rankings: Rankings,
    learned: Learned,
    config: Config,
    provenance: Provenance,
    progress: Progress,
) -> tuple[Model, Customers | None]:
    """A model of all the given baskets, and the histories that belong to it.

    Parameters
    ----------
    baskets : over the rows of `catalog`, with a time each.  learned : of the same baskets.
    """
    counted, notes = learned.counted, [*provenance.notes, *learned.notes]
    counts = {
        "giant_orders": int((~baskets.countable).sum()),
        "lines": len(baskets.items),
        "customers": len(baskets.customer_ids),
    }
    provenance = replace(provenance, counts=counts, notes=tuple(notes))
    factors = Factors(learned.factors.cart, learned.factors.home)
    model = assemble(counted, catalog, rankings, config, provenance, learned.rules, factors)
    with progress.stage("learn quantities"):
        progress.handled(counted.claims, "claimed pairs")
        model = replace(model, pair_quantities=pair_quantities(baskets, counted.pairs))
    with progress.stage("find bundles"):
        customers = baskets.customers[baskets.countable] if baskets.has_customers else None
        bundles = find_bundles(model, customers, config, periods_of(baskets, config.count.periods))
        model = replace(model, bundles=bundles, counted_sets=count_sets(model, customers))
    with progress.stage("histories"):
        progress.handled(len(baskets.customer_ids), "customers")
        return model, histories(baskets, learned.factors.customers, shop_of(model))


def _mined(baskets: Baskets, pairs: Pairs, config: Config, notes: list[str]) -> LongRules:
    if config.count.max_len < 3:
        return LongRules.none(len(baskets.item_ids))
    matrix = baskets.matrix()
    least = config.count.min_count or _least_count(pairs)
    try:
        itemsets = frequent_itemsets(
            matrix, least, max_len=config.count.max_len, memory_share=config.count.memory_share
        )
    except UsageError as refusal:
        notes.append(f"no rules of three items or more: {refusal}")
        return LongRules.none(len(baskets.item_ids))
    customers = baskets.customers[baskets.countable] if baskets.has_customers else None
    return long_rules(itemsets, matrix, config.count, customers, _claimed(pairs))


def _claimed(pairs: Pairs) -> NDArray[np.int64]:
    """int64 (claims,): the `pair_codes` of the claimed pairs."""
    items = len(pairs.offsets) - 1
    entries = np.flatnonzero(pairs.claimed)
    rows = np.searchsorted(pairs.offsets, entries, side="right") - 1
    later = pairs.items[entries] > rows
    return pair_codes(rows[later], pairs.items[entries[later]], items)


def _least_count(pairs: Pairs) -> int:
    """The count that leaves at most `_MINED_PAIRS` pairs to grow longer itemsets from, 20 at least."""
    both_ways = 2 * _MINED_PAIRS
    if len(pairs.counts) <= both_ways:
        return _LEAST_MINED
    return max(_LEAST_MINED, int(np.partition(pairs.counts, -both_ways)[-both_ways]))
