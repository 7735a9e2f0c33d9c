"""What is written in the processor's own words, against plain sums."""

import numpy as np
import pytest

from recommender.ranker.compiled import compiled
from recommender.ranker.processor import LANES, LINE, UNITS, fetch, weigh


@compiled
def weighed(values, weights, bias):
    units = np.zeros((len(bias), values.shape[1]), np.float32)
    for unit in range(0, len(bias), UNITS):
        for place in range(0, values.shape[1], LANES):
            weigh(units, unit, place, values, weights, bias)
    return units


@compiled
def fetched_sum(values):
    total = 0
    for place in range(0, len(values), LINE):
        fetch(values, place + 1000 * LINE)
        total += values[place]
    return total


@pytest.mark.parametrize("units", [1, UNITS - 1, UNITS, 2 * UNITS + 1])
@pytest.mark.parametrize(("entering", "tiles"), [(0, 1), (1, 2), (7, 3)])
def test_sums_of_any_number_of_units(units: int, entering: int, tiles: int) -> None:
    random = np.random.default_rng(units + entering)
    values = random.integers(-9, 9, (entering, tiles * LANES)).astype(np.float32)
    weights, bias = random.integers(-9, 9, (entering, units)), random.integers(-9, 9, units)
    found = weighed(values, weights.astype(np.float32), bias.astype(np.float32))
    np.testing.assert_array_equal(found, weights.T @ values + bias[:, None])


def test_memory_asked_for_beyond_an_array_does_no_harm() -> None:
    assert fetched_sum(np.arange(64)) == 0 + 16 + 32 + 48
