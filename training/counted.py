"""All that is counted from a set of baskets: the part of a model that no fit takes part in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.catalog import Catalog
from recommender.model import Bestsellers, Companions, CountedBaskets, Pairs
from recommender.newcomers import Newcomers
from recommender.ranker.encoder import Encoder
from recommender.substitutes import Substitutes
from training.baskets import Baskets
from training.beside import beside
from training.config import Config, CountConfig
from training.counting import BasketLines, PairCounts
from training.counting.customers import Buyers
from training.neighbours import neighbours
from training.newcomers import newcomers
from training.periods import periods_of
from training.popularity import bestsellers
from training.progress import Progress
from training.ranker.companions import companions
from training.ranker.fit_encoder import fit_encoder
from training.ranker.item_signals import item_signals, recent_bestsellers
from training.significance import claim_pairs, claims_within_periods
from training.similarity import Measure, ease
from training.substitutes import substitutes

_RECENT_KEPT = 150


@dataclass(frozen=True)
class Counted:
    """Counts of one set of baskets; see `recommender.model.Model` for the arrays.

    Attributes
    ----------
    baskets : countable baskets.  claims : pairs that are claimed.
    encoder : None where the shop is too large for one.
    """

    baskets: int
    claims: int
    item_orders: NDArray[np.int32]
    item_customers: NDArray[np.uint8]
    item_signals: NDArray[np.float32]
    pairs: Pairs
    bestsellers: Bestsellers
    companions: Companions
    newcomers: Newcomers
    substitutes: Substitutes
    counted_baskets: CountedBaskets
    encoder: Encoder | None


def count(baskets: Baskets, catalog: Catalog, config: Config, progress: Progress) -> Counted:
    """Count everything.

    Parameters
    ----------
    baskets : over the rows of `catalog`, with a time each.
    """
    matrix = baskets.matrix()
    lines = BasketLines.of(matrix)
    counts, orders = PairCounts(lines), lines.item_orders
    buyers = Buyers(lines, baskets.customers[baskets.countable] if baskets.has_customers else None)
    with beside(in_turn=progress.profile) as begin:
        linear = begin(lambda: _linear(lines, config.count, progress))
        with progress.stage("count and test pairs"):
            of_all_time = claim_pairs(lines, buyers, config.count)
            borders = periods_of(baskets, config.count.periods)
            claims = claims_within_periods(of_all_time, lines, borders, config.count)
            progress.handled(len(lines.items), "lines")
        with progress.stage("find substitutes"):
            progress.handled(len(claims), "claims")
            instead = substitutes(lines, of_all_time, buyers, catalog)
        with progress.stage("choose neighbours"):
            pairs = neighbours(counts, linear.result(), claims, of_all_time, buyers, config.count)
            progress.handled(len(pairs.items), "pairs kept")
    del linear
    with progress.stage("count items and categories"):
        signals = item_signals(baskets, catalog)
        recent = recent_bestsellers(signals, orders, _RECENT_KEPT)
        best = bestsellers(baskets, orders, recent, catalog, config)
        categories = companions(matrix, catalog)
        unsold = newcomers(lines, _sold(baskets), catalog)
    with progress.stage("fit the encoder") as step:
        encoder = fit_encoder(baskets, config.ranker.encoder_items, config.seed, step)
        progress.handled(len(baskets) if encoder else 0, "orders")
    return Counted(
        baskets=matrix.shape[0],
        claims=len(claims),
        item_orders=orders,
        item_customers=buyers.of_items(),
        item_signals=signals,
        pairs=pairs,
        bestsellers=best,
        companions=categories,
        newcomers=unsold,
        substitutes=instead,
        counted_baskets=CountedBaskets(lines.offsets, lines.items, lines.item_offsets, lines.of_items),
        encoder=encoder,
    )


def _linear(lines: BasketLines, config: CountConfig, progress: Progress) -> Measure:
    with progress.stage("solve the linear model"):
        progress.handled(min(config.ease_items, len(lines.item_orders)), "items")
        return ease(lines, config.ease_items, config.ease_regularization)


def _sold(baskets: Baskets) -> NDArray[np.bool_]:
    """bool (items,): named by the orders, be it in a giant one, in one that came back whole, or as no product."""
    lines = np.bincount(baskets.items, minlength=len(baskets.item_ids))
    left_out = np.fromiter((item_id in baskets.left_out for item_id in baskets.item_ids), np.bool_, len(lines))
    return (lines > 0) | (baskets.sold > 0) | left_out
