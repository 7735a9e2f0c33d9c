"""Every metric of a rule on a dozen baskets, worked by hand.

     1  bread butter jam        5  bread butter coffee      9  delivery milk
     2  bread butter jam        6  bread milk              10  milk tea
     3  bread butter milk       7  butter milk             11  tea wine
     4  bread butter            8  coffee delivery milk    12  wine

Baskets with the item: bread 6 (1-6), butter 6 (1-5, 7), milk 6 (3, 6-10), coffee 2, delivery 2, jam 2, tea 2, wine 2.
n = 12 baskets. Sizes 3 3 3 2 3 2 2 3 2 2 2 1: together s = 28 lines, and s(s-1) = 5 * 6 + 6 * 2 + 0 = 42.

bread => butter     both 5, antecedent 6, consequent 6
    support     5 / 12                                                  = 0.416667
    confidence  5 / 6                                                   = 0.833333
    Wilson      z = 1.959964, z^2 = 3.841459, n = 6, p = 5/6
        middle  (0.833333 + 3.841459 / 12) / (1 + 3.841459 / 6)         = 1.153455 / 1.640243 = 0.703222
        reach   1.959964 sqrt(5/36 / 6 + 3.841459 / 144) / 1.640243
                = 1.959964 sqrt(0.023148 + 0.026677) / 1.640243         = 0.266725
        low, high                                                       = 0.436497, 0.969947
    lift        5 * 12 / (6 * 6)                                        = 5 / 3
    leverage    5/12 - 6/12 * 6/12                                      = 1 / 6
    conviction  expected breaks 6 * 6 / 12 = 3, real breaks 1           = 3
    cosine      5 / sqrt(6 * 6)                                         = 5 / 6
    Jaccard     5 / (6 + 6 - 5)                                         = 5 / 7
    LLR         cells 5 1 1 5, each 3 expected:
                2 (5 ln 5/3 + ln 1/3 + ln 1/3 + 5 ln 5/3)               = 20 ln 5/3 - 4 ln 3 = 5.822063

jam => bread        both 2, antecedent 2, consequent 6: no basket breaks it
    support 1/6, confidence 1, lift 2 * 12 / (2 * 6) = 2, leverage 1/6 - 1/6 * 1/2 = 1/12, conviction infinite,
    cosine 2 / sqrt(12) = 0.577350, Jaccard 2 / 6 = 1/3
    Wilson      p = 1, n = 2: low = 2 / (2 + z^2) = 0.342380, high = 1
    LLR         cells 2 0 4 6, expected 1 1 5 5: 2 (2 ln 2 + 0 + 4 ln 4/5 + 6 ln 6/5) = 3.175299

milk => bread       both 2, antecedent 6, consequent 6: they repel
    support 1/6, confidence 1/3, lift 2 * 12 / 36 = 2/3, leverage 1/6 - 1/4 = -1/12,
    conviction expected breaks 3, real breaks 4 = 3/4, cosine 1/3, Jaccard 2 / 10 = 1/5
    Wilson      (1/3 + 0.320122 -+ 1.959964 sqrt(2/9 / 6 + 0.026677)) / 1.640243 = 0.096771, 0.700007
    LLR         cells 2 4 4 2, each 3 expected: 2 (2 * 2 ln 2/3 + 2 * 4 ln 4/3) = 1.359192

tea => jam          both 0, antecedent 2, consequent 2
    support 0, confidence 0, low 0, lift 0, leverage -1/36, conviction 2 * 10 / 12 / 2 = 5/6, cosine 0, Jaccard 0
    Wilson      high = z^2 / (2 + z^2) = 0.657620
    LLR         cells 0 2 2 8, expected 1/3 5/3 5/3 25/3: 2 (0 + 2 ln 6/5 + 2 ln 6/5 + 8 ln 24/25) = 0.805421

Luck of bread and butter: expected 6 * 6 * 42 / 28^2 = 27/14 = 1.928571 meetings;
    P(X >= 5) = 1 - e^-1.928571 (1 + 1.928571 + 1.859694 + 1.195517 + 0.576411) = 1 - 0.145355701 * 6.560193 = 0.046439

{bread, butter} => jam, 2 of 5: the baskets with bread and butter (1-5) have 1 + 1 + 1 + 0 + 1 = 4 lines besides them.
    from bread => jam: 2 jams on the 2 + 2 + 2 + 1 + 2 + 1 = 10 other lines beside bread: expected 2 * 4 / 10 = 0.8
    from butter => jam: the same 0.8; from jam alone: 2 jams on 28 lines: 2 * 4 / 28 = 0.285714
    the hardest to beat is 0.8: P(X >= 2) = 1 - e^-0.8 (1 + 0.8) = 0.191208
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import sparse

from recommender.evidence import wilson_interval
from training.common_baskets import by_item, free_lines
from training.config import CountConfig
from training.counting import BasketLines, count_pairs
from training.counting.customers import Buyers
from training.itemsets import frequent_itemsets
from training.pairs import item_orders
from training.rule_metrics import RuleMetrics, rule_metrics
from training.rules import long_rules
from training.significance import chance_per_pair, claim_pairs, luck

ITEMS = ("bread", "butter", "coffee", "delivery", "jam", "milk", "tea", "wine")
BASKETS = (
    "bread butter jam",
    "bread butter jam",
    "bread butter milk",
    "bread butter",
    "bread butter coffee",
    "bread milk",
    "butter milk",
    "coffee delivery milk",
    "delivery milk",
    "milk tea",
    "tea wine",
    "wine",
)
BREAD, BUTTER, _, _, JAM, MILK, TEA, _ = range(8)
MATRIX = sparse.csr_matrix([[int(item in basket.split()) for item in ITEMS] for basket in BASKETS])

BY_HAND = {
    (BREAD, BUTTER): (5 / 12, 5 / 6, 0.436497, 0.969947, 5 / 3, 1 / 6, 3.0, 5 / 6, 5 / 7, 5.822063),
    (JAM, BREAD): (1 / 6, 1.0, 0.342380, 1.0, 2.0, 1 / 12, math.inf, 0.577350, 1 / 3, 3.175299),
    (MILK, BREAD): (1 / 6, 1 / 3, 0.096771, 0.700007, 2 / 3, -1 / 12, 3 / 4, 1 / 3, 1 / 5, 1.359192),
    (TEA, JAM): (0.0, 0.0, 0.0, 0.657620, 0.0, -1 / 36, 5 / 6, 0.0, 0.0, 0.805421),
}


def counts(antecedent: int, consequent: int) -> tuple[int, int, int, int]:
    orders = item_orders(MATRIX)
    both = count_pairs(MATRIX)[antecedent, consequent]
    return int(both), int(orders[antecedent]), int(orders[consequent]), MATRIX.shape[0]


@pytest.mark.parametrize(("rule", "expected"), BY_HAND.items())
def test_every_metric_is_what_the_hand_worked_out(rule: tuple[int, int], expected: tuple[float, ...]) -> None:
    metrics = rule_metrics(*counts(*rule))

    assert tuple(float(getattr(metrics, name)) for name in RuleMetrics.__annotations__) == pytest.approx(
        expected, abs=1e-6
    )


@pytest.mark.parametrize("rule", BY_HAND)
def test_the_interval_shown_to_a_shopper_is_the_same(rule: tuple[int, int]) -> None:
    both, antecedent, *_ = counts(*rule)
    metrics = rule_metrics(*counts(*rule))

    assert wilson_interval(both, antecedent) == pytest.approx(
        (float(metrics.confidence_low), float(metrics.confidence_high)), abs=1e-12
    )


def test_luck_of_a_pair() -> None:
    sizes = np.diff(MATRIX.indptr)
    assert chance_per_pair(sizes) == pytest.approx(42 / 28**2)

    expected = 6 * 6 * chance_per_pair(sizes)

    assert expected == pytest.approx(27 / 14)
    assert float(luck(np.array(5), np.array(expected))) == pytest.approx(0.046439, abs=1e-6)


def test_the_one_pair_that_could_be_tested_is_claimed() -> None:
    config = CountConfig(min_item_orders=6, min_pair_count=2, false_discovery_rate=0.15)

    lines = BasketLines.of(MATRIX)
    claims = claim_pairs(lines, Buyers(lines, None), config)

    # bread, butter and milk are eligible: 3 pairs are tested, and 0.046439 <= 0.15 / 3
    assert claims.tested == 3
    assert list(zip(claims.rows.tolist(), claims.columns.tolist(), strict=True)) == [(BREAD, BUTTER)]
    assert claims.p_values == pytest.approx([0.046439], abs=1e-6)


def test_lines_besides_an_itemset() -> None:
    held, sizes = by_item(MATRIX), np.diff(MATRIX.indptr).astype(np.int64)

    assert free_lines(held, np.array([[BREAD], [BUTTER]], np.int32), sizes).tolist() == [10, 10]
    assert free_lines(held, np.array([[BREAD, BUTTER]], np.int32), sizes).tolist() == [4]


def test_a_longer_rule_beats_every_shorter_one_or_is_not_kept() -> None:
    itemsets = frequent_itemsets(MATRIX, 2, max_len=3)
    # {bread, butter} => jam has the p-value 0.191208, and 6 frequent pairs x 6 further items = 36 are tested: the bound
    # is 0.9 / 36. {bread, jam} => butter (2 of 2) wins nothing over jam => butter (2 of 2): its p-value is 1.
    strict = long_rules(itemsets, MATRIX, CountConfig(min_pair_count=2, false_discovery_rate=0.9))

    assert len(strict.counts) == 0
    assert itemsets.of_length(3)[0].tolist() == [[BREAD, BUTTER, JAM]]
