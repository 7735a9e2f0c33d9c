"""Pieces learned from baskets, by hand and against a slow count."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.model import Pairs
from training.baskets import Baskets
from training.quantities import LEAST_BASKETS, pair_quantities


def one_pair(claimed: int = 1) -> Pairs:
    """Items 0 and 1, each the other's neighbour."""
    share = np.ones(2, np.float32)
    both = np.array([claimed, claimed], np.uint8)
    return Pairs(
        np.array([0, 1, 2]), np.array([1, 0], np.int32), np.array([9, 9], np.int32), share, share, share, both, both
    )


def orders(pieces: list[tuple[float, float]], countable: bool = True) -> Baskets:
    """An order a pair of quantities, of items 0 and 1."""
    n = len(pieces)
    return Baskets(
        item_ids=["a", "b"],
        customer_ids=[],
        offsets=np.arange(0, 2 * n + 1, 2),
        items=np.tile(np.array([0, 1], np.int32), n),
        quantities=np.array(pieces, np.float32).reshape(-1),
        prices=np.full(2 * n, np.nan),
        costs=np.full(2 * n, np.nan),
        times=np.arange(n),
        customers=np.full(n, -1, np.int32),
        countable=np.full(n, countable),
        returned=np.zeros(2),
        sold=np.zeros(2),
    )


def told(baskets: Baskets, pairs: Pairs | None = None) -> dict[int, tuple[float, float]]:
    found = pair_quantities(baskets, pairs or one_pair())
    values = zip(found.entries.tolist(), found.single.tolist(), found.several.tolist(), strict=True)
    return {entry: (single, several) for entry, single, several in values}


def test_as_many_batteries_as_detectors():
    """Five baskets with three of each tell a ratio of 1 both ways; beside one piece there is nothing to tell."""
    assert told(orders([(3, 3)] * 5)) == {0: (1.0, 1.0), 1: (1.0, 1.0)}
    assert told(orders([(3, 3)] * 4)) == {}


def test_two_tubes_to_a_tyre():
    """One tyre: 2, 2, 2, 2, 1, 1 tubes, so that two of three baskets had two; each tube had a tyre's half."""
    baskets = orders([(1, 2)] * 4 + [(1, 1)] * 2)
    assert told(baskets) == {0: (2.0, 0.0)}
    assert told(orders([(1, 2)] * 5 + [(1, 1)] * 2)) == {0: (2.0, 0.0), 1: (1.0, 0.5)}


def test_a_bare_majority_does_not_make_two():
    assert told(orders([(1, 2)] * 4 + [(1, 1)] * 3)) == {}


def test_one_piece_always_is_not_kept():
    assert told(orders([(1, 1)] * 50)) == {}


def test_only_claimed_pairs_and_counted_baskets_tell():
    assert told(orders([(3, 3)] * 5), one_pair(claimed=0)) == {}
    assert told(orders([(3, 3)] * 5, countable=False)) == {}


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), max_size=30))
def test_against_a_slow_count(pieces):
    expected = {}
    for entry, (main, other) in enumerate(((0, 1), (1, 0))):
        ones = sorted(pair[other] for pair in pieces if pair[main] < 2)
        ratios = sorted(pair[other] / pair[main] for pair in pieces if pair[main] >= 2)
        single = ones[len(ones) // 3] if len(ones) >= LEAST_BASKETS else 1
        several = float(np.median(ratios)) if len(ratios) >= LEAST_BASKETS else 0.0
        if single > 1 or several > 0:
            expected[entry] = (float(single), float(np.float32(several)))
    assert told(orders([(float(a), float(b)) for a, b in pieces])) == expected


def test_no_basket_at_all():
    assert told(orders([])) == {}
