"""The rehearsal: a model of the earlier orders, its ranking fitted on some later carts and measured on others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.catalog import Catalog
from recommender.engine import Recommender
from recommender.ranker.rank import Ranker
from recommender.ranker.shop import past_of, shop_of
from recommender.worth import worth_of
from training.backtest import Measured, measure, split
from training.baskets import Baskets
from training.build import Provenance, assemble
from training.config import Config
from training.counted import count
from training.histories import histories
from training.progress import Progress
from training.ranker.fit import FittedRanker, documented_blend, fit_ranker
from training.ranker.later_carts import LaterCarts, later_carts
from training.ranker.strengths import choose_strengths

_MEASURED_SHARE = 0.2
_MOST_DRAWS = 4


@dataclass(frozen=True)
class Rehearsal:
    """What the rehearsal gave: the ranking to use, its figures (None where nothing could be measured), and notes.

    `strengths` is float32 (2,), see `recommender.model.Model`: zeros where the ranking could not be fitted.
    """

    ranker: FittedRanker
    measured: Measured | None
    notes: tuple[str, ...]
    strengths: NDArray[np.float32]


def _nothing() -> None:
    """What happens when the ranking is fitted, unless something else is asked for."""


def rehearse(
    baskets: Baskets, catalog: Catalog, config: Config, progress: Progress, when_fitted: Callable[[], None] = _nothing
) -> Rehearsal:
    """Fit and measure on the last orders with counts of the orders before them.

    `when_fitted` is called where the part that takes much memory is over.

    Customers' histories end where the later orders begin, so that no signal has seen its answer; an order's carts are
    either fitted on or measured, never both.
    """
    border = split(baskets, config.backtest.holdout_share)
    earlier = baskets.part(0, border)
    known = np.zeros(len(catalog), np.bool_)
    known[earlier.items] = True
    blend = documented_blend(baskets.has_customers)
    fitting, measuring = _questions(baskets, border, known, config)
    if not earlier.countable.any() or not len(measuring):
        when_fitted()
        why = "too few orders with two known items: no back-test, no gate, and the documented blend ranks"
        return Rehearsal(FittedRanker(blend, 0), None, (why,), np.zeros(2, np.float32))
    with progress.stage("count earlier orders"):
        progress.handled(len(earlier.items), "lines")
        counted = count(earlier, catalog, config, Progress(quiet=True))
        unfitted = assemble(counted, catalog, FittedRanker(blend, 0), config, _NOWHERE)
        shop = shop_of(unfitted)
        customers = histories(earlier, np.zeros((len(earlier.customer_ids), 0), np.float32), shop)
    with progress.stage("fit the ranking") as step:
        progress.handled(len(fitting), "carts")
        ranker = fit_ranker(shop, past_of(customers), fitting, blend, config.ranker, config.seed, step)
    when_fitted()
    with progress.stage("back-test"):
        progress.handled(len(measuring), "carts")
        model = assemble(counted, catalog, ranker, config, _NOWHERE)
        measured = measure(Recommender(model, customers), measuring, baskets.customer_ids)
    strengths = np.zeros(2, np.float32)
    if ranker.carts:
        with progress.stage("weigh what items earn"):
            fitted = Ranker(shop, past_of(customers), ranker.weights)
            strengths = choose_strengths(fitted, (measuring, fitting), worth_of(catalog, config.worth.return_cost))
    return Rehearsal(ranker, measured, _notes(ranker, config), strengths)


def _questions(
    baskets: Baskets, border: int, known: np.ndarray[tuple[int], np.dtype[np.bool_]], config: Config
) -> tuple[LaterCarts, LaterCarts]:
    later = max(len(baskets) - border, 1)
    wanted = config.ranker.carts // 2 if baskets.has_customers else config.ranker.carts
    draws = int(np.clip(round(wanted / later), 1, _MOST_DRAWS))
    most = wanted // draws + config.backtest.carts
    carts = later_carts(baskets, border, len(baskets), known, draws=draws, most=most, seed=config.seed)
    orders, first = np.unique(carts.baskets, return_index=True)
    order_of_arrival = np.argsort(first)
    measured = orders[order_of_arrival][: min(int(len(orders) * _MEASURED_SHARE), config.backtest.carts)]
    to_measure = np.isin(carts.baskets, measured)
    once = np.zeros(len(carts), np.bool_)
    once[first] = True
    return carts.of(~to_measure), carts.of(to_measure & once)


def _notes(ranker: FittedRanker, config: Config) -> tuple[str, ...]:
    if ranker.carts:
        return ()
    few = f"fewer than {config.ranker.min_orders:,} later orders with two known items: too few to fit the ranking on"
    return (f"{few}; the documented blend ranks, and no probability is given",)


_NOWHERE = Provenance({}, {"first": None, "last": None}, {}, {})
