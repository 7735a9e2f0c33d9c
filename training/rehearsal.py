"""The rehearsal: a model of the earlier orders, its ranking fitted on some later carts and measured on others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.catalog import Catalog
from recommender.customers import Customers
from recommender.engine import Recommender
from recommender.ranker.inputs import Shop
from recommender.ranker.rank import Ranker
from recommender.ranker.shop import past_of, shop_of
from recommender.ranker.weights import RankerWeights
from recommender.worth import worth_of
from training.backtest import Measured, between_days, measure, split
from training.baskets import Baskets
from training.build import Provenance, assemble
from training.config import Config
from training.counted import Counted, count
from training.histories import histories
from training.progress import Progress, Step
from training.ranker.fit import Rankings, Window, documented_blend, fit_ranker
from training.ranker.later_carts import LaterCarts, later_carts
from training.ranker.strengths import choose_strengths

_PROTOCOL = (
    "back-test: a model of the earlier orders, one hidden item a later cart, whole catalog ranked, carts that the"
    " ranking was not fitted on; home: the same line asked for of a known customer with nothing in the cart"
)
_MEASURED_SHARE = 0.2
_MOST_DRAWS = 4


@dataclass(frozen=True)
class Rehearsal:
    """What the rehearsal gave: the rankings to use, their figures (None where nothing could be measured), and notes.

    Attributes
    ----------
    measured : of carts.  measured_home : of known customers with nothing in the cart.
    strengths : float32 (2,), see `recommender.model.Model`: zeros where the ranking could not be fitted.
    """

    rankings: Rankings
    measured: Measured | None
    measured_home: Measured | None
    notes: tuple[str, ...]
    strengths: NDArray[np.float32]

    def metrics(self) -> dict[str, Any]:
        """Figures for the manifest, those of home pages by names that begin with ``home_``."""
        found: dict[str, Any] = {}
        if self.measured is not None:
            found |= {"protocol": _PROTOCOL, **self.measured.as_json()}
        if self.measured_home is not None:
            found |= {f"home_{name}": figure for name, figure in self.measured_home.as_json().items()}
        return found


def _nothing() -> None:
    """What happens when the ranking is fitted, unless something else is asked for."""


def rehearse(
    baskets: Baskets, catalog: Catalog, config: Config, progress: Progress, when_fitted: Callable[[], None] = _nothing
) -> Rehearsal:
    """Fit and measure on the last orders with counts of the orders before them.

    `when_fitted` is called where the part that takes much memory is over.

    Customers' histories end where the later orders begin, so that no signal has seen its answer; an order's carts are
    either fitted on or measured, never both. Where the later orders make fewer carts than are wanted, as many orders
    before them are fitted on too, with counts of what came before those.
    """
    border = split(baskets, config.backtest.holdout_share)
    earlier = baskets.part(0, border)
    wanted = _wanted(baskets, config)
    carts = _questions(baskets, border, len(baskets), wanted, config)
    fitting, measuring = _measured_apart(carts, config)
    if not earlier.countable.any() or not len(measuring):
        when_fitted()
        why = "too few orders with two known items: no back-test, no gate, and the documented blend ranks"
        return Rehearsal(Rankings.documented(baskets.has_customers), None, None, (why,), np.zeros(2, np.float32))
    with progress.stage("count earlier orders"):
        progress.handled(len(earlier.items), "lines")
        counted = count(earlier, catalog, config, Progress(quiet=True))
        shop, customers = _as_it_was(earlier, counted, catalog, config)
        windows = [Window(shop, past_of(customers), fitting)]
        if windows[0].orders >= config.ranker.min_orders:
            windows += _window_before(baskets, border, wanted - len(carts), catalog, config)
    with progress.stage("fit the ranking") as step:
        progress.handled(sum(len(window.carts) for window in windows), "carts")
        rankings = _fitted(windows, documented_blend(baskets.has_customers), config, step)
    when_fitted()
    with progress.stage("back-test"):
        progress.handled(len(measuring), "carts")
        recommender = Recommender(assemble(counted, catalog, rankings, config, _NOWHERE), customers)
        measured = measure(recommender, measuring, baskets.customer_ids)
        returning = measuring.unfilled()
        at_home = measure(recommender, returning, baskets.customer_ids) if len(returning) else None
    strengths = np.zeros(2, np.float32)
    if rankings.cart.carts:
        with progress.stage("weigh what items earn"):
            ranker = Ranker(shop, windows[0].past, rankings.cart.weights)
            strengths = choose_strengths(ranker, (measuring, fitting), worth_of(catalog, config.worth.return_cost))
    return Rehearsal(rankings, measured, at_home, _notes(rankings, config), strengths)


def _fitted(windows: Sequence[Window], start: RankerWeights, config: Config, step: Step) -> Rankings:
    """The ranking of carts, and that of the same carts before anything is in them."""
    unfilled = [replace(window, carts=window.carts.unfilled()) for window in windows]
    return Rankings(*(fit_ranker(of, start, config.ranker, config.seed, step) for of in (windows, unfilled)))


def _wanted(baskets: Baskets, config: Config) -> int:
    """Carts to make: half of those to fit on where each counts as its customer's and as a stranger's."""
    return config.ranker.carts // 2 if baskets.has_customers else config.ranker.carts


def _draws(orders: int, wanted: int) -> int:
    """Carts an order, 0 where not even every second one is needed."""
    return min(round(wanted / max(orders, 1)), _MOST_DRAWS)


def _as_it_was(earlier: Baskets, counted: Counted, catalog: Catalog, config: Config) -> tuple[Shop, Customers | None]:
    """The shop and its customers' histories at the end of `earlier`."""
    shop = shop_of(assemble(counted, catalog, Rankings.documented(earlier.has_customers), config, _NOWHERE))
    return shop, histories(earlier, np.zeros((len(earlier.customer_ids), 0), np.float32), shop)


