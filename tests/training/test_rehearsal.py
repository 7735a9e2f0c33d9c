"""The rehearsal: fitted on some later orders, measured on others, blind to both in its counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from planted_shop import ITEMS, alone, planted, planted_catalog

from recommender.ranker.signals import BLEND_WEIGHTS
from training import rehearsal as module
from training.backtest import split
from training.baskets import Baskets
from training.config import Config, with_values
from training.progress import Progress
from training.ranker.later_carts import LaterCarts
from training.rehearsal import Rehearsal, rehearse

QUIET = Progress(quiet=True)
FEW_CARTS = with_values({"ranker": {"carts": 2000}})


def rehearsed(baskets: Baskets, config: Config | None = None) -> Rehearsal:
    return rehearse(baskets, planted_catalog(baskets), config or Config(), QUIET)


def questions(baskets: Baskets, config: Config) -> tuple[int, LaterCarts, LaterCarts]:
    border = split(baskets, config.backtest.holdout_share)
    carts = module._questions(baskets, border, len(baskets), module._wanted(baskets, config), config)
    return border, *module._measured_apart(carts, config)


@pytest.mark.parametrize("customers", [0, 30])
@pytest.mark.parametrize("carts", [100, 24_000])
def test_no_order_is_both_fitted_on_and_measured(customers: int, carts: int) -> None:
    baskets = planted(1000, customers=customers)
    border, fitting, measuring = questions(baskets, with_values({"ranker": {"carts": carts}}))
    fitted_on, measured_by = set(fitting.baskets.tolist()), set(measuring.baskets.tolist())
    assert not fitted_on & measured_by
    assert min(fitted_on | measured_by) >= border
    assert len(measuring) == len(measured_by) > 0
    assert len(fitted_on) >= 2 * len(measured_by)


def test_of_the_orders_that_are_measured_a_fifth_at_most() -> None:
    baskets = planted(1000)
    _, fitting, measuring = questions(baskets, Config())
    orders = len(set(fitting.baskets.tolist()) | set(measuring.baskets.tolist()))
    assert len(measuring) == orders // 5


def test_no_more_carts_are_measured_than_asked_for() -> None:
    _, _, measuring = questions(planted(1000), with_values({"backtest": {"carts": 7}}))
    assert len(measuring) == 7


@pytest.mark.parametrize(("carts", "windows"), [(24_000, 2), (100, 1)])
def test_counts_and_histories_end_where_the_later_orders_begin(
    monkeypatch: pytest.MonkeyPatch, carts: int, windows: int
) -> None:
    """What is counted for a window, and the histories that it gets, are of the orders before it alone; where there are
    fewer later orders than carts are wanted, the window before them is as long as they are."""
    baskets = planted(600)
    later = len(baskets) - split(baskets, Config().backtest.holdout_share)
    counted, seen = [], []

    def counting(earlier, *rest):
        counted.append(len(earlier))
        return count(earlier, *rest)

    def fitting(windows, *rest):
        seen.extend(window for window in windows if len(window.carts.items))
        return fit(windows, *rest)

    count, fit = module.count, module.fit_ranker
    monkeypatch.setattr(module, "count", counting)
    monkeypatch.setattr(module, "fit_ranker", fitting)
    rehearsed(baskets, with_values({"ranker": {"carts": carts}}))
    borders = [len(baskets) - later, len(baskets) - 2 * later][:windows]
    assert counted == [len(window.shop.basket_norms) for window in seen] == borders
    for window, stop in zip(seen, [len(baskets), borders[0]], strict=False):
        assert window.past.times.max() < window.carts.times.min()
        assert window.carts.baskets.min() >= len(window.shop.basket_norms)
        assert window.carts.baskets.max() < stop


def test_where_no_ranking_is_fitted_nothing_is_counted_for_the_window_before(monkeypatch: pytest.MonkeyPatch) -> None:
    baskets = planted(600)
    counted, count = [], module.count

    def counting(earlier, *rest):
        counted.append(len(earlier))
        return count(earlier, *rest)

    monkeypatch.setattr(module, "count", counting)
    found = rehearsed(baskets, with_values({"ranker": {"min_orders": 1000, "encoder_items": 0}}))
    assert counted == [split(baskets, Config().backtest.holdout_share)]
    assert found.rankings.cart.carts == found.rankings.home.carts == 0


@pytest.mark.parametrize(
    ("orders", "holdout", "wanted", "first"),
    [
        (600, 0.1, 61, 360),
        (600, 0.1, 60, None),
        (3000, 0.1, 24_000, 2400),
        (40, 0.25, 100, None),
        (600, 0.4, 900, None),
    ],
)
def test_the_window_before_the_later_orders(orders: int, holdout: float, wanted: int, first: int | None) -> None:
    """Ten orders a day. Of 600 the last fifth is later, 120, and 60 carts are half a cart of each; of 3,000 it is the
    last tenth; of 40 and .25 half is later, as much as is left."""
    baskets, config = planted(orders), with_values({"backtest": {"holdout_share": holdout}})
    border, catalog = split(baskets, holdout), planted_catalog(baskets)
    found = list(module._window_before(baskets, border, wanted, catalog, config))
    assert [len(window.shop.basket_norms) for window in found] == ([] if first is None else [first])
    for window in found:
        assert window.orders <= border - first
        assert window.carts.baskets.max() < border


@pytest.fixture(scope="module")
def fitted() -> Rehearsal:
    """Of a thousand orders the last two hundred are later, enough for every stage."""
    return rehearsed(planted(1000))


@pytest.fixture(scope="module")
def small() -> Rehearsal:
    return rehearsed(planted(700))


def test_a_planted_shop_is_ranked_better_than_by_bestsellers(fitted: Rehearsal) -> None:
    found = fitted
    assert found.measured is not None
    figures = found.measured.as_json()
    assert figures["hr10"] > figures["bestsellers_hr10"] + 0.2
    assert found.rankings.cart.carts > 0
    assert found.notes == ()
    assert figures["expected_hits"] == pytest.approx(figures["hits"], rel=0.35)


def test_a_shop_without_signal_is_ranked_about_as_bestsellers_are() -> None:
    found = rehearsed(alone(1000))
    assert found.measured is not None
    figures = found.measured.as_json()
    assert figures["hr10"] > figures["bestsellers_hr10"] - 0.15
    assert not found.measured.loses_to_bestsellers()


@pytest.mark.parametrize("known", [slice(820, None), slice(None, 780), slice(0, 0)])
def test_a_shop_that_knows_its_customers_only_of_late_or_no_more(known: slice) -> None:
    """Of a thousand orders the last fifth is later: who comes only there has no orders before, like a stranger."""
    baskets = planted(1000)
    customers = np.full(1000, -1, np.int32)
    customers[known] = baskets.customers[known]
    found = rehearsed(replace(baskets, customers=customers), FEW_CARTS)
    assert found.measured is not None
    assert found.rankings.cart.carts > 0
    assert bool(found.rankings.home.carts) == (found.measured_home is not None) == (known.stop is None)


def test_two_rehearsals_give_the_same_weights(small: Rehearsal) -> None:
    one, other = (found.rankings.cart.weights for found in (small, rehearsed(planted(700))))
    np.testing.assert_array_equal(one.blend, other.blend)
    for name in one.network._fields:
        np.testing.assert_array_equal(getattr(one.network, name), getattr(other.network, name))
    assert one.spread.tolist() == other.spread.tolist()


def test_another_seed_gives_other_weights(small: Rehearsal) -> None:
    one = small.rankings.cart.weights
    other = rehearsed(planted(700), with_values({"seed": 1})).rankings.cart.weights
    assert one.blend.tolist() != other.blend.tolist()


@pytest.mark.parametrize(
    ("least", "least_for_network", "blend_fitted", "network_fitted"),
    [(10_000, 10_000, False, False), (30, 10_000, True, False), (30, 150, True, True)],
)
def test_each_stage_is_fitted_where_there_are_orders_for_it(
    fitted: Rehearsal, least: int, least_for_network: int, *, blend_fitted: bool, network_fitted: bool
) -> None:
    config = with_values({"ranker": {"min_orders": least, "min_network_orders": least_for_network}})
    found = fitted if config == Config() else rehearsed(planted(1000), config)
    assert (found.rankings.cart.weights.blend.tolist() != BLEND_WEIGHTS.tolist()) == blend_fitted
    assert bool(found.rankings.cart.carts) == blend_fitted
    assert (found.rankings.cart.loss is not None) == network_fitted
    assert ("no probability is given" in " ".join(found.notes)) == (not blend_fitted)


def test_without_later_baskets_of_two_known_items_nothing_is_measured() -> None:
    """The last fifth holds single items only."""
    baskets = planted(300)
    single = [[int(baskets.items[baskets.offsets[order]])] for order in range(240, 300)]
    offsets = np.concatenate([baskets.offsets[:240], baskets.offsets[240] + np.arange(61)])
    items = np.concatenate([baskets.items[: baskets.offsets[240]], np.ravel(single)]).astype(np.int32)
    lines = len(items)
    cut = replace(
        baskets,
        offsets=offsets,
        items=items,
        quantities=np.ones(lines, np.float32),
        prices=np.full(lines, np.nan),
        costs=np.full(lines, np.nan),
    )
    found = rehearsed(cut)
    assert (found.measured, found.rankings.cart.carts) == (None, 0)
    assert found.rankings.cart.weights.blend.tolist() == BLEND_WEIGHTS.tolist()
    assert "too few orders with two known items" in found.notes[0]


def test_a_shop_of_one_order() -> None:
    found = rehearsed(planted(1))
    assert found.measured is None
    assert len(planted_catalog(planted(1))) == ITEMS
