"""The models of visits and of money, against values worked by hand, published ones, quadrature and simulation."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import betaincinv

from training.customers.bg_nbd import BetaGeometric, Visits, fit_visits
from training.customers.gamma_gamma import GammaGamma, fit_money

CDNOW = BetaGeometric(0.243, 4.414, 0.793, 2.426, first_may_be_last=False)
"""The published fit, in weeks: Fader, Hardie & Lee 2005, table 2."""
FIRST_OF_CDNOW = (2.0, 30.43, 38.86)


def one(repeats: float, recency: float, age: float) -> Visits:
    return Visits(np.array([repeats]), np.array([recency]), np.array([age]))


def test_the_published_fit_gives_the_published_values() -> None:
    customer = one(*FIRST_OF_CDNOW)

    assert CDNOW.log_likelihood(customer)[0] == pytest.approx(-9.4596, abs=2e-3)
    assert CDNOW.expected(customer, 39)[0] == pytest.approx(1.226, abs=1e-3)


@pytest.mark.parametrize(
    ("first_may_be_last", "customer", "likelihood", "alive"),
    [
        (False, (0, 0, 1), 1 / 2, 1.0),
        (True, (0, 0, 1), 1 / 4 + 1 / 2, 1 / 3),
        (False, (1, 1, 3), 1 / 32 + 1 / 8, 1 / 5),
        (True, (1, 1, 3), 1 / 48 + 1 / 24, 1 / 3),
    ],
)
def test_likelihood_and_chance_of_being_alive_worked_by_hand(
    first_may_be_last: bool, customer: tuple[float, float, float], likelihood: float, alive: float
) -> None:
    model = BetaGeometric(1, 1, 1, 1, first_may_be_last)

    assert np.exp(model.log_likelihood(one(*customer)))[0] == pytest.approx(likelihood)
    assert model.alive(one(*customer))[0] == pytest.approx(alive)


@pytest.mark.parametrize("first_may_be_last", [True, False])
@pytest.mark.parametrize("a", [0.4, 1.0, 1.7])
@pytest.mark.parametrize("customer", [(0, 0, 5), (3, 40, 60), (300, 900, 910), (5_000, 980, 980)])
def test_expected_visits_are_those_of_quadrature(
    first_may_be_last: bool, a: float, customer: tuple[float, float, float]
) -> None:
    model, (x, _, age) = BetaGeometric(0.5, 6.0, a, 2.4, first_may_be_last), customer
    stays = x + first_may_be_last

    def visits(level: float) -> float:
        p = betaincinv(a, 2.4 + stays, level)
        return -np.expm1(-(0.5 + x) * np.log1p(p * 365 / (6.0 + age))) / p

    of_alive = sum(quad(visits, low, high, limit=200)[0] for low, high in pairwise((1e-12, 1e-4, 0.01, 0.5, 0.99, 1)))
    asked = one(*customer)
    assert model.expected(asked, 365)[0] == pytest.approx(of_alive * model.alive(asked)[0], rel=2e-4)


def test_far_parameters_and_many_visits_overflow_nowhere() -> None:
    visits = Visits(np.array([0.0, 5.0, 1e5]), np.array([0.0, 30.0, 3_000.0]), np.array([0.0, 3_000.0, 3_000.0]))
    for model in (
        BetaGeometric(0.2, 4, 3_000, 2e4),
        BetaGeometric(1e-4, 1e5, 1e-4, 1e5),
        BetaGeometric(50, 1e-3, 20, 1e-3),
    ):
        assert np.isfinite(model.log_likelihood(visits)).all()
        for found in (model.expected(visits, 3_650), model.alive(visits)):
            assert np.isfinite(found).all()
            assert (found >= 0).all()


def simulated(truth: BetaGeometric, customers: int, later: float) -> tuple[Visits, np.ndarray]:
    """Customers who live by the model, and their visits in the days after."""
    rng = np.random.default_rng(7)
    rates = rng.gamma(truth.r, 1 / truth.alpha, customers)
    leaves = rng.beta(truth.a, truth.b, customers)
    ages = rng.uniform(100, 300, customers)
    seen, after = [], []
    for rate, leave, age in zip(rates, leaves, ages, strict=True):
        time, times = 0.0, [0.0]
        alive = not (truth.first_may_be_last and rng.random() < leave)
        while alive and (time := time + rng.exponential(1 / max(rate, 1e-12))) < age + later:
            times.append(time)
            alive = rng.random() >= leave
        before = [moment for moment in times if moment <= age]
        seen.append((len(before) - 1, before[-1], age))
        after.append(len(times) - len(before))
    return Visits(*np.array(seen, np.float64).T), np.array(after)


@pytest.mark.parametrize("first_may_be_last", [True, False])
def test_the_parameters_of_simulated_customers_are_found(first_may_be_last: bool) -> None:
    truth = BetaGeometric(0.6, 12.0, 0.8, 2.5, first_may_be_last)
    visits, later = simulated(truth, 6_000, 200)

    found = fit_visits(visits, first_may_be_last=first_may_be_last)

    assert (found.r, found.alpha) == pytest.approx((0.6, 12.0), rel=0.15)
    assert found.a / (found.a + found.b) == pytest.approx(0.8 / 3.3, rel=0.15)
    assert found.log_likelihood(visits).sum() >= truth.log_likelihood(visits).sum() - 1
    assert found.expected(visits, 200).sum() == pytest.approx(later.sum(), rel=0.1)


def test_the_fit_does_not_depend_on_the_unit_of_time() -> None:
    visits, _ = simulated(BetaGeometric(0.6, 12.0, 0.8, 2.5), 500, 10)
    weeks = Visits(visits.repeats, visits.recency / 7, visits.age / 7)

    of_days, of_weeks = fit_visits(visits), fit_visits(weeks)

    assert of_weeks.alpha * 7 == pytest.approx(of_days.alpha, rel=1e-3)
    assert (of_weeks.a, of_weeks.b) == pytest.approx((of_days.a, of_days.b), rel=1e-3)


def test_the_likelihood_of_money_worked_by_hand() -> None:
    # p = 1, q = 2, gamma = 1, two visits of 3 on average: G(4)/(G(2)G(2)) * 3 * 2**2 / 7**4 = 72 / 2401
    found = GammaGamma(1, 2, 1).log_likelihood(np.array([2.0]), np.array([3.0]))

    assert np.exp(found)[0] == pytest.approx(72 / 2401)


def test_the_money_of_simulated_customers_is_found_and_shrunk() -> None:
    rng = np.random.default_rng(3)
    scales = rng.gamma(4.0, 1 / 15.0, 5_000)
    visits = rng.integers(1, 9, 5_000).astype(np.float64)
    means = rng.gamma(6.0 * visits) / scales / visits

    found = fit_money(visits, means)

    assert found is not None
    truth = GammaGamma(6.0, 4.0, 15.0)
    assert found.of_population == pytest.approx(30.0, rel=0.05)
    assert found.expected(visits, means) == pytest.approx(truth.expected(visits, means), rel=0.2)
    once = found.expected(np.array([1.0]), np.array([300.0]))[0]
    often = found.expected(np.array([50.0]), np.array([300.0]))[0]
    assert 30 < once < often < 300


def test_losses_and_gifts_count_without_being_fitted() -> None:
    rng = np.random.default_rng(0)
    visits, means = np.full(40, 3.0), rng.uniform(5, 50, 40)
    alone = fit_money(visits, means)

    among = fit_money(np.append(visits, [3.0, 2.0]), np.append(means, [-20.0, 0.0]))

    assert among == alone
    assert among is not None
    loss, gift = among.expected(np.array([3.0, 2.0]), np.array([-20.0, 0.0]))
    assert loss < gift < among.of_population


def test_too_few_customers_fit_no_money() -> None:
    assert fit_money(np.full(9, 2.0), np.full(9, 10.0)) is None