def _window_before(baskets: Baskets, border: int, wanted: int, catalog: Catalog, config: Config) -> Iterator[Window]:
    """As many orders before `border` as there are after it, unless they are not `wanted` or too little lies before."""
    later = len(baskets) - border
    if _draws(later, wanted) < 1 or border < 2 * later:
        return
    first = between_days(baskets, border - later)
    earlier = baskets.part(0, first)
    if earlier.countable.any():
        counted = count(earlier, catalog, config, Progress(quiet=True))
        shop, customers = _as_it_was(earlier, counted, catalog, config)
        yield Window(shop, past_of(customers), _questions(baskets, first, border, wanted, config))


def _questions(baskets: Baskets, start: int, stop: int, wanted: int, config: Config) -> LaterCarts:
    """About `wanted` carts of the orders ``[start, stop)``, and as many as the back-test takes."""
    known = np.zeros(len(baskets.item_ids), np.bool_)
    known[baskets.part(0, start).items] = True
    draws = max(_draws(stop - start, wanted), 1)
    most = wanted // draws + config.backtest.carts
    return later_carts(baskets, start, stop, known, draws=draws, most=most, seed=config.seed)


def _measured_apart(carts: LaterCarts, config: Config) -> tuple[LaterCarts, LaterCarts]:
    """The carts to fit on, and one cart each of a fifth of the orders to measure by."""
    orders, first = np.unique(carts.baskets, return_index=True)
    order_of_arrival = np.argsort(first)
    measured = orders[order_of_arrival][: min(int(len(orders) * _MEASURED_SHARE), config.backtest.carts)]
    to_measure = np.isin(carts.baskets, measured)
    once = np.zeros(len(carts), np.bool_)
    once[first] = True
    return carts.of(~to_measure), carts.of(to_measure & once)


def _notes(rankings: Rankings, config: Config) -> tuple[str, ...]:
    if rankings.cart.carts:
        return ()
    few = f"fewer than {config.ranker.min_orders:,} later orders with two known items: too few to fit the ranking on"
    return (f"{few}; the documented blend ranks, and no probability is given",)


_NOWHERE = Provenance({}, {"first": None, "last": None}, {}, {})
